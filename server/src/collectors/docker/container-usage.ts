import { listAt, numberAt, objectAt, textAt } from './json-access.ts';

/** What a running container uses. Counters run since it was started. */
export interface ContainerUsage {
  /** Percent of one core; `undefined` until a second reading says what was used in between. */
  readonly cpuPercent: number | undefined;
  readonly cpuSeconds: number;
  readonly memoryBytes: number | undefined;
  /** The container's limit, or the memory of the host. 0 where unknown. */
  readonly memoryLimitBytes: number;
  readonly receiveBytes: number;
  readonly transmitBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly pids: number | undefined;
}

/** Where the processor time of a container stood, for the difference to the next reading. */
export interface CpuReading {
  /** Unix milliseconds by the engine's clock. */
  readonly readAt: number;
  readonly totalNanoseconds: number;
}

/** An answer of `/containers/{id}/stats?stream=false`; `before` is our own reading before, if there was one. */
export function parseStats(stats: unknown, before?: CpuReading): { usage: ContainerUsage; cpu: CpuReading } {
  const cpu = {
    readAt: Date.parse(textAt(stats, 'read')),
    totalNanoseconds: numberAt(stats, 'cpu_stats', 'cpu_usage', 'total_usage') ?? 0,
  };
  const usage = {
    cpuPercent: cpuPercent(stats, cpu, before),
    cpuSeconds: cpu.totalNanoseconds / (isWindows(stats) ? 1e7 : 1e9),
    memoryBytes: memoryBytes(stats),
    memoryLimitBytes: numberAt(stats, 'memory_stats', 'limit') ?? 0,
    ...networkTotals(stats),
    ...blockIoTotals(stats),
    pids: numberAt(stats, 'pids_stats', 'current'),
  };
  return { usage, cpu };
}

/**
 * Percent of one core. Where the engine sent its reading before (`precpu_stats`), exactly as `docker stats` computes it;
 * with one-shot answers (and Podman, which sends none and counts only busy time as system time) from our own
 * reading before and the engine's clock, which is the same figure over a longer time.
 * https://github.com/docker/cli/blob/master/cli/command/container/stats_helpers.go
 */
function cpuPercent(stats: unknown, cpu: CpuReading, before: CpuReading | undefined): number | undefined {
  if (isWindows(stats)) return windowsCpuPercent(stats, cpu);
  const systemBefore = numberAt(stats, 'precpu_stats', 'system_cpu_usage') ?? 0;
  if (systemBefore > 0) {
    const used = cpu.totalNanoseconds - (numberAt(stats, 'precpu_stats', 'cpu_usage', 'total_usage') ?? 0);
    const system = (numberAt(stats, 'cpu_stats', 'system_cpu_usage') ?? 0) - systemBefore;
    return used > 0 && system > 0 ? (used / system) * onlineCpus(stats) * 100 : 0;
  }
  if (!before || !(cpu.readAt > before.readAt) || cpu.totalNanoseconds < before.totalNanoseconds) return undefined;
  return ((cpu.totalNanoseconds - before.totalNanoseconds) / ((cpu.readAt - before.readAt) * 1e6)) * 100;
}

/** Engines before 1.27 do not send `online_cpus`. */
function onlineCpus(stats: unknown): number {
  return numberAt(stats, 'cpu_stats', 'online_cpus') || listAt(stats, 'cpu_stats', 'cpu_usage', 'percpu_usage').length;
}

/** Windows engines count time in units of 100 ns. Before 1.54 only they set `num_procs`. */
function isWindows(stats: unknown): boolean {
  const system = textAt(stats, 'os_type');
  return system === '' ? (numberAt(stats, 'num_procs') ?? 0) > 0 : system === 'windows';
}

function windowsCpuPercent(stats: unknown, cpu: CpuReading): number {
  const elapsed = (cpu.readAt - Date.parse(textAt(stats, 'preread'))) * 1e4;
  const used = cpu.totalNanoseconds - (numberAt(stats, 'precpu_stats', 'cpu_usage', 'total_usage') ?? 0);
  return elapsed > 0 && used > 0 ? (used / elapsed) * 100 : 0;
}

/**
 * Memory as `docker stats` shows it: without the part of the page cache that can go at once. cgroup v1 calls it
 * `total_inactive_file`, v2 `inactive_file`. Same source as above.
 */
function memoryBytes(stats: unknown): number | undefined {
  const memory = objectAt(stats, 'memory_stats');
  const usage = numberAt(memory, 'usage');
  if (usage === undefined) return numberAt(memory, 'privateworkingset');
  const total = numberAt(memory, 'stats', 'total_inactive_file');
  if (total !== undefined && total < usage) return usage - total;
  const inactive = numberAt(memory, 'stats', 'inactive_file') ?? 0;
  return inactive < usage ? usage - inactive : usage;
}

function networkTotals(stats: unknown): { receiveBytes: number; transmitBytes: number } {
  // Engines before 1.21 sent one `network`.
  const networks = [...Object.values(objectAt(stats, 'networks')), objectAt(stats, 'network')];
  return {
    receiveBytes: networks.reduce<number>((sum, network) => sum + (numberAt(network, 'rx_bytes') ?? 0), 0),
    transmitBytes: networks.reduce<number>((sum, network) => sum + (numberAt(network, 'tx_bytes') ?? 0), 0),
  };
}

function blockIoTotals(stats: unknown): { readBytes: number; writtenBytes: number } {
  const entries = listAt(stats, 'blkio_stats', 'io_service_bytes_recursive');
  const sum = (operation: string) =>
    entries
      .filter((entry) => textAt(entry, 'op').toLowerCase() === operation)
      .reduce<number>((total, entry) => total + (numberAt(entry, 'value') ?? 0), 0);
  return {
    readBytes: sum('read') + (numberAt(stats, 'storage_stats', 'read_size_bytes') ?? 0),
    writtenBytes: sum('write') + (numberAt(stats, 'storage_stats', 'write_size_bytes') ?? 0),
  };
}
