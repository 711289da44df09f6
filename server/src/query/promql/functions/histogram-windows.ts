import { add, subtract } from '../../../lib/native-histogram/arithmetic.ts';
import { compact, hasCustomBuckets, sameHistogram, scale } from '../../../lib/native-histogram/buckets.ts';
import { EMPTY_HISTOGRAM, type NativeHistogram } from '../../../model/native-histogram.ts';
import type { MixedFunction, Window } from '../evaluation/windows.ts';
import { wasReset } from '../histogram/resets.ts';
import { HistogramTotal } from '../histogram/total.ts';
import { startedAnew } from './counter-starts.ts';
import type { MixedRule, RangeRemarks } from './range-function.ts';

/** Range functions over windows with histograms. */

export const firstSample: MixedRule = () => (window) => sampleAt(window, window.from);
export const lastSample: MixedRule = () => (window) => sampleAt(window, window.to - 1);

function sampleAt({ values, histograms }: Window, index: number): number | NativeHistogram {
  return histograms?.[index] ?? values[index]!;
}

/** The histograms of a window that holds nothing else. */
function onlyHistograms({ histograms, from, to }: Window): NativeHistogram[] | undefined {
  const found: NativeHistogram[] = [];
  for (let i = from; i < to; i++) {
    const histogram = histograms![i];
    if (!histogram) return undefined;
    found.push(histogram);
  }
  return found;
}

export const sumOfHistograms: MixedRule = (say) => totalling(say, 'sum');
export const averageOfHistograms: MixedRule = (say) => totalling(say, 'mean');

function totalling(say: RangeRemarks, wanted: 'sum' | 'mean'): MixedFunction {
  return (window, series) => {
    const histograms = onlyHistograms(window);
    if (!histograms) {
      say.mixedSamples(series);
      return undefined;
    }
    const parts = window.rollup ? weighted(histograms, window, wanted === 'mean') : histograms;
    if (parts !== histograms) say.estimatedOfRollups(series);
    const total = new HistogramTotal(parts[0]!);
    for (const histogram of parts.slice(1)) {
      for (const problem of total.add(histogram)) {
        if (problem === 'hints') say.collidingResets('aggregation');
        else if (problem === 'bounds') say.reconciledBounds('aggregation');
        else {
          say.mixedSchemas(series);
          return undefined;
        }
      }
    }
    return parts === histograms ? total[wanted] : total.sum;
  };
}

/** Histograms times how many of them each stands for; as shares of all of these, or as they are. */
function weighted(
  histograms: readonly NativeHistogram[],
  { rollup, from, to }: Window,
  areShares: boolean,
): readonly NativeHistogram[] {
  const counts = rollup!.counts.subarray(from, to);
  if (counts.every((count) => count === 1)) return histograms;
  const all = areShares ? counts.reduce((sum, count) => sum + count, 0) : 1;
  return histograms.map((histogram, index) => scale(histogram, counts[index]! / all));
}

export const changesOfSamples: MixedRule = () =>
  counting((current, previous) => {
    if (typeof current === 'number' && typeof previous === 'number') {
      return current !== previous && !(Number.isNaN(current) && Number.isNaN(previous));
    }
    if (typeof current === 'number' || typeof previous === 'number') return true;
    return !sameHistogram(current, previous);
  });

export const resetsOfSamples: MixedRule = () =>
  counting((current, previous, window, index) => {
    if (startedAnew(window, index)) return true;
    if (typeof current === 'number' && typeof previous === 'number') return current < previous;
    if (typeof current === 'number' || typeof previous === 'number') return true;
    return wasReset(current, previous);
  });

type Sample = number | NativeHistogram;

function counting(
  happened: (current: Sample, previous: Sample, window: Window, index: number) => boolean,
): MixedFunction {
  return (window) => {
    let found = 0;
    for (let i = window.from + 1; i < window.to; i++) {
      if (happened(sampleAt(window, i), sampleAt(window, i - 1), window, i)) found++;
    }
    return found;
  };
}

