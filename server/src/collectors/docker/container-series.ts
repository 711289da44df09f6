import type { Labels } from '../../model/labels.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import type { ContainerReading } from './container-reading.ts';

/** The state and use of containers as series, labelled `container`, `container_id`, `image` and, if known, `service`. */
export function containerSeries(host: string, readings: readonly ContainerReading[], now: number): SeriesSamples[] {
  return readings.flatMap((reading) => {
    const labels = labelsOf(host, reading);
    return figures(reading).flatMap(([name, type, unit, value, help]) =>
      value === undefined ? [] : [{ name, labels, type, unit, help, timestamps: [now], values: [value] }],
    );
  });
}

function labelsOf(host: string, { id, name, image, service, environment }: ContainerReading): Labels {
  return {
    host,
    container: name,
    container_id: id.slice(0, 12),
    ...(image && { image }),
    ...(service && { service }),
    ...(environment && { environment }),
  };
}

type Figure = readonly [string, 'gauge' | 'counter', string, number | undefined, string];

function figures(reading: ContainerReading): Figure[] {
  const running = reading.state === 'running' ? 1 : 0;
  const started = reading.startedAt === undefined ? undefined : reading.startedAt / 1000;
  return [
    ['container_running', 'gauge', '', running, '1 while the container runs, else 0.'],
    ['container_healthy', 'gauge', '', healthy(reading), '1 or 0 by the health check of the container, if it has one.'],
    ['container_restarts_total', 'counter', '', reading.restartCount, 'Restarts by the engine.'],
    ['container_start_time_seconds', 'gauge', 'seconds', started, 'When the container was started, in Unix time.'],
    ...usageFigures(reading),
  ];
}

function healthy({ health }: ContainerReading): number | undefined {
  return health === 'healthy' ? 1 : health === 'unhealthy' ? 0 : undefined;
}

function usageFigures({ usage }: ContainerReading): Figure[] {
  if (!usage) return [];
  const { memoryBytes: memory, memoryLimitBytes: limit } = usage;
  const bytes = (name: string, value: number, help: string): Figure => [
    `container_${name}_bytes_total`,
    'counter',
    'bytes',
    value,
    help,
  ];
  return [
    ['container_cpu_usage_percent', 'gauge', 'percent', usage.cpuPercent, 'Processor use in percent of one core.'],
    ['container_cpu_usage_seconds_total', 'counter', 'seconds', usage.cpuSeconds, 'Processor time used.'],
    ['container_memory_usage_bytes', 'gauge', 'bytes', memory, 'Memory in use, without reclaimable page cache.'],
    ['container_memory_limit_bytes', 'gauge', 'bytes', limit || undefined, 'Memory limit, or the memory of the host.'],
    ['container_memory_usage_percent', 'gauge', 'percent', memoryPercent(usage), 'Share of the memory limit in use.'],
    bytes('network_receive', usage.receiveBytes, 'Bytes received.'),
    bytes('network_transmit', usage.transmitBytes, 'Bytes sent.'),
    bytes('block_read', usage.readBytes, 'Bytes read from block devices.'),
    bytes('block_written', usage.writtenBytes, 'Bytes written to block devices.'),
    ['container_pids', 'gauge', '', usage.pids, 'Number of processes and threads.'],
  ];
}

/** Percent of the limit; `undefined` where either is unknown. */
export function memoryPercent(usage: {
  memoryBytes: number | undefined;
  memoryLimitBytes: number;
}): number | undefined {
  if (usage.memoryBytes === undefined || usage.memoryLimitBytes === 0) return undefined;
  return (usage.memoryBytes / usage.memoryLimitBytes) * 100;
}
