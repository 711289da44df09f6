import { METRIC_NAME } from '../../../model/labels.ts';
import type { SeriesSamples } from '../../../model/metric.ts';
import type { BlockBuilder } from './block-writer.ts';
import { LowCardinalityColumn } from './low-cardinality-column.ts';
import { MapColumn, MillisecondsColumn, StringColumn, UInt64Column } from './native-block.ts';
import { RepeatedUInt64Column, TimestampColumn, ValueColumn } from './sample-block-columns.ts';
import type { SeriesEntry } from './series-index.ts';

/** Rows of `metric_series`: how a series looks now. `version` orders the rows of one series. */
export interface SeriesRows {
  readonly entries: readonly Readonly<SeriesEntry>[];
  readonly version: number;
}

export class SeriesBlock implements BlockBuilder<SeriesRows> {
  readonly columns = {
    metric: new StringColumn(),
    series: new UInt64Column(),
    labels: new MapColumn(),
    type: new StringColumn(),
    unit: new StringColumn(),
    help: new StringColumn(),
    first_seen: new MillisecondsColumn(),
    last_seen: new MillisecondsColumn(),
    version: new UInt64Column(),
  };

  append({ entries, version }: SeriesRows): number {
    const { columns } = this;
    for (const entry of entries) {
      const { [METRIC_NAME]: name, ...labels } = entry.labels;
      columns.metric.append(name!);
      columns.series.append(entry.id);
      columns.labels.append(labels);
      columns.type.append(entry.type);
      columns.unit.append(entry.unit);
      columns.help.append(entry.help);
      columns.first_seen.append(entry.firstSeen);
      columns.last_seen.append(entry.lastSeen);
      columns.version.appendNumber(version);
    }
    return entries.length;
  }
}

/** What one call writes: the samples of `batch[i]` belong to `entries[i]`, and begin with `versions[i]`. */
export interface SampleRuns {
  readonly entries: readonly SeriesEntry[];
  readonly batch: readonly Pick<SeriesSamples, 'timestamps' | 'values'>[];
  readonly versions: Float64Array;
  /** Their number. */
  readonly samples: number;
}

/**
 * How many versions the samples of one series need: a later sample that is not later in time gets the next one, so
 * that of two with the same timestamp the last wins. In order they all share one, which costs no space.
 */
export function countVersions(timestamps: ArrayLike<number>): number {
  let versions = 1;
  for (let index = 1; index < timestamps.length; index++) {
    if (timestamps[index]! <= timestamps[index - 1]!) versions++;
  }
  return versions;
}

/** Rows of `metric_samples`. */
export class SampleBlock implements BlockBuilder<SampleRuns> {
  readonly columns = {
    metric: new LowCardinalityColumn(),
    series: new RepeatedUInt64Column(),
    timestamp: new TimestampColumn(),
    value: new ValueColumn(),
    version: new RepeatedUInt64Column(),
  };

  append({ entries, batch, versions, samples }: SampleRuns): number {
    const { metric, series, timestamp, value, version } = this.columns;
    for (const column of [series, timestamp, value, version]) column.reserve(samples);
    for (let index = 0; index < batch.length; index++) {
      const { name, idLow, idHigh } = entries[index]!;
      const { timestamps, values } = batch[index]!;
      metric.appendRepeated(name, timestamps.length);
      series.append(idLow, idHigh, timestamps.length);
      timestamp.append(timestamps);
      value.append(values);
      this.#appendVersions(timestamps, versions[index]!);
    }
    return samples;
  }

  #appendVersions(timestamps: ArrayLike<number>, first: number): void {
    let version = first;
    let from = 0;
    for (let index = 1; index < timestamps.length; index++) {
      if (timestamps[index]! > timestamps[index - 1]!) continue;
      this.columns.version.appendNumber(version++, index - from);
      from = index;
    }
    this.columns.version.appendNumber(version, timestamps.length - from);
  }
}