/** `irate` and `idelta`: from the last two samples. */
export function instantHistogramChange(isRate: boolean): MixedRule {
  return (say) => (window, series) => {
    if (window.to - window.from < 2) return undefined;
    const last = sampleAt(window, window.to - 1);
    const previous = sampleAt(window, window.to - 2);
    const milliseconds = window.timestamps[window.to - 1]! - window.timestamps[window.to - 2]!;
    if (typeof last === 'number' && typeof previous === 'number') {
      const isReset = last < previous || startedAnew(window, window.to - 1);
      const change = isRate && isReset ? last : last - previous;
      return isRate ? change / (milliseconds / 1000) : change;
    }
    if (typeof last === 'number' || typeof previous === 'number') {
      say.mixedSamples(series);
      return undefined;
    }
    if (isRate && (last.hint === 'gauge' || previous.hint === 'gauge')) say.notCounter(series);
    if (!isRate && (last.hint !== 'gauge' || previous.hint !== 'gauge')) say.notGauge(series);
    let change = last;
    if (!isRate || !(startedAnew(window, window.to - 1) || wasReset(last, previous))) {
      const combined = subtract(last, previous);
      if (!combined) {
        say.mixedSchemas(series);
        return undefined;
      }
      if (combined.boundsReconciled) say.reconciledBounds('subtraction');
      change = combined.histogram;
    }
    const gauge: NativeHistogram = { ...compact(change), hint: 'gauge' };
    return isRate ? scale(gauge, 1000 / milliseconds) : gauge;
  };
}

/** The sum of a change and a histogram of the same window; `undefined` (and a remark) where they do not fit together. */
export function addedTo(
  change: NativeHistogram,
  histogram: NativeHistogram,
  say: RangeRemarks,
  series: Parameters<MixedFunction>[1],
): NativeHistogram | undefined {
  const sum = add(change, histogram);
  if (!sum) say.mixedSchemas(series);
  if (sum?.boundsReconciled) say.reconciledBounds('addition');
  return sum && { ...compact(sum.histogram), hint: 'gauge' };
}

/** What a window's histograms grew by, resets mended; `undefined` (and a remark) where they do not fit together. */
export function histogramChange(
  window: Window,
  isCounter: boolean,
  say: RangeRemarks,
  series: Parameters<MixedFunction>[1],
): NativeHistogram | undefined {
  const histograms = onlyHistograms(window);
  if (!histograms) {
    say.mixedSamples(series);
    return undefined;
  }
  const last = histograms.at(-1)!;
  let first = histograms[0]!;
  if (isCounter && histograms.some((histogram) => histogram.hint === 'gauge')) say.notCounter(series);
  if (!isCounter && (first.hint !== 'gauge' || last.hint !== 'gauge')) say.notGauge(series);
  const isReset = (index: number, before: NativeHistogram) =>
    startedAnew(window, window.from + index) || wasReset(histograms[index]!, before);
  const second = histograms[1];
  if (isCounter && second && isReset(1, first)) {
    // What the first one had says nothing about the others then, not even their schema.
    first = { ...EMPTY_HISTOGRAM, schema: second.schema, customValues: second.customValues };
  }
  const custom = hasCustomBuckets(first);
  const between = isCounter ? histograms.slice(1) : [last];
  if (between.some((histogram) => hasCustomBuckets(histogram) !== custom)) {
    say.mixedSchemas(series);
    return undefined;
  }
  const difference = subtract(last, first)!;
  if (difference.boundsReconciled) say.reconciledBounds('subtraction');
  let change = difference.histogram;
  if (isCounter) {
    let previous = first;
    for (const [index, histogram] of histograms.entries()) {
      if (index === 0) continue;
      if (isReset(index, previous)) {
        const mended = add(change, previous)!;
        if (mended.boundsReconciled) say.reconciledBounds('addition');
        change = mended.histogram;
      } else {
        // A coarser histogram between makes the whole coarser.
        const coarse = add(change, { ...histogram, ...NOTHING_SEEN })!;
        change = coarse.histogram;
      }
      previous = histogram;
    }
  }
  return { ...compact(change), hint: 'gauge' };
}

const NOTHING_SEEN = {
  count: 0,
  sum: 0,
  zeroCount: 0,
  zeroThreshold: 0,
  positive: { indexes: [], counts: [] },
  negative: { indexes: [], counts: [] },
};
