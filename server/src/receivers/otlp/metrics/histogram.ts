import { type HistogramPoint, MOST_BUCKETS } from './otlp-metric.ts';

/** Counts by bucket: `counts[i]` lie in `(bounds[i-1], bounds[i]]`, the last one beyond all bounds. */
export interface HistogramValue {
  readonly count: number;
  /** `undefined` where the sender gives none, or one that is not a counter (negative observations). */
  readonly sum: number | undefined;
  /** Ascending, finite. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  /** The bounds: values with the same ones can be added. */
  readonly grid: string;
}

/** The value of an explicit-bounds point; `undefined` where its parts do not fit together. */
export function explicitHistogram(point: HistogramPoint): HistogramValue | undefined {
  const { count, explicitBounds: bounds, bucketCounts: counts } = point;
  if (counts.length > MOST_BUCKETS || !isAscending(bounds)) return undefined;
  const sum = counterSum(point.sum);
  if (counts.length === 0) return { count, sum, bounds: [], counts: [count], grid: '' };
  if (counts.length !== bounds.length + 1) return undefined;
  if (bounds.at(-1) === Number.POSITIVE_INFINITY) {
    const finite = bounds.slice(0, -1);
    const last = counts.at(-1)! + counts.at(-2)!;
    return { count, sum, bounds: finite, counts: [...counts.slice(0, -2), last], grid: finite.join() };
  }
  return { count, sum, bounds, counts, grid: bounds.join() };
}

function isAscending(bounds: readonly number[]): boolean {
  for (let index = 0; index < bounds.length; index++) {
    const previous = index === 0 ? Number.NEGATIVE_INFINITY : bounds[index - 1]!;
    if (!(bounds[index]! > previous)) return false;
  }
  return true;
}

/** Sums of negative observations fall: they are no counter, and are left out as the specification says. */
export function counterSum(sum: number | undefined): number | undefined {
  return sum === undefined || sum < 0 || Number.isNaN(sum) ? undefined : sum;
}

/** The sum of two values of one grid. */
export function addHistograms(a: HistogramValue, b: HistogramValue): HistogramValue {
  const sum = a.sum === undefined || b.sum === undefined ? undefined : a.sum + b.sum;
  return { ...a, count: a.count + b.count, sum, counts: a.counts.map((value, index) => value + b.counts[index]!) };
}
