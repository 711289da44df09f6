import type { LabelMatcher } from '../../../../model/label-matcher.ts';
import { type Labels, labelsKey } from '../../../../model/labels.ts';
import { ROLLUP_MS } from '../../../../model/rollup.ts';
import type { TimeRange } from '../../../../model/time-range.ts';
import type { ClickHouse } from '../../click-house.ts';
import type { SelectOptions, SeriesColumns } from '../../metric-store.ts';
import { toPredicate } from '../label-predicate.ts';
import type { Cluster } from '../schema/cluster-ddl.ts';
import { type InsertedDay, readInsertedDays } from '../schema/stored-parts.ts';
import { attachRolled } from './attach-rolled.ts';
import { readHistogramRollups } from './histogram-rollup-reader.ts';
import { readStoredSeries } from './old-series.ts';
import { rolledDays } from './roll-day.ts';
import { ROLLING_SAMPLES } from './roll-samples.ts';
import { readRollups } from './rollup-reader.ts';

/** Metrics from before the samples that are still there: their rollups, and the labels that memory has forgotten. */
export class RolledSamples {
  readonly #clickHouse: ClickHouse;
  readonly #cluster: Cluster | undefined;
  /** Beginnings of the oldest day from which on samples are whole, and of rollups, Unix milliseconds; `Infinity` for none. */
  #samplesFrom = Number.POSITIVE_INFINITY;
  #rolledFrom = Number.POSITIVE_INFINITY;

  constructor(clickHouse: ClickHouse, cluster: Cluster | undefined) {
    this.#clickHouse = clickHouse;
    this.#cluster = cluster;
  }

  /**
   * Looks what there is. A day with fewer samples than were rolled up of it has lost some (the disk budget took them):
   * rollups answer for it and all before it, whatever came late.
   */
  async refresh(): Promise<void> {
    const days = (table: string) => readInsertedDays(this.#clickHouse, this.#cluster, table);
    const [samples, rolled, histograms, counted] = await Promise.all([
      days('metric_samples'),
      days('metric_rollups'),
      days('metric_histogram_rollups'),
      rolledDays(this.#clickHouse, ROLLING_SAMPLES),
    ]);
    const lastPartial = samples.findLastIndex(({ day, rows }) => rows < (counted.get(day)?.samples ?? 0));
    this.#samplesFrom = startOf(samples[lastPartial + 1]);
    this.#rolledFrom = Math.min(startOf(rolled[0]), startOf(histograms[0]));
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
    const [floats, histograms] = await Promise.all([
      readRollups(this.#clickHouse, series, range, options),
      readHistogramRollups(this.#clickHouse, series, range, options),
    ]);
    return series
      .flatMap(({ id, labels }) => attachRolled(labels, floats.get(id), histograms.get(id)))
      .map((one) => from(one, range.start))
      .filter(({ timestamps }) => timestamps.length > 0);
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

/** The beginning of a day, Unix milliseconds; `Infinity` where there is none. */
function startOf(day: InsertedDay | undefined): number {
  return day ? Date.parse(`${day.day}T00:00:00Z`) : Number.POSITIVE_INFINITY;
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
  const { labels, values } = after;
  const histogramsOf = (one: SeriesColumns) =>
    one.histograms ?? new Array<undefined>(one.timestamps.length).fill(undefined);
  const startsOf = (one: SeriesColumns) => one.startTimestamps ?? new Float64Array(one.timestamps.length);
  return {
    labels,
    timestamps: concat(before.timestamps, after.timestamps),
    values: concat(before.values, values),
    ...((before.histograms ?? after.histograms) && { histograms: [...histogramsOf(before), ...histogramsOf(after)] }),
    ...((before.startTimestamps ?? after.startTimestamps) && {
      startTimestamps: concat(startsOf(before), startsOf(after)),
    }),
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
  const { labels, timestamps, values, histograms, startTimestamps, rollup } = series;
  return {
    labels,
    timestamps: cut(timestamps),
    values: cut(values),
    ...(histograms && { histograms: histograms.slice(first < 0 ? histograms.length : first) }),
    ...(startTimestamps && { startTimestamps: cut(startTimestamps) }),
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
