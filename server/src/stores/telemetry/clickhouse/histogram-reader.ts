import { invalid } from '../../../model/errors.ts';
import type { HistogramSample } from '../../../model/metric.ts';
import type { HistogramBuckets, NativeHistogram, ResetHint } from '../../../model/native-histogram.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse } from '../click-house.ts';
import type { SelectOptions } from '../metric-store.ts';
import { STALE_FLAG } from './histogram-block.ts';
import { RowBinaryReader } from './row-binary.ts';
import { seriesConditions } from './series-conditions.ts';
import type { SeriesEntry, SeriesIndex } from './series-index.ts';

/** A histogram takes about a kilobyte. */
const MOST_HISTOGRAMS = 200_000;

/** Histograms of `entries` in `start <= t <= end` by the id of their series, ordered by time, one a timestamp. */
export async function readHistograms(
  clickHouse: ClickHouse,
  index: SeriesIndex,
  entries: readonly SeriesEntry[],
  range: TimeRange,
  { maxSamples, pool, signal }: SelectOptions = {},
): Promise<ReadonlyMap<bigint, HistogramSample[]>> {
  const most = Math.min(maxSamples ?? MOST_HISTOGRAMS, MOST_HISTOGRAMS);
  const sql = `SELECT series, timestamp, start_timestamp, schema, count, sum, zero_threshold, zero_count,
  positive_spans, positive_deltas, positive_counts, negative_spans, negative_deltas, negative_counts,
  custom_bounds, reset_hint, flags
FROM metric_histograms
WHERE ${seriesConditions(index, entries, range)}
ORDER BY metric, series, timestamp, version
LIMIT ${most + 1}
FORMAT RowBinary`;
  const rows = new HistogramRows(
    await clickHouse.queryBytes(sql, { ...(pool && { pool }), ...(signal && { signal }) }),
  );
  if (rows.count > most) {
    const message = `more than ${most} native histograms; narrow the time window or the selector`;
    throw invalid({ path: 'query', message });
  }
  return rows.bySeries;
}

/** The rows of an answer. What comes again from row to row (indexes of buckets, bounds) is kept once. */
class HistogramRows {
  readonly bySeries = new Map<bigint, HistogramSample[]>();
  count = 0;
  readonly #reader: RowBinaryReader;
  readonly #lists = new Map<string, readonly number[]>();

  constructor(bytes: Uint8Array) {
    this.#reader = new RowBinaryReader(bytes);
    for (; !this.#reader.atEnd; this.count++) this.#readRow();
  }

  #readRow(): void {
    const reader = this.#reader;
    const series = reader.uint64();
    const timestamp = reader.int64();
    const startTimestamp = reader.int64();
    const histogram: NativeHistogram = {
      schema: reader.int8(),
      count: reader.float64(),
      sum: reader.float64(),
      zeroThreshold: reader.float64(),
      zeroCount: reader.float64(),
      positive: this.#readBuckets(),
      negative: this.#readBuckets(),
      customValues: this.#shared(reader.array(() => reader.float64())),
      hint: reader.string() as ResetHint,
    };
    const isStale = (reader.uint8() & STALE_FLAG) !== 0;
    const sample = { timestamp, startTimestamp, histogram: isStale ? undefined : histogram };
    const samples = this.bySeries.get(series) ?? [];
    if (samples.length === 0) this.bySeries.set(series, samples);
    // Of rows with one timestamp the last counts: it has the highest version.
    if (samples.at(-1)?.timestamp === timestamp) samples.pop();
    samples.push(sample);
  }

  #readBuckets(): HistogramBuckets {
    const reader = this.#reader;
    const spans = reader.array(() => reader.int32());
    const deltas = reader.array(() => reader.int64());
    const counts = reader.array(() => reader.float64());
    return { indexes: this.#indexesOf(spans), counts: counts.length > 0 ? counts : sumsOf(deltas) };
  }

  #indexesOf(spans: readonly number[]): readonly number[] {
    const key = `s${spans.join()}`;
    const known = this.#lists.get(key);
    if (known) return known;
    const indexes: number[] = [];
    let next = 0;
    for (let at = 0; at < spans.length; at += 2) {
      next += spans[at]!;
      for (let end = next + spans[at + 1]!; next < end; next++) indexes.push(next);
    }
    this.#lists.set(key, indexes);
    return indexes;
  }

  #shared(list: readonly number[]): readonly number[] {
    const key = list.join();
    const known = this.#lists.get(key) ?? list;
    this.#lists.set(key, known);
    return known;
  }
}

/** Each bucket's count from its difference from the one before. */
function sumsOf(deltas: number[]): number[] {
  for (let index = 1; index < deltas.length; index++) deltas[index]! += deltas[index - 1]!;
  return deltas;
}
