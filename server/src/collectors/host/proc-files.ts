import {
  CPU_MODES,
  type CpuMode,
  type CpuTimes,
  type DiskIoReading,
  type MemoryReading,
  type NetworkReading,
} from './host-reading.ts';

/** Parsers of files under /proc, as proc(5) describes them. Missing fields count as 0: old kernels have fewer. */

/** USER_HZ is 100 on every architecture that Linux runs Node on. */
const TICKS_PER_SECOND = 100;
const SECTOR_BYTES = 512;

/** The first line of /proc/stat, the number of cores, and the boot time. */
export function parseStat(text: string): { cpu: CpuTimes; cores: number; bootTimeSeconds: number } {
  const cpu: Partial<Record<CpuMode, number>> = {};
  const lines = text.split('\n');
  const ticks = fields(lines.find((line) => line.startsWith('cpu ')) ?? '').slice(1);
  for (const [index, mode] of CPU_MODES.entries()) cpu[mode] = numberAt(ticks, index) / TICKS_PER_SECOND;
  const bootTime = fields(lines.find((line) => line.startsWith('btime ')) ?? '');
  return {
    cpu: cpu as CpuTimes,
    cores: lines.filter((line) => /^cpu\d/.test(line)).length,
    bootTimeSeconds: numberAt(bootTime, 1),
  };
}

/** /proc/meminfo, whose kB are KiB. Kernels before 3.14 have no MemAvailable: free and caches stand in for it. */
export function parseMeminfo(text: string): MemoryReading {
  const kib = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([^:]+):\s+(\d+)/.exec(line);
    if (match) kib.set(match[1]!, Number(match[2]));
  }
  const bytes = (name: string) => (kib.get(name) ?? 0) * 1024;
  const caches = bytes('Buffers') + bytes('Cached') + bytes('SReclaimable');
  return {
    total: bytes('MemTotal'),
    free: bytes('MemFree'),
    available: kib.has('MemAvailable') ? bytes('MemAvailable') : bytes('MemFree') + caches,
    buffers: bytes('Buffers'),
    cached: bytes('Cached') + bytes('SReclaimable'),
    swapTotal: bytes('SwapTotal'),
    swapFree: bytes('SwapFree'),
  };
}

/** /proc/loadavg. */
export function parseLoadavg(text: string): [number, number, number] {
  const values = fields(text);
  return [numberAt(values, 0), numberAt(values, 1), numberAt(values, 2)];
}

/** /proc/uptime: seconds since boot. */
export function parseUptime(text: string): number {
  return numberAt(fields(text), 0);
}

/** /proc/net/dev: the interfaces that ever carried anything, loopback included. Old kernels write no space after the colon. */
export function parseNetDev(text: string): NetworkReading[] {
  return text.split('\n').flatMap((line) => {
    const colon = line.lastIndexOf(':');
    if (colon < 0) return [];
    const values = fields(line.slice(colon + 1));
    const reading = {
      interface: line.slice(0, colon).trim(),
      receiveBytes: numberAt(values, 0),
      receivePackets: numberAt(values, 1),
      receiveErrors: numberAt(values, 2),
      receiveDrops: numberAt(values, 3),
      transmitBytes: numberAt(values, 8),
      transmitPackets: numberAt(values, 9),
      transmitErrors: numberAt(values, 10),
      transmitDrops: numberAt(values, 11),
    };
    return reading.receivePackets + reading.transmitPackets > 0 ? [reading] : [];
  });
}

/** /proc/diskstats: the devices of `wholeDisks` (partitions would count twice) that were ever used. */
export function parseDiskstats(text: string, wholeDisks: ReadonlySet<string>): DiskIoReading[] {
  return text.split('\n').flatMap((line) => {
    const values = fields(line);
    const device = values[2] ?? '';
    const reading = {
      device,
      reads: numberAt(values, 3),
      readBytes: numberAt(values, 5) * SECTOR_BYTES,
      writes: numberAt(values, 7),
      writtenBytes: numberAt(values, 9) * SECTOR_BYTES,
      busySeconds: numberAt(values, 12) / 1000,
    };
    const used = reading.reads + reading.writes > 0;
    return used && wholeDisks.has(device) && !/^(loop|ram)\d/.test(device) ? [reading] : [];
  });
}

function fields(line: string): string[] {
  return line.trim().split(/\s+/);
}

function numberAt(values: readonly string[], index: number): number {
  const value = Number(values[index] ?? 0);
  return Number.isFinite(value) ? value : 0;
}
