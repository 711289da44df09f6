import type { PromqlEngine, ResultSample } from '../../query/promql/index.ts';
import { instanceOf, keyText, type ServiceKey, serviceKeyOf } from './service-key.ts';

/**
 * Where the use of processor and memory comes from: what processes report of themselves, in this order. The first
 * metric that a service reports decides.
 *
 * Processor time, as OpenTelemetry (`process.cpu.time`), Prometheus' client libraries, and the runtimes' own metrics
 * (JVM, .NET, CPython) name it, after the translation to Prometheus names.
 */
const CPU_SECONDS = [
  'process_cpu_time_seconds_total',
  'process_cpu_seconds_total',
  'jvm_cpu_time_seconds_total',
  'dotnet_process_cpu_time_seconds_total',
  'process_runtime_cpython_cpu_time_seconds_total',
];

/**
 * Share of all processors (`process.cpu.utilization`): times their number where it is reported too, else times 1. The
 * JavaScript SDK's host metrics name no unit, so that their stored names have none.
 */
const CPU_RATIOS = ['process_cpu_utilization_ratio', 'process_cpu_utilization'];
const CPU_COUNT = 'system_cpu_logical_count';

/** Resident memory; of runtimes that report no more, their heap. */
const MEMORY_BYTES = [
  'process_memory_usage_bytes',
  'process_memory_usage',
  'process_resident_memory_bytes',
  'dotnet_process_memory_working_set_bytes',
  'process_runtime_cpython_memory_bytes{type="rss"}',
  'jvm_memory_used_bytes',
  'go_memory_used_bytes',
  'v8js_memory_heap_used_bytes',
];

/** Figures of one instance of a service. */
export interface InstanceFigure extends ServiceKey {
  readonly instance: string;
  readonly value: number;
  /** The host that it runs on, where the series say it. */
  readonly host: string | undefined;
}

export interface ProcessFigures {
  /** Percent of one core. */
  readonly cpu: readonly InstanceFigure[];
  readonly memory: readonly InstanceFigure[];
  /** 1 or 0 of each scraped target. */
  readonly up: readonly InstanceFigure[];
}

export async function readProcessFigures(promql: PromqlEngine, at: number): Promise<ProcessFigures> {
  const ask = async (query: string) => {
    const { result } = await promql.instant(query, at);
    return result.type === 'vector' ? result.samples : [];
  };
  const [seconds, ratios, count, memory, up, targets] = await Promise.all([
    // Most senders report every 10 to 15 s; OpenTelemetry's default is a minute.
    Promise.all(CPU_SECONDS.map((metric) => ask(`rate(${metric}[1m]) or rate(${metric}[150s])`))),
    Promise.all(CPU_RATIOS.map(ask)),
    ask(CPU_COUNT),
    Promise.all(MEMORY_BYTES.map(ask)),
    ask('up'),
    ask('target_info'),
  ]);
  const cpu = [...seconds.map(sumInstances), ...ratios.map((ratio) => timesCores(ratio, count))];
  return {
    cpu: firstSource(cpu).map((figure) => ({ ...figure, value: figure.value * 100 })),
    memory: withHosts(firstSource(memory.map(sumInstances)), targets),
    up: sumInstances(up),
  };
}

/** The series of an instance (modes of the processor, pools of memory) as one. */
function sumInstances(samples: readonly ResultSample[]): InstanceFigure[] {
  const sums = new Map<string, InstanceFigure>();
  for (const { labels, value } of samples) {
    const key = serviceKeyOf(labels);
    if (!key || Number.isNaN(value)) continue;
    const instance = instanceOf(labels);
    const text = `${keyText(key)}\u0000${instance}`;
    const sum = (sums.get(text)?.value ?? 0) + value;
    sums.set(text, { ...key, instance, value: sum, host: labels.host_name });
  }
  return [...sums.values()];
}

function timesCores(ratio: readonly ResultSample[], count: readonly ResultSample[]): InstanceFigure[] {
  const cores = new Map(sumInstances(count).map((figure) => [instanceText(figure), figure.value]));
  return sumInstances(ratio).map((figure) => ({
    ...figure,
    value: figure.value * (cores.get(instanceText(figure)) ?? 1),
  }));
}

function instanceText(figure: InstanceFigure): string {
  return `${keyText(figure)}\u0000${figure.instance}`;
}

/** Of several sources the first one that a service has. */
function firstSource(sources: readonly (readonly InstanceFigure[])[]): InstanceFigure[] {
  const known = new Set<string>();
  return sources.flatMap((figures) => {
    const fresh = figures.filter((figure) => !known.has(keyText(figure)));
    for (const figure of fresh) known.add(keyText(figure));
    return fresh;
  });
}

/** `target_info` names the host of an instance. */
function withHosts(figures: readonly InstanceFigure[], targets: readonly ResultSample[]): InstanceFigure[] {
  const hosts = new Map<string, string | undefined>();
  for (const { labels } of targets) hosts.set(`${labels.job}\u0000${labels.instance}`, labels.host_name);
  return figures.map((figure) => ({
    ...figure,
    host: figure.host ?? hosts.get(`${figure.service}\u0000${figure.instance}`),
  }));
}
