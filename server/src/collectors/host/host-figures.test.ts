import { expect, it } from 'vitest';
import { cpuUsagePercent, diskUsagePercent, networkRates } from './host-figures.ts';
import type { CpuTimes, HostReading, NetworkReading } from './host-reading.ts';

const times = (part: Partial<CpuTimes>): CpuTimes => ({
  user: 0,
  nice: 0,
  system: 0,
  idle: 0,
  iowait: 0,
  irq: 0,
  softirq: 0,
  steal: 0,
  ...part,
});

it('cpuUsagePercent: neither idling nor waiting for a disk is usage', () => {
  const before = times({ user: 100, idle: 1000, iowait: 10 });
  expect(cpuUsagePercent(before, times({ user: 104, system: 1, idle: 1013, iowait: 12 }))).toBe(25);
  expect(cpuUsagePercent(before, times({ user: 110, idle: 1000, iowait: 10 }))).toBe(100);
  expect(cpuUsagePercent(before, before)).toBeUndefined();
  // iowait may go back on some kernels.
  expect(cpuUsagePercent(before, times({ user: 101, idle: 1000, iowait: 9.5 }))).toBe(100);
});

it('diskUsagePercent: blocks reserved for root do not count, as in df', () => {
  expect(diskUsagePercent({ mount: '/', totalBytes: 1000, usedBytes: 475, availableBytes: 475 })).toBe(50);
});

it('networkRates: loopback and container links do not count, nor do interfaces that were reset', () => {
  const at = (takenAt: number, bytes: Record<string, number>) =>
    ({
      takenAt,
      network: Object.entries(bytes).map(
        ([name, count]) => ({ interface: name, receiveBytes: count, transmitBytes: 2 * count }) as NetworkReading,
      ),
    }) as unknown as HostReading;
  const before = at(1000, { lo: 0, eth0: 1000, eth1: 500, veth1: 0, wlan0: 9000 });
  const after = at(6000, { lo: 99_999, eth0: 2000, eth1: 1000, veth1: 77_777, wlan0: 10, eth9: 4444 });
  expect(networkRates(before, after)).toEqual({ receiveBytesPerSecond: 300, transmitBytesPerSecond: 600 });
  expect(networkRates(before, at(1000, { eth0: 2000 }))).toBeUndefined();
});
