import { METRIC_NAME } from '../../../model/labels.ts';
import type { BlockBuilder } from './block-writer.ts';
import { Float64Column, MapColumn, MillisecondsColumn, StringColumn, UInt64Column } from './native-block.ts';
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

  append({ entries, version }: SeriesRows): void {
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
  }
}

export interface SampleRun {
  readonly entry: SeriesEntry;
  readonly timestamps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** Of the first sample; see `countVersions`. */
  readonly version: number;
}

/** What one call writes, with its number of samples. */
export interface SampleRuns {
  readonly runs: readonly SampleRun[];
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
    metric: new StringColumn(),
    series: new UInt64Column(),
    timestamp: new MillisecondsColumn(),
    value: new Float64Column(),
    version: new UInt64Column(),
  };

  append({ runs }: SampleRuns): void {
    for (const run of runs) {
      this.#appendNames(run);
      this.#appendTimes(run);
      this.#appendValues(run.values);
    }
  }

  #appendNames({ entry, timestamps }: SampleRun): void {
    const { metric, series } = this.columns;
    const start = metric.byteLength;
    metric.append(entry.name);
    const end = metric.byteLength;
    for (let index = 1; index < timestamps.length; index++) metric.repeat(start, end);
    const low = Number(entry.id & 0xffff_ffffn);
    const high = Number(entry.id >> 32n);
    for (let index = 0; index < timestamps.length; index++) series.appendWords(low, high);
  }

  #appendTimes({ timestamps, version: first }: SampleRun): void {
    const { timestamp, version } = this.columns;
    let current = first;
    for (let index = 0; index < timestamps.length; index++) {
      if (index > 0 && timestamps[index]! <= timestamps[index - 1]!) current++;
      timestamp.append(timestamps[index]!);
      version.appendNumber(current);
    }
  }

  #appendValues(values: ArrayLike<number>): void {
    const { value } = this.columns;
    const words = wordsOf(values);
    for (let index = 0; index < values.length; index++) {
      const low = words[2 * index]!;
      const high = words[2 * index + 1]!;
      value.appendWords(low, high === QUIET_STALE_HIGH && low === STALE_LOW ? STALE_HIGH : high);
    }
  }
}

/** Prometheus' stale marker, 0x7ff0000000000002, and what becomes of it when a processor makes the NaN quiet. */
const STALE_LOW = 2;
const STALE_HIGH = 0x7ff00000;
const QUIET_STALE_HIGH = 0x7ff80000;

/** The bits of the values, each as two words, the lower first (all processors that we run on are little-endian). */
function wordsOf(values: ArrayLike<number>): Uint32Array {
  const doubles = values instanceof Float64Array ? values : Float64Array.from(values);
  return new Uint32Array(doubles.buffer, doubles.byteOffset, doubles.length * 2);
}
