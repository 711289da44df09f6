import { counterSum, type HistogramValue } from './histogram.ts';
import { type Buckets, type ExponentialHistogramPoint, MOST_BUCKETS } from './otlp-metric.ts';

/** Two buckets an octave: each bound is 1.41 times the one before. */
const FINEST_SCALE = 1;

/**
 * An exponential histogram as buckets with bounds, until native histograms are stored. Scales finer than 1 are brought
 * to 1: a SDK's 160 buckets would else be 160 series, and the bounds would move whenever it changes its scale. A value
 * range of 1 ms to 10 s takes 27 buckets; a quantile is exact to within its bucket, and interpolated there.
 * https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */
export function exponentialHistogram(point: ExponentialHistogramPoint): HistogramValue | undefined {
  const { scale, positive, negative } = point;
  if (positive.counts.length + negative.counts.length > MOST_BUCKETS) return undefined;
  if (scale < -10 || scale > 20 || !(point.zeroThreshold >= 0)) return undefined;
  const target = Math.min(scale, FINEST_SCALE);
  const byBound = new Map<number, number>();
  const add = (bound: number, count: number) => byBound.set(bound, (byBound.get(bound) ?? 0) + count);
  for (const [index, count] of coarser(negative, scale - target)) add(-boundOf(index, target), count);
  if (point.zeroCount > 0) add(point.zeroThreshold, point.zeroCount);
  const upward = coarser(positive, scale - target);
  // The lower edge of the lowest bucket: without it, quantiles would be interpolated from 0.
  const lowest = upward.keys().next();
  if (!lowest.done) add(boundOf(lowest.value, target), 0);
  for (const [index, count] of upward) add(boundOf(index + 1, target), count);

  const beyond = byBound.get(Number.POSITIVE_INFINITY) ?? 0;
  byBound.delete(Number.POSITIVE_INFINITY);
  byBound.delete(Number.NEGATIVE_INFINITY);
  const bounds = [...byBound.keys()].sort((a, b) => a - b);
  const sum = negative.counts.some((count) => count > 0) ? undefined : counterSum(point.sum);
  return {
    count: point.count,
    sum,
    bounds,
    counts: [...bounds.map((bound) => byBound.get(bound)!), beyond],
    grid: `2^(1/2^${target})`,
  };
}

/** Counts by bucket index after halving the resolution `steps` times; empty buckets at both ends are left out. */
function coarser(buckets: Buckets, steps: number): Map<number, number> {
  const result = new Map<number, number>();
  const first = buckets.counts.findIndex((count) => count > 0);
  const last = buckets.counts.findLastIndex((count) => count > 0);
  if (first < 0) return result;
  for (let position = first; position <= last; position++) {
    const index = Math.floor((buckets.offset + position) / 2 ** steps);
    result.set(index, (result.get(index) ?? 0) + buckets.counts[position]!);
  }
  return result;
}

/** Lower bound of a bucket. Rounded, since the last digit of a power differs between machines, and `le` is a name. */
function boundOf(index: number, scale: number): number {
  const exponent = index * 2 ** -scale;
  const bound = 2 ** exponent;
  return Number.isInteger(exponent) || !Number.isFinite(bound) ? bound : Number(bound.toPrecision(9));
}
