import type { DiskForecast } from '../../analysis/capacity/index.ts';
import { type ContainerReading, type ContainersSnapshot, memoryPercent } from '../../collectors/docker/index.ts';
import type { HostSnapshot } from '../../collectors/host/index.ts';
import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import { type Containers, containers, type Infrastructure, infrastructure } from '../contract/infrastructure.ts';

export interface InfrastructureDependencies {
  /** `undefined` before the first reading. */
  readonly host: () => HostSnapshot | undefined;
  readonly containers: () => Promise<ContainersSnapshot>;
  readonly forecasts: (signal: AbortSignal) => Promise<readonly DiskForecast[]>;
}

export function infrastructureRoutes(dependencies: InfrastructureDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/monitoring/infrastructure',
      tag: 'monitoring',
      summary: 'Hosts, containers, and when disks will be full',
      scope: 'read',
      success: { status: 200, schema: infrastructure },
      handle: async ({ signal }): Promise<Infrastructure> => {
        const host = dependencies.host();
        const [{ items }, forecasts] = await Promise.all([dependencies.containers(), dependencies.forecasts(signal)]);
        return {
          hosts: host ? [{ ...host, disks: [...host.disks] }] : [],
          containers: countContainers(items),
          capacity: forecasts.map(describeForecast),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/api/monitoring/infrastructure/containers',
      tag: 'monitoring',
      summary: 'Containers of the Docker engine here; no engine is not an error',
      scope: 'read',
      success: { status: 200, schema: containers },
      handle: async (): Promise<Containers> => {
        const { engine, items } = await dependencies.containers();
        return { engine, items: items.map(describeContainer) };
      },
    }),
  ];
}

/** What is paused or restarting counts as neither running nor stopped. */
function countContainers(items: readonly ContainerReading[]): Infrastructure['containers'] {
  const count = (condition: (item: ContainerReading) => boolean) => items.filter(condition).length;
  return {
    running: count(({ state }) => state === 'running'),
    stopped: count(({ state }) => ['created', 'exited', 'dead', 'stopped', 'configured'].includes(state)),
    unhealthy: count(({ health, state }) => health === 'unhealthy' && state === 'running'),
  };
}

function describeForecast(forecast: DiskForecast): Infrastructure['capacity'][number] {
  return {
    resource: `disk ${forecast.mount} on ${forecast.host}`,
    used_percent: forecast.usedPercent,
    trend_per_day: forecast.trendPerDay,
    full_at: forecast.fullAt === undefined ? null : formatInstant(forecast.fullAt),
    confidence: forecast.confidence,
  };
}

function describeContainer(reading: ContainerReading): Containers['items'][number] {
  const { usage } = reading;
  return {
    id: reading.id,
    name: reading.name,
    image: reading.image,
    state: reading.state,
    health: reading.health,
    started_at: reading.startedAt === undefined ? null : formatInstant(reading.startedAt),
    restart_count: reading.restartCount,
    cpu_percent: usage?.cpuPercent ?? null,
    memory: {
      usage_bytes: usage?.memoryBytes ?? null,
      limit_bytes: usage?.memoryLimitBytes || null,
      usage_percent: (usage && memoryPercent(usage)) ?? null,
    },
    network: { receive_bytes: usage?.receiveBytes ?? null, transmit_bytes: usage?.transmitBytes ?? null },
    block_io: { read_bytes: usage?.readBytes ?? null, write_bytes: usage?.writtenBytes ?? null },
    pids: usage?.pids ?? null,
    labels: reading.labels,
    ...(reading.service && { service: reading.service }),
  };
}
