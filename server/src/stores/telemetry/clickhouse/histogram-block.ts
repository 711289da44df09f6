import type { HistogramSample } from '../../../model/metric.ts';
import { EMPTY_HISTOGRAM, type HistogramBuckets } from '../../../model/native-histogram.ts';
import type { BlockBuilder } from './block-writer.ts';
import {
  ArrayColumn,
  Float64Column,
  MillisecondsColumn,
  StringColumn,
  UInt8Column,
  UInt64Column,
} from './native-block.ts';
import type { SeriesEntry } from './series-index.ts';

/** Histograms of one series; `version` orders what is written of one timestamp. */
export interface HistogramRun {
  readonly entry: SeriesEntry;
  readonly samples: readonly HistogramSample[];
  readonly version: number;
}

/** Bit of `flags`: the series has ended. */
export const STALE_FLAG = 1;

/**
 * The buckets of one side of zero. Signed numbers go as the unsigned ones with the same bits, which ClickHouse narrows
 * to the columns.
 */
class SideColumns {
  readonly spans = new ArrayColumn(new UInt64Column());
  readonly deltas = new ArrayColumn(new UInt64Column());
  readonly counts = new ArrayColumn(new Float64Column());

  append({ indexes, counts }: HistogramBuckets): void {
    this.#appendSpans(indexes);
    const isWhole = counts.every(Number.isSafeInteger);
    let previous = 0;
    for (const count of counts) {
      if (isWhole) this.deltas.elements.appendNumber(count - previous);
      else this.counts.elements.append(count);
      previous = count;
    }
    this.deltas.endRow(isWhole ? counts.length : 0);
    this.counts.endRow(isWhole ? 0 : counts.length);
  }

  #appendSpans(indexes: readonly number[]): void {
    let elements = 0;
    let next = 0;
    for (let start = 0; start < indexes.length; ) {
      let end = start + 1;
      while (end < indexes.length && indexes[end] === indexes[end - 1]! + 1) end++;
      this.spans.elements.appendNumber(indexes[start]! - next);
      this.spans.elements.appendNumber(end - start);
      elements += 2;
      next = indexes[end - 1]! + 1;
      start = end;
    }
    this.spans.endRow(elements);
  }
}

/** Rows of `metric_histograms`. */
export class HistogramBlock implements BlockBuilder<readonly HistogramRun[]> {
  readonly #positive = new SideColumns();
  readonly #negative = new SideColumns();
  readonly columns = {
    metric: new StringColumn(),
    series: new UInt64Column(),
    timestamp: new MillisecondsColumn(),
    start_timestamp: new MillisecondsColumn(),
    schema: new UInt64Column(),
    count: new Float64Column(),
    sum: new Float64Column(),
    zero_threshold: new Float64Column(),
    zero_count: new Float64Column(),
    positive_spans: this.#positive.spans,
    positive_deltas: this.#positive.deltas,
    positive_counts: this.#positive.counts,
    negative_spans: this.#negative.spans,
    negative_deltas: this.#negative.deltas,
    negative_counts: this.#negative.counts,
    custom_bounds: new ArrayColumn(new Float64Column()),
    reset_hint: new StringColumn(),
    flags: new UInt8Column(),
    version: new UInt64Column(),
  };

  append(runs: readonly HistogramRun[]): number {
    let rows = 0;
    for (const { entry, samples, version } of runs) {
      // Of two with one timestamp the later wins.
      for (const [position, sample] of samples.entries()) this.#appendRow(entry, sample, version + position);
      rows += samples.length;
    }
    return rows;
  }

  #appendRow(entry: SeriesEntry, sample: HistogramSample, version: number): void {
    const { columns } = this;
    const histogram = sample.histogram ?? EMPTY_HISTOGRAM;
    columns.metric.append(entry.name);
    columns.series.append(entry.id);
    columns.timestamp.append(sample.timestamp);
    columns.start_timestamp.append(sample.startTimestamp);
    columns.schema.appendNumber(histogram.schema);
    columns.count.append(histogram.count);
    columns.sum.append(histogram.sum);
    columns.zero_threshold.append(histogram.zeroThreshold);
    columns.zero_count.append(histogram.zeroCount);
    this.#positive.append(histogram.positive);
    this.#negative.append(histogram.negative);
    for (const bound of histogram.customValues) columns.custom_bounds.elements.append(bound);
    columns.custom_bounds.endRow(histogram.customValues.length);
    columns.reset_hint.append(histogram.hint);
    columns.flags.append(sample.histogram ? 0 : STALE_FLAG);
    columns.version.appendNumber(version);
  }
}
