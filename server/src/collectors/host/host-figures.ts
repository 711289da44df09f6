import type { CpuTimes, DiskReading, HostReading, MemoryReading, NetworkReading } from './host-reading.ts';

/**
 * Percent of all cores that was busy between two readings; waiting for a disk is not busy. `undefined` where no time
 * has passed.
 */
export function cpuUsagePercent(before: CpuTimes, after: CpuTimes): number | undefined {
  const sum = (times: CpuTimes) => Object.values(times).reduce((total, seconds) => total + seconds, 0);
  const total = sum(after) - sum(before);
  const idle = after.idle + after.iowait - (before.idle + before.iowait);
  if (total <= 0) return undefined;
  return Math.min(100, Math.max(0, (1 - idle / total) * 100));
}

/** Used as free(1) says it: what is not available. */
export function usedMemory(memory: MemoryReading): number {
  return Math.max(0, memory.total - memory.available);
}

/** As df(1) says it: of what users can have, so that 100 means "nothing more can be written". */
export function diskUsagePercent(disk: DiskReading): number {
  return percent(disk.usedBytes, disk.usedBytes + disk.availableBytes);
}

export function percent(part: number, whole: number): number {
  return whole > 0 ? (part / whole) * 100 : 0;
}

/** Loopback never leaves the machine; what passes bridges and container links also passes a real interface. */
const NOT_IN_TOTALS = /^(lo\d*|veth.*|docker\d+|br-.*|virbr.*|cni.*|cali.*|flannel.*|podman\d+|dummy\d*)$/;

export interface NetworkRates {
  readonly receiveBytesPerSecond: number;
  readonly transmitBytesPerSecond: number;
}

/** Traffic of the machine between two readings; interfaces that came, went or were reset in between do not count. */
export function networkRates(before: HostReading, after: HostReading): NetworkRates | undefined {
  const seconds = (after.takenAt - before.takenAt) / 1000;
  if (seconds <= 0) return undefined;
  const known = new Map(before.network.map((reading) => [reading.interface, reading]));
  const sum = (counter: (reading: NetworkReading) => number) =>
    after.network
      .filter((reading) => !NOT_IN_TOTALS.test(reading.interface))
      .reduce((total, reading) => {
        const old = known.get(reading.interface);
        return total + (old ? Math.max(0, counter(reading) - counter(old)) : 0);
      }, 0) / seconds;
  return {
    receiveBytesPerSecond: sum((reading) => reading.receiveBytes),
    transmitBytesPerSecond: sum((reading) => reading.transmitBytes),
  };
}
