import { add, subtract } from '../../../lib/native-histogram/arithmetic.ts';
import { compact, hasCustomBuckets, scale } from '../../../lib/native-histogram/buckets.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import type { Evaluator } from '../evaluation/evaluator-contract.ts';
import type { Grid } from '../evaluation/grid.ts';
import { type RangeVector, SeriesBuilder, type VectorSeries } from '../evaluation/values.ts';
import { hasHistogram, type MixedFunction, type Window, type WindowFunction } from '../evaluation/windows.ts';
import { wasReset } from '../histogram/resets.ts';
import type { RangeRemarks } from './range-function.ts';

/**
 * Windows of `anchored` and `smoothed` ranges: from the newest sample at or before the window's start (not older than
 * the lookback) on, and for `smoothed` up to the first sample at or after its end.
 */
export async function extendedWindows(
  ranges: RangeVector,
  grid: Grid,
  evaluator: Evaluator,
  compute: WindowFunction,
  mixed: MixedFunction,
): Promise<VectorSeries[]> {
  const { context } = evaluator;
  const lookback = context.limits.lookbackMs;
  const result: VectorSeries[] = [];
  for (const series of ranges.series) {
    const { labels, timestamps, values, histograms } = series;
    const built = new SeriesBuilder(labels, true, grid.count);
    const window: Window = { timestamps, values, histograms, from: 0, to: 0, start: 0, end: 0, step: 0, time: 0 };
    for (let step = 0; step < grid.count; step++) {
      window.end = ranges.ends[step]!;
      window.start = window.end - ranges.width;
      window.step = step;
      window.time = grid.start + step * grid.step;
      if (!placeWindow(window, lookback, ranges.extension === 'smoothed')) continue;
      const value = hasHistogram(window) ? mixed(window, series) : compute(window, series);
      if (value !== undefined) built.store(step, value);
    }
    if (built.count > 0) {
      context.hold(grid.count);
      result.push(built);
    }
    if (context.isDue) await context.pause();
  }
  return result;
}

function placeWindow(window: Window, lookback: number, smoothed: boolean): boolean {
  const { timestamps, start, end } = window;
  const firstInside = firstAfter(timestamps, start);
  let to = firstAfter(timestamps, end);
  if (smoothed && timestamps[to - 1] !== end && to < timestamps.length && timestamps[to]! <= end + lookback) to++;
  const hasAnchor = firstInside > 0 && timestamps[firstInside - 1]! > start - lookback;
  window.from = hasAnchor ? firstInside - 1 : firstInside;
  window.to = to;
  return to > firstInside && timestamps[window.from]! <= end;
}

