import type { LabelMatcher } from '../../../../model/label-matcher.ts';
import { type Labels, labelsKey } from '../../../../model/labels.ts';
import { ROLLUP_MS } from '../../../../model/rollup.ts';
import type { TimeRange } from '../../../../model/time-range.ts';
import type { ClickHouse } from '../../click-house.ts';
import type { SelectOptions, SeriesColumns } from '../../metric-store.ts';
import { toPredicate } from '../label-predicate.ts';
import type { Cluster } from '../schema/cluster-ddl.ts';
import { readInsertedDays } from '../schema/stored-parts.ts';
import { readStoredSeries } from './old-series.ts';
import { readRollups } from './rollup-reader.ts';

/** Metrics from before the samples that are still there: their rollups, and the labels that memory has forgotten. */
export class RolledSamples {
  readonly #clickHouse: ClickHouse;
  readonly #cluster: Cluster | undefined;
  /** Beginnings of the oldest days of samples and of rollups, Unix milliseconds; `Infinity` for none. */
  #samplesFrom = Number.POSITIVE_INFINITY;
  #rolledFrom = Number.POSITIVE_INFINITY;

  constructor(clickHouse: ClickHouse, cluster: Cluster | undefined) {
    this.#clickHouse = clickHouse;
    this.#cluster = cluster;
  }

  /** Looks what there is. */
  async refresh(): Promise<void> {
    const oldest = async (table: string) => {
      const [first] = await readInsertedDays(this.#clickHouse, this.#cluster, table);
      return first ? Date.parse(`${first.day}T00:00:00Z`) : Number.POSITIVE_INFINITY;
    };
    const [samplesFrom, rolledFrom] = await Promise.all([oldest('metric_samples'), oldest('metric_rollups')]);
    this.#samplesFrom = samplesFrom;
    this.#rolledFrom = rolledFrom;
  }

  /**
   * Rollups answer for what lies at or before this time, samples for what lies after it; `undefined` where the range
   * needs none or there are none. `keptFrom`: samples from before are expired.
   */
  boundary({ start }: TimeRange, keptFrom: number): number | undefined {
    if (start >= keptFrom && start >= this.#samplesFrom) return undefined;
    const from = Math.max(keptFrom, Number.isFinite(this.#samplesFrom) ? this.#samplesFrom : keptFrom);
    const boundary = Math.ceil(from / ROLLUP_MS) * ROLLUP_MS;
    return start <= boundary && this.#rolledFrom < boundary ? boundary : undefined;
  }

  /** Rollups in `start <= t <= end` of series that match all matchers. */
  async select(matchers: readonly LabelMatcher[], range: TimeRange, options?: SelectOptions): Promise<SeriesColumns[]> {
    const series = await readStoredSeries(this.#clickHouse, matchers.map(toPredicate), range.start, options);
    const rollups = await readRollups(this.#clickHouse, series, range, options);
    return rollups.map((one) => from(one, range.start)).filter(({ timestamps }) => timestamps.length > 0);
  }

  /** Label sets of series that match one of the sets (without any: of all) and were there since. */
  async series(matcherSets: readonly (readonly LabelMatcher[])[], since: number): Promise<Labels[]> {
    const sets = matcherSets.length === 0 ? [[]] : matcherSets;
    const found = new Map<string, Labels>();
    for (const matchers of sets) {
      const stored = await readStoredSeries(this.#clickHouse, matchers.map(toPredicate), since);
      for (const { id, labels } of stored) found.set(id, labels);
    }
    return [...found.values()];
  }
}

/** Rollups, then samples, of each series. */
export function joinRolled(rolled: readonly SeriesColumns[], recent: readonly SeriesColumns[]): SeriesColumns[] {
  const older = new Map(rolled.map((series) => [labelsKey(series.labels), series]));
  const joined = recent.map((series) => {
    const key = labelsKey(series.labels);
    const before = older.get(key);
    older.delete(key);
    return before ? join(before, series) : series;
  });
  return [...older.values(), ...joined];
}

function join(before: SeriesColumns, after: SeriesColumns): SeriesColumns {
  const { rollup } = before;
  const { labels, histograms, startTimestamps, values } = after;
  const size = before.timestamps.length;
  return {
    labels,
    timestamps: concat(before.timestamps, after.timestamps),
    values: concat(before.values, values),
    ...(histograms && { histograms: [...new Array<undefined>(size).fill(undefined), ...histograms] }),
    ...(startTimestamps && { startTimestamps: concat(new Float64Array(size), startTimestamps) }),
    ...(rollup && {
      rollup: {
        until: rollup.until,
        counts: concat(rollup.counts, new Float64Array(values.length).fill(1)),
        sums: concat(rollup.sums, values),
        mins: concat(rollup.mins, values),
        maxs: concat(rollup.maxs, values),
      },
    }),
  };
}

/** Without samples before `start`. */
function from(series: SeriesColumns, start: number): SeriesColumns {
  const first = series.timestamps.findIndex((time) => time >= start);
  if (first === 0) return series;
  const cut = (column: Float64Array) => column.slice(first < 0 ? column.length : first);
  const { labels, timestamps, values, rollup } = series;
  return {
    labels,
    timestamps: cut(timestamps),
    values: cut(values),
    ...(rollup && {
      rollup: {
        until: rollup.until,
        counts: cut(rollup.counts),
        sums: cut(rollup.sums),
        mins: cut(rollup.mins),
        maxs: cut(rollup.maxs),
      },
    }),
  };
}

/** Bytes are copied: stale markers survive. */
function concat(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
