import { type Labels, labelsKey } from '../../../model/labels.ts';
import type { RangeResult, ResultSeries } from '../engine-contract.ts';
import { sortByLabels } from '../evaluation/labels.ts';

/** The values of an expression at `first`, `first + step`, ...: `count` steps, Unix milliseconds. */
export interface Steps {
  readonly first: number;
  readonly count: number;
  readonly series: readonly ResultSeries[];
}

/** About what a series costs besides its points, bytes. */
const SERIES_BYTES = 400;

export function bytesOf({ count, series }: Steps): number {
  let bytes = SERIES_BYTES + 8 * count;
  for (const { timestamps } of series)
    bytes += SERIES_BYTES + (timestamps.length === count ? 8 : 16) * timestamps.length;
  return bytes;
}

/** The steps in `from <= t <= to`, both of which are steps; series without a value there are left out. */
export function cut(steps: Steps, step: number, from: number, to: number): Steps {
  const offset = Math.round((from - steps.first) / step);
  const count = Math.round((to - from) / step) + 1;
  if (offset === 0 && count === steps.count) return steps;
  // Most series have a value at every step and share their times.
  const shared = new Map<Float64Array, Float64Array>();
  const series: ResultSeries[] = [];
  for (const { labels, timestamps, values } of steps.series) {
    if (timestamps.length === steps.count) {
      const times = shared.get(timestamps) ?? timestamps.subarray(offset, offset + count);
      shared.set(timestamps, times);
      series.push({ labels, timestamps: times, values: values.subarray(offset, offset + count) });
      continue;
    }
    const low = lowerBound(timestamps, from);
    const high = lowerBound(timestamps, to + 1);
    if (low < high) {
      series.push({ labels, timestamps: timestamps.subarray(low, high), values: values.subarray(low, high) });
    }
  }
  return { first: from, count, series };
}

/** Steps that follow each other without a gap, as one; the series sorted by their labels. */
export function joined(parts: readonly Steps[], step: number): Steps {
  if (parts.length === 1) return parts[0]!;
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const { first } = parts[0]!;
  const times = Float64Array.from({ length: count }, (_, index) => first + index * step);
  return { first, count, series: seriesOf(parts).map((pieces) => joinSeries(pieces, count, times)) };
}

/** Of each series its pieces, in order of time. */
function seriesOf(parts: readonly Steps[]): ResultSeries[][] {
  const [head, ...rest] = parts;
  if (rest.every(({ series }) => haveSameLabels(series, head!.series))) {
    return head!.series.map((_, index) => parts.map(({ series }) => series[index]!));
  }
  const byKey = new Map<string, { readonly labels: Labels; readonly pieces: ResultSeries[] }>();
  for (const { series } of parts) {
    for (const piece of series) {
      const key = labelsKey(piece.labels);
      const known = byKey.get(key);
      if (known) known.pieces.push(piece);
      else byKey.set(key, { labels: piece.labels, pieces: [piece] });
    }
  }
  return sortByLabels([...byKey.values()]).map(({ pieces }) => pieces);
}

function haveSameLabels(a: readonly ResultSeries[], b: readonly ResultSeries[]): boolean {
  if (a.length !== b.length) return false;
  return a.every(({ labels }, index) => {
    const other = b[index]!.labels;
    return labels === other || labelsKey(labels) === labelsKey(other);
  });
}

function joinSeries(pieces: readonly ResultSeries[], count: number, times: Float64Array): ResultSeries {
  const { labels } = pieces[0]!;
  const length = pieces.reduce((sum, { values }) => sum + values.length, 0);
  const isDense = length === count;
  const timestamps = isDense ? times : new Float64Array(length);
  const values = new Float64Array(length);
  let at = 0;
  for (const piece of pieces) {
    if (!isDense) timestamps.set(piece.timestamps, at);
    values.set(piece.values, at);
    at += piece.values.length;
  }
  return { labels, timestamps, values };
}

export function toResult({ series }: Steps): RangeResult {
  return { type: 'matrix', series };
}

function lowerBound(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