/** Index of the first element above `time`. */
function firstAfter(timestamps: Float64Array, time: number): number {
  let low = 0;
  let high = timestamps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestamps[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `rate`, `increase` and `delta` without extrapolation: from edge to edge of the window. */
export function extendedChange(
  { isCounter, isRate }: { isCounter: boolean; isRate: boolean },
  extension: 'anchored' | 'smoothed',
): WindowFunction {
  const smoothed = extension === 'smoothed';
  return (window) => {
    const { values, from, to } = window;
    const left = smoothed ? leftEdge(window, isCounter) : values[from]!;
    const right = smoothed ? rightEdge(window, isCounter) : values[to - 1]!;
    let change = right - left;
    if (isCounter) {
      let previous = left;
      for (let i = from + 1; i < to - 1; i++) {
        if (values[i]! < previous) change += previous;
        previous = values[i]!;
      }
      if (right < previous) change += previous;
    }
    return isRate ? change / ((window.end - window.start) / 1000) : change;
  };
}

function leftEdge({ timestamps, values, from, to, start }: Window, isCounter: boolean): number {
  const value = values[from]!;
  if (timestamps[from]! >= start || from + 1 >= to) return value;
  const next = values[from + 1]!;
  const base = isCounter && next < value ? 0 : value;
  return between(base, next, (start - timestamps[from]!) / (timestamps[from + 1]! - timestamps[from]!));
}

function rightEdge({ timestamps, values, from, to, start, end }: Window, isCounter: boolean): number {
  const last = to - 1;
  const value = values[last]!;
  if (timestamps[last]! <= end || last === from) return value;
  const previous = values[last - 1]!;
  const share = (end - timestamps[last - 1]!) / (timestamps[last]! - timestamps[last - 1]!);
  if (!isCounter || value >= previous) return between(previous, value, share);
  // Where the left edge lies between the same two samples, it was taken after the reset already.
  const resetBefore = last - 1 === from && timestamps[from]! < start;
  return resetBefore ? between(0, value, share) : between(previous, value + previous, share);
}

function between(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** The same for histograms: the values at the edges, and what was lost at resets between them. */
export function extendedHistogramChange(
  { isCounter, isRate }: { isCounter: boolean; isRate: boolean },
  extension: 'anchored' | 'smoothed',
  say: RangeRemarks,
): MixedFunction {
  return (window, series) => {
    const { from, to } = window;
    const samples = Array.from({ length: to - from }, (_, i) => window.histograms![from + i]);
    if (samples.some((sample) => !sample)) {
      say.mixedSamples(series);
      return undefined;
    }
    const histograms = samples as NativeHistogram[];
    if (histograms.some((histogram) => hasCustomBuckets(histogram) !== hasCustomBuckets(histograms[0]!))) {
      say.mixedSchemas(series);
      return undefined;
    }
    if (isCounter && histograms.some(({ hint }) => hint === 'gauge')) say.notCounter(series);
    if (!isCounter && histograms.some(({ hint }) => hint !== 'gauge')) say.notGauge(series);
    const change = changeBetweenEdges(window, histograms, isCounter, extension === 'smoothed');
    const gauge: NativeHistogram = { ...compact(change), hint: 'gauge' };
    return isRate ? scale(gauge, 1000 / (window.end - window.start)) : gauge;
  };
}

function changeBetweenEdges(
  window: Window,
  histograms: readonly NativeHistogram[],
  isCounter: boolean,
  smoothed: boolean,
): NativeHistogram {
  const { timestamps, from, to, start, end } = window;
  const shareOf = (after: number, time: number) =>
    (time - timestamps[after - 1]!) / (timestamps[after]! - timestamps[after - 1]!);
  const count = histograms.length;
  const inner = histograms.slice(1, -1);
  let left = histograms[0]!;
  let right = histograms[count - 1]!;
  const firstReset = isCounter && count > 1 && wasReset(histograms[1]!, left);
  let resetAtLeft = false;
  if (smoothed && timestamps[from]! < start && count > 1) {
    const share = shareOf(from + 1, start);
    resetAtLeft = firstReset;
    left = firstReset ? scale(histograms[1]!, share) : betweenHistograms(left, histograms[1]!, share);
  }
  if (smoothed && timestamps[to - 1]! > end && count > 1) {
    const previous = histograms[count - 2]!;
    const share = shareOf(to - 1, end);
    const isReset = isCounter && wasReset(right, previous);
    if (isReset) right = scale(right, share);
    else right = betweenHistograms(previous, right, share);
    if (isReset && !(count === 2 && resetAtLeft)) right = add(right, previous)!.histogram;
    return plusLost(subtract(right, left)!.histogram, resetAtLeft ? inner : [histograms[0]!, ...inner], isCounter);
  }
  const chain = resetAtLeft ? [...inner, right] : [histograms[0]!, ...inner, right];
  return plusLost(subtract(right, left)!.histogram, chain, isCounter);
}

/** With what the histograms had at each reset from one to the next. */
function plusLost(change: NativeHistogram, chain: readonly NativeHistogram[], isCounter: boolean): NativeHistogram {
  if (!isCounter) return change;
  let total = change;
  for (let i = 1; i < chain.length; i++) {
    if (wasReset(chain[i]!, chain[i - 1]!)) total = add(total, chain[i - 1]!)!.histogram;
  }
  return total;
}

function betweenHistograms(a: NativeHistogram, b: NativeHistogram, share: number): NativeHistogram {
  return add(scale(a, 1 - share), scale(b, share))!.histogram;
}
