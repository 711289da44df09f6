import { readdir, readFile, statfs } from 'node:fs/promises';
import os from 'node:os';
import type { CpuTimes, DiskReading, HostReading } from './host-reading.ts';
import { parseMounts } from './mounts.ts';
import { parseDiskstats, parseLoadavg, parseMeminfo, parseNetDev, parseStat, parseUptime } from './proc-files.ts';

/** Looks at this machine: /proc on Linux, what Node knows elsewhere. */
export function readHost(now: number): Promise<HostReading> {
  return process.platform === 'linux' ? readLinux(now) : readElsewhere(now);
}

async function readLinux(now: number): Promise<HostReading> {
  const [stat, meminfo, loadavg, uptime, netDev, diskstats, mounts, wholeDisks, entries] = await Promise.all([
    readFile('/proc/stat', 'utf8'),
    readFile('/proc/meminfo', 'utf8'),
    readFile('/proc/loadavg', 'utf8'),
    readFile('/proc/uptime', 'utf8'),
    // Sandboxes and hardened containers hide some of these: their part is then empty.
    readFile('/proc/net/dev', 'utf8').catch(() => ''),
    readFile('/proc/diskstats', 'utf8').catch(() => ''),
    readFile('/proc/self/mounts', 'utf8').catch(() => '/ / ext4'),
    readdir('/sys/block').catch(() => []),
    readdir('/proc'),
  ]);
  return {
    takenAt: now,
    ...parseStat(stat),
    load: parseLoadavg(loadavg),
    memory: parseMeminfo(meminfo),
    disks: await readDisks(parseMounts(mounts)),
    diskIo: parseDiskstats(diskstats, new Set(wholeDisks)),
    network: parseNetDev(netDev),
    uptimeSeconds: parseUptime(uptime),
    processes: entries.filter((name) => /^\d+$/.test(name)).length,
  };
}

async function readElsewhere(now: number): Promise<HostReading> {
  const cpus = os.cpus();
  const [load1 = 0, load5 = 0, load15 = 0] = os.loadavg();
  const free = os.freemem();
  return {
    takenAt: now,
    cpu: sumCpus(cpus),
    cores: cpus.length,
    load: [load1, load5, load15],
    memory: { total: os.totalmem(), free, available: free, buffers: 0, cached: 0, swapTotal: 0, swapFree: 0 },
    disks: await readDisks(['/']),
    diskIo: [],
    network: [],
    uptimeSeconds: os.uptime(),
    bootTimeSeconds: Math.round(now / 1000 - os.uptime()),
    processes: undefined,
  };
}

function sumCpus(cpus: readonly os.CpuInfo[]): CpuTimes {
  const seconds = (mode: keyof os.CpuInfo['times']) => cpus.reduce((sum, cpu) => sum + cpu.times[mode] / 1000, 0);
  return {
    user: seconds('user'),
    nice: seconds('nice'),
    system: seconds('sys'),
    idle: seconds('idle'),
    irq: seconds('irq'),
    iowait: 0,
    softirq: 0,
    steal: 0,
  };
}

async function readDisks(mounts: readonly string[]): Promise<DiskReading[]> {
  const readings = await Promise.all(mounts.map((mount) => readDisk(mount).catch(() => undefined)));
  return readings.filter((reading) => reading !== undefined && reading.totalBytes > 0) as DiskReading[];
}

async function readDisk(mount: string): Promise<DiskReading> {
  const { bsize, blocks, bfree, bavail } = await statfs(mount);
  return {
    mount,
    totalBytes: blocks * bsize,
    usedBytes: (blocks - bfree) * bsize,
    availableBytes: bavail * bsize,
  };
}
