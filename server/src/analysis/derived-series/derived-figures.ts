import type { ServiceRed } from '../../stores/telemetry/index.ts';
import type { InstanceFigure, ProcessFigures } from './process-figures.ts';
import { keyText, type ServiceKey } from './service-key.ts';

/** What the derived series need to know of a container; the collectors' reader fits. */
export interface ContainerFigures {
  /** Empty: of no service. */
  readonly service: string;
  readonly environment: string;
  readonly running: boolean;
  /** False where a health check says so. */
  readonly healthy: boolean;
  /** Of one core. */
  readonly cpuPercent: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly memoryPercent: number | undefined;
  readonly restartCount: number;
}

/** The machine that this process runs on. */
export interface HostFigures {
  readonly name: string;
  readonly memoryBytes: number;
}

export interface DerivedInputs {
  /** Requests of the last minute. */
  readonly red: readonly ServiceRed[];
  /** Services that had requests lately: without any in the last minute they have none. */
  readonly traced: readonly ServiceKey[];
  readonly process: ProcessFigures;
  /** Services whose processes reported lately: without any report now they are down. */
  readonly reporting: readonly ServiceKey[];
  readonly containers: readonly ContainerFigures[];
  readonly host: HostFigures | undefined;
  readonly windowSeconds: number;
}

/** Names of the derived series without the prefix `service_`. */
export type DerivedName =
  | 'cpu_usage_percent'
  | 'memory_usage_bytes'
  | 'memory_usage_percent'
  | 'requests_per_second'
  | 'error_percent'
  | 'latency_p50_ms'
  | 'latency_p95_ms'
  | 'latency_p99_ms'
  | 'up'
  | 'restarts_total';

export interface DerivedFigure extends ServiceKey {
  readonly name: DerivedName;
  readonly value: number;
}

/**
 * The derived figures of all services. Of several instances or containers of a service the one that uses most counts
 * (limits hold for each, and a sum would grow with every replica); restarts are summed.
 */
export function derivedFigures(inputs: DerivedInputs): DerivedFigure[] {
  const containers = placedContainers(inputs);
  const figures = [...requestFigures(inputs), ...useFigures(inputs, containers), ...upFigures(inputs, containers)];
  return figures.filter(({ value }) => Number.isFinite(value));
}

function requestFigures({ red, traced, windowSeconds }: DerivedInputs): DerivedFigure[] {
  const busy = new Set(red.map(keyText));
  const idle = traced.filter((key) => !busy.has(keyText(key)));
  return [
    ...red.flatMap((entry) => {
      const { p50, p95, p99 } = entry.latencyMs;
      return [
        figure(entry, 'requests_per_second', entry.requests / windowSeconds),
        figure(entry, 'error_percent', (entry.errors / entry.requests) * 100),
        figure(entry, 'latency_p50_ms', p50),
        figure(entry, 'latency_p95_ms', p95),
        figure(entry, 'latency_p99_ms', p99),
      ];
    }),
    ...idle.map((key) => figure(key, 'requests_per_second', 0)),
  ];
}

function figure({ service, environment }: ServiceKey, name: DerivedName, value: number): DerivedFigure {
  return { service, environment, name, value };
}

/** A container that does not name its environment is in that of its service, if there is only one. */
function placedContainers(inputs: DerivedInputs): ContainerFigures[] {
  const environments = new Map<string, Set<string>>();
  for (const { service, environment } of [...inputs.traced, ...inputs.reporting, ...inputs.red]) {
    const known = environments.get(service) ?? new Set();
    environments.set(service, known.add(environment));
  }
  return inputs.containers
    .filter(({ service }) => service !== '')
    .map((container) => {
      const known = [...(environments.get(container.service) ?? [])];
      const isPlaced = container.environment !== '' || known.length !== 1;
      return isPlaced ? container : { ...container, environment: known[0]! };
    });
}

/** Processor and memory: from the processes themselves, else from the containers of the service. */
function useFigures({ process, host }: DerivedInputs, containers: readonly ContainerFigures[]): DerivedFigure[] {
  const running = containers.filter((container) => container.running);
  const cpu = ownElse(process.cpu, valuesOf(running, 'cpuPercent'));
  const memory = ownElse(process.memory, valuesOf(running, 'memoryBytes'));
  // A share is one of a limit: the container's, else of the memory of this host, for what runs on it.
  const contained = valuesOf(running, 'memoryPercent');
  const isContained = new Set(contained.map(({ service }) => service));
  const onThisHost = process.memory
    .filter((entry) => host && !isContained.has(entry.service) && (entry.host ?? host.name) === host.name)
    .map((entry) => ({ ...entry, value: (entry.value / host!.memoryBytes) * 100 }));
  return [
    ...highest(cpu, 'cpu_usage_percent'),
    ...highest(memory, 'memory_usage_bytes'),
    ...highest([...contained, ...onThisHost], 'memory_usage_percent'),
  ];
}

interface KeyedValue extends ServiceKey {
  readonly value: number;
}

function valuesOf(
  containers: readonly ContainerFigures[],
  field: 'cpuPercent' | 'memoryBytes' | 'memoryPercent',
): KeyedValue[] {
  return containers.flatMap((container) => {
    const value = container[field];
    const { service, environment } = container;
    return value === undefined ? [] : [{ service, environment, value }];
  });
}

function ownElse(own: readonly InstanceFigure[], others: readonly KeyedValue[]): KeyedValue[] {
  const known = new Set(own.map(({ service }) => service));
  return [...own, ...others.filter(({ service }) => !known.has(service))];
}

function highest(values: readonly KeyedValue[], name: DerivedName): DerivedFigure[] {
  return grouped(values).map((group) => figure(group[0]!, name, Math.max(...group.map(({ value }) => value))));
}

function grouped<Item extends ServiceKey>(items: readonly Item[]): Item[][] {
  return [...Map.groupBy(items, keyText).values()];
}

/**
 * Whether a service is up, by the first that tells: its containers (one runs and is not unhealthy), its scrapes (one
 * succeeds), its processes' own metrics (they come), its requests (there were some in the last minutes). A service
 * that is known by requests alone and has none is neither up nor down.
 */
function upFigures(inputs: DerivedInputs, containers: readonly ContainerFigures[]): DerivedFigure[] {
  const decided = new Set<string>();
  const decide = (entries: readonly KeyedValue[]) => {
    const fresh = grouped(entries.filter((entry) => !decided.has(entry.service)));
    for (const [entry] of fresh) decided.add(entry!.service);
    return fresh.map((group) => figure(group[0]!, 'up', Math.max(...group.map(({ value }) => value)) > 0 ? 1 : 0));
  };
  const present = new Set([...inputs.process.cpu, ...inputs.process.memory].map(keyText));
  const ups = [
    ...decide(containers.map((container) => ({ ...container, value: container.running && container.healthy ? 1 : 0 }))),
    ...decide(inputs.process.up),
    ...decide(inputs.reporting.map((key) => ({ ...key, value: present.has(keyText(key)) ? 1 : 0 }))),
    ...decide(inputs.red.map((entry) => ({ ...entry, value: 1 }))),
  ];
  const restarts = grouped(containers).map((group) =>
    figure(
      group[0]!,
      'restarts_total',
      group.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ),
  );
  return [...ups, ...restarts];
}
