/** CPU modes as /proc/stat names them; `guest` time is part of `user`. */
export const CPU_MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
export type CpuMode = (typeof CPU_MODES)[number];

/** Seconds since boot spent in each mode, summed over all cores. */
export type CpuTimes = Readonly<Record<CpuMode, number>>;

/** All sizes in bytes. */
export interface MemoryReading {
  readonly total: number;
  readonly free: number;
  /** What new programs could get without swapping, caches given up. */
  readonly available: number;
  readonly buffers: number;
  readonly cached: number;
  readonly swapTotal: number;
  readonly swapFree: number;
}

export interface DiskReading {
  readonly mount: string;
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** What is left for unprivileged users. */
  readonly availableBytes: number;
}

/** Counters since boot. */
export interface DiskIoReading {
  readonly device: string;
  readonly reads: number;
  readonly readBytes: number;
  readonly writes: number;
  readonly writtenBytes: number;
  /** Time in which at least one request was under way. */
  readonly busySeconds: number;
}

/** Counters since boot. */
export interface NetworkReading {
  readonly interface: string;
  readonly receiveBytes: number;
  readonly receivePackets: number;
  readonly receiveErrors: number;
  readonly receiveDrops: number;
  readonly transmitBytes: number;
  readonly transmitPackets: number;
  readonly transmitErrors: number;
  readonly transmitDrops: number;
}

/** One look at the machine. Lists are empty where the platform does not say. */
export interface HostReading {
  /** Unix milliseconds. */
  readonly takenAt: number;
  readonly cpu: CpuTimes;
  readonly cores: number;
  /** 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number];
  readonly memory: MemoryReading;
  readonly disks: readonly DiskReading[];
  readonly diskIo: readonly DiskIoReading[];
  readonly network: readonly NetworkReading[];
  readonly uptimeSeconds: number;
  /** Unix seconds. */
  readonly bootTimeSeconds: number;
  readonly processes: number | undefined;
}
