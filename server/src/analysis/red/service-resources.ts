import type { TimeRange } from '../../model/time-range.ts';
import type { PromqlEngine } from '../../query/promql/index.ts';

/** The newest derived figures of a service; `undefined` where nothing tells. Over environments: see each. */
export interface ResourceFigures {
  /** Of one core; the highest. */
  readonly cpuPercent: number | undefined;
  /** The highest. */
  readonly memoryBytes: number | undefined;
  /** The highest. */
  readonly memoryPercent: number | undefined;
  /** The lowest: 0 where it is down anywhere. */
  readonly up: number | undefined;
  /** The sum. */
  readonly restarts: number | undefined;
}

interface Asked {
  readonly environment?: string | undefined;
  readonly signal?: AbortSignal;
}

/** PromQL strings are Go strings: JSON's are a part of them. */
function selector(service: string, { environment }: Asked): string {
  const environments = environment === undefined ? '' : `,environment=${JSON.stringify(environment)}`;
  return `service=${JSON.stringify(service)}${environments}`;
}

export async function readResources(
  promql: PromqlEngine,
  service: string,
  at: number,
  asked: Asked,
): Promise<ResourceFigures> {
  const names = 'service_(cpu_usage_percent|memory_usage_bytes|memory_usage_percent|up|restarts_total)';
  const query = `{__name__=~"${names}",${selector(service, asked)}}`;
  const { result } = await promql.instant(query, at, { signal: asked.signal });
  const values = (name: string) =>
    result.type === 'vector'
      ? result.samples.filter(({ labels }) => labels.__name__ === `service_${name}`).map(({ value }) => value)
      : [];
  return {
    cpuPercent: highest(values('cpu_usage_percent')),
    memoryBytes: highest(values('memory_usage_bytes')),
    memoryPercent: highest(values('memory_usage_percent')),
    up: lowest(values('up')),
    restarts: total(values('restarts_total')),
  };
}

function highest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values);
}

function lowest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values);
}

function total(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

export async function readResourceSeries(
  promql: PromqlEngine,
  service: string,
  grid: { range: TimeRange; stepMs: number },
  asked: Asked,
): Promise<{ cpuPercent: [number, number][]; memoryBytes: [number, number][] }> {
  const { start, end } = grid.range;
  const read = async (metric: string) => {
    const query = `max(${metric}{${selector(service, asked)}})`;
    const range = { start: start + grid.stepMs, end, step: grid.stepMs };
    const { result } = await promql.range(query, range, { signal: asked.signal });
    const series = result.series[0];
    return series
      ? Array.from(series.timestamps, (at, index): [number, number] => [at / 1000, series.values[index]!])
      : [];
  };
  const [cpuPercent, memoryBytes] = await Promise.all([
    read('service_cpu_usage_percent'),
    read('service_memory_usage_bytes'),
  ]);
  return { cpuPercent, memoryBytes };
}
