import type { HistogramSample } from '../../../model/metric.ts';
import type { HistogramBuckets, NativeHistogram, ResetHint } from '../../../model/native-histogram.ts';
import { STALE_FLAG } from './histogram-block.ts';
import type { RowBinaryReader } from './row-binary.ts';

/** The columns that `HistogramRows` reads, in their order. */
export const HISTOGRAM_COLUMNS = `timestamp, start_timestamp, schema, count, sum, zero_threshold, zero_count,
  positive_spans, positive_deltas, positive_counts, negative_spans, negative_deltas, negative_counts,
  custom_bounds, reset_hint, flags`;

/** Histograms of an answer. What comes again from row to row (indexes of buckets, bounds) is kept once. */
export class HistogramRows {
  readonly #reader: RowBinaryReader;
  readonly #lists = new Map<string, readonly number[]>();

  constructor(reader: RowBinaryReader) {
    this.#reader = reader;
  }

  /** The next one. */
  read(): HistogramSample {
    const reader = this.#reader;
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
    return { timestamp, startTimestamp, histogram: isStale ? undefined : histogram };
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
