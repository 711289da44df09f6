import { describe, expect, it } from 'vitest';
import { parseMounts } from './mounts.ts';
import { parseDiskstats, parseLoadavg, parseMeminfo, parseNetDev, parseStat, parseUptime } from './proc-files.ts';

describe('parseStat', () => {
  it('reads modes in seconds, cores and the boot time', () => {
    const text = [
      'cpu  10000 200 3000 50000 400 0 60 7 500 0',
      'cpu0 5000 100 1500 25000 200 0 30 3 250 0',
      'cpu1 5000 100 1500 25000 200 0 30 4 250 0',
      'intr 123 4 5',
      'btime 1795422698',
      'processes 99',
    ].join('\n');
    expect(parseStat(text)).toEqual({
      cpu: { user: 100, nice: 2, system: 30, idle: 500, iowait: 4, irq: 0, softirq: 0.6, steal: 0.07 },
      cores: 2,
      bootTimeSeconds: 1_795_422_698,
    });
  });

  it('takes missing modes of old kernels as 0', () => {
    expect(parseStat('cpu 100 0 100 800\ncpu0 100 0 100 800\n').cpu).toMatchObject({ idle: 8, iowait: 0, steal: 0 });
  });
});

describe('parseMeminfo', () => {
  it('reads bytes', () => {
    const text = `MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    600 kB\nBuffers: 10 kB
Cached:   400 kB\nSReclaimable:  50 kB\nSwapTotal: 200 kB\nSwapFree: 150 kB\nHugePages_Total:       0\n`;
    expect(parseMeminfo(text)).toEqual({
      total: 1_024_000,
      free: 102_400,
      available: 614_400,
      buffers: 10_240,
      cached: 460_800,
      swapTotal: 204_800,
      swapFree: 153_600,
    });
  });

  it('estimates what is available on kernels that do not say', () => {
    const text = 'MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 10 kB\nCached: 400 kB\nSReclaimable: 50 kB\n';
    expect(parseMeminfo(text).available).toBe(560 * 1024);
  });
});

describe('parseNetDev', () => {
  it('reads counters, also without a space after the colon; unused interfaces are left out', () => {
    const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0
  ifb0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  eth0:847335678   20414    1    2    0     0          0         0  1366801   12629    3    4    0     0       0          0
`;
    const [lo, eth0, ...others] = parseNetDev(text);
    expect(lo).toMatchObject({ interface: 'lo', receiveBytes: 3193, transmitBytes: 3193 });
    expect(eth0).toEqual({
      interface: 'eth0',
      receiveBytes: 847_335_678,
      receivePackets: 20_414,
      receiveErrors: 1,
      receiveDrops: 2,
      transmitBytes: 1_366_801,
      transmitPackets: 12_629,
      transmitErrors: 3,
      transmitDrops: 4,
    });
    expect(others).toEqual([]);
  });
});

describe('parseDiskstats', () => {
  it('reads whole disks that were used', () => {
    const text = `   7       0 loop0 5 0 40 0 0 0 0 0 0 0 0
 254       0 vda 114205 3 7894474 1 21300 9 6454956 1 0 19464 1 0 0 0 0
 254       1 vda1 1 0 8 0 0 0 0 0 0 0 0
 253       0 zram0 0 0 0 0 0 0 0 0 0 0 0
`;
    expect(parseDiskstats(text, new Set(['loop0', 'vda', 'zram0']))).toEqual([
      {
        device: 'vda',
        reads: 114_205,
        readBytes: 7_894_474 * 512,
        writes: 21_300,
        writtenBytes: 6_454_956 * 512,
        busySeconds: 19.464,
      },
    ]);
  });
});

describe('parseMounts', () => {
  const f = (text: string, expected: string[]) => expect(parseMounts(text)).toEqual(expected);

  it('keeps real file systems, each device once', () => {
    f(
      `proc /proc proc rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/sda2 / ext4 rw 0 0
/dev/sda2 /var/lib/docker/bind ext4 rw 0 0
/dev/sda1 /boot/efi vfat rw 0 0
/dev/loop3 /snap/core/1 squashfs ro 0 0
nas:/export /mnt/nas nfs4 rw 0 0
tank/data /tank/data zfs rw 0 0
`,
      ['/', '/boot/efi', '/tank/data'],
    );
  });

  it('sees the overlay root of a container once, and names with spaces', () => {
    f('overlay / overlay rw 0 0\noverlay /x overlay rw 0 0\n/dev/sdb1 /mnt/my\\040disk xfs rw 0 0\n', [
      '/',
      '/mnt/my disk',
    ]);
  });

  it('prefers the real root over the one of the boot loader', () => {
    f('rootfs / rootfs rw 0 0\n/dev/vda / ext4 rw 0 0\n', ['/']);
  });
});

it('parseLoadavg and parseUptime', () => {
  expect(parseLoadavg('0.12 1.5 2.25 1/97 10289\n')).toEqual([0.12, 1.5, 2.25]);
  expect(parseUptime('1513.18 2817.68\n')).toBe(1513.18);
});
