import type { LabelMatcher } from '../../model/label-matcher.ts';
import { type Labels, labelsKey, METRIC_NAME } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { STALE_MARKER_BITS } from '../../model/stale-marker.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { compileMatchers, type SeriesSource, type SourceSeries, wasReset } from '../../query/promql/index.ts';
import type { NotedValue } from './series-notation.ts';

interface Column {
  readonly labels: Labels;
  readonly timestamps: number[];
  /** By index of the timestamp; a number, a histogram or `'stale'`. */
  readonly values: Exclude<NotedValue, undefined>[];
}

/** The series of one test in memory: those that the file gives, and what its rules make of them. */
export class TestSeries implements SeriesSource {
  readonly #byName = new Map<string, Map<string, Column>>();
  /** Later samples are not there yet, Unix milliseconds. */
  visibleUntil = Number.POSITIVE_INFINITY;

  /** Value `i` at `start + i * step`, milliseconds. Samples of a series come in the order of their times. */
  load(labels: Labels, values: readonly NotedValue[], step: number, start: number): void {
    for (const [index, value] of hinted(values).entries()) {
      if (value !== undefined) this.add(labels, start + index * step, value);
    }
  }

  /** A sample of a time that the series has already takes its place. */
  add(labels: Labels, time: number, value: Exclude<NotedValue, undefined>): void {
    const { timestamps, values } = this.#column(labels);
    let at = timestamps.length;
    while (at > 0 && timestamps[at - 1]! >= time) at--;
    const isKnown = timestamps[at] === time;
    timestamps.splice(at, isKnown ? 1 : 0, time);
    values.splice(at, isKnown ? 1 : 0, value);
  }

  #column(labels: Labels): Column {
    const name = labels[METRIC_NAME] ?? '';
    const columns = this.#byName.get(name) ?? new Map<string, Column>();
    this.#byName.set(name, columns);
    const key = labelsKey(labels);
    const column = columns.get(key) ?? { labels, timestamps: [], values: [] };
    columns.set(key, column);
    return column;
  }

  async select(matchers: readonly LabelMatcher[], range: TimeRange): Promise<SourceSeries[]> {
    const accepts = compileMatchers(matchers);
    const end = Math.min(range.end, this.visibleUntil);
    const found: SourceSeries[] = [];
    for (const column of this.#candidates(matchers)) {
      if (!accepts(column.labels)) continue;
      const from = firstFrom(column.timestamps, range.start);
      const to = firstFrom(column.timestamps, end + 1);
      if (from < to) found.push(columnsOf(column, from, to));
    }
    return found;
  }

  *#candidates(matchers: readonly LabelMatcher[]): Generator<Column> {
    const named = matchers.find(({ name, operator }) => name === METRIC_NAME && operator === '=');
    if (named) yield* this.#byName.get(named.value)?.values() ?? [];
    else for (const columns of this.#byName.values()) yield* columns.values();
  }
}

/** Place of the first time that is not before `time`. */
function firstFrom(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function columnsOf({ labels, timestamps, values }: Column, from: number, to: number): SourceSeries {
  const numbers = new Float64Array(to - from);
  const bits = new BigUint64Array(numbers.buffer);
  const histograms = new Array<NativeHistogram | undefined>(to - from);
  let hasHistograms = false;
  for (let at = from; at < to; at++) {
    const value = values[at]!;
    if (value === 'stale') bits[at - from] = STALE_MARKER_BITS;
    else if (typeof value === 'number') numbers[at - from] = value;
    else {
      numbers[at - from] = Number.NaN;
      histograms[at - from] = value;
      hasHistograms = true;
    }
  }
  const columns = { labels, timestamps: Float64Array.from(timestamps.slice(from, to)), values: numbers };
  return hasHistograms ? { ...columns, histograms } : columns;
}

/** Histograms with the reset hints that a store finds out when they come in one after the other. */
function hinted(values: readonly NotedValue[]): NotedValue[] {
  let previous: NativeHistogram | undefined;
  return values.map((value) => {
    if (typeof value !== 'object') {
      if (value !== undefined) previous = undefined;
      return value;
    }
    const before = previous;
    previous = value.hint === 'gauge' ? undefined : value;
    if (value.hint === 'gauge') return value;
    const continues = before && value.hint !== 'reset' && !wasReset({ ...value, hint: 'unknown' }, before);
    return { ...value, hint: continues ? 'not_reset' : 'unknown' };
  });
}
