import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { Labels } from '../../model/labels.ts';
import type { MetricType } from '../../model/metric.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { DEFAULT_LIMITS, formatPromql, selector } from '../promql/index.ts';
import type { RemotePrometheus } from './remote-prometheus.ts';
import type { SeriesDescription, SeriesIndex } from './series-index.ts';

type MatcherSets = readonly (readonly LabelMatcher[])[];
type Pairs = [string, string][];

const TYPES: readonly MetricType[] = ['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset'];

/** Names of labels, their values, series and metadata of another server. */
export class RemoteSeriesIndex implements SeriesIndex {
  readonly #remote: RemotePrometheus;

  constructor(remote: RemotePrometheus) {
    this.#remote = remote;
  }

  async series(matcherSets: MatcherSets, range: TimeRange, limit?: number): Promise<Labels[]> {
    const limited: Pairs = limit === undefined ? [] : [['limit', String(limit)]];
    const data = await this.#ask('/api/v1/series', [...parametersOf(matcherSets, range), ...limited]);
    return Array.isArray(data) ? (data as Labels[]).slice(0, limit) : [];
  }

  async labelNames(matcherSets: MatcherSets, range: TimeRange): Promise<string[]> {
    return textsOf(await this.#ask('/api/v1/labels', parametersOf(matcherSets, range)));
  }

  async labelValues(label: string, matcherSets: MatcherSets, range: TimeRange): Promise<string[]> {
    const path = `/api/v1/label/${encodeURIComponent(label)}/values`;
    return textsOf(await this.#ask(path, parametersOf(matcherSets, range), 'GET'));
  }

  /** The number of series is not told by other servers: 0. */
  async describe(): Promise<SeriesDescription[]> {
    const data = (await this.#ask('/api/v1/metadata', [], 'GET')) ?? {};
    return Object.entries(data as Record<string, readonly Partial<SeriesDescription>[]>)
      .map(([name, [entry]]) => ({
        name,
        type: TYPES.find((type) => type === entry?.type) ?? 'unknown',
        unit: entry?.unit ?? '',
        help: entry?.help ?? '',
        seriesCount: 0,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #ask(path: string, parameters: Pairs, method: 'GET' | 'POST' = 'POST'): Promise<unknown> {
    const { data } = await this.#remote.ask(path, parameters, { timeoutMs: DEFAULT_LIMITS.timeoutMs, method });
    return data;
  }
}

/** Ends of a range that are no times are left to the other server. */
function parametersOf(matcherSets: MatcherSets, { start, end }: TimeRange): Pairs {
  const matches: Pairs = matcherSets.map((matchers) => ['match[]', formatPromql(selector(matchers))]);
  const times = [['start', start] as const, ['end', end] as const].filter(([, time]) => isTime(time));
  return [...matches, ...times.map(([name, time]): [string, string] => [name, (time / 1000).toFixed(3)])];
}

/** Unix milliseconds up to the year 9999, which every server can read. */
function isTime(time: number): boolean {
  return time > 0 && time < 253_402_300_800_000;
}

function textsOf(data: unknown): string[] {
  return Array.isArray(data) ? data.filter((item) => typeof item === 'string') : [];
}
