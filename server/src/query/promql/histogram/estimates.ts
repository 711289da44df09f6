import { type Bucket, bucketsOf, hasCustomBuckets } from '../../../lib/native-histogram/buckets.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import type { Bucket as ClassicBucket } from '../functions/classic-buckets.ts';
import { bucketFraction } from '../functions/classic-buckets.ts';

export interface Estimate {
  readonly value: number;
  /** What NaN among the observations did to the value. */
  readonly nan?: 'result' | 'skew' | 'excluded';
}

/** The φ-quantile: exponential interpolation within exponential buckets, straight in the zero bucket and custom ones. */
export function histogramQuantile(quantile: number, histogram: NativeHistogram): Estimate {
  if (quantile < 0) return { value: -Infinity };
  if (quantile > 1) return { value: Infinity };
  if (histogram.count === 0 || Number.isNaN(quantile)) return { value: Number.NaN };
  const hasNaN = Number.isNaN(histogram.sum);
  const forward = hasNaN || quantile < 0.5;
  const buckets = bucketsOf(histogram).filter((bucket) => bucket.count !== 0);
  if (!forward) buckets.reverse();
  let rank = (forward ? quantile : 1 - quantile) * histogram.count;
  let count = 0;
  let bucket: Bucket = { lower: 0, upper: 0, count: 0 };
  for (bucket of buckets) {
    count += bucket.count;
    if (count >= rank) break;
  }
  count = Math.min(count, histogram.count);
  if (hasNaN && count < rank) return { value: Number.NaN, nan: 'result' };
  const bounded = boundBucket(bucket, histogram);
  const nan = hasNaN ? ({ nan: 'skew' } as const) : {};
  if (typeof bounded === 'number') return { value: bounded, ...nan };
  if (count < rank) return { value: bounded.upper };
  rank = forward ? rank - (count - bucket.count) : count - rank;
  return { value: interpolate(bounded, rank / bucket.count, histogram), ...nan };
}

/** Open ends closed where that is possible; else the one value that can be said. */
function boundBucket(bucket: Bucket, histogram: NativeHistogram): Bucket | number {
  if (hasCustomBuckets(histogram)) {
    if (bucket.lower === -Infinity)
      return bucket.upper <= 0 || bucket.upper === Infinity ? boundOf(bucket) : { ...bucket, lower: 0 };
    return bucket.upper === Infinity ? bucket.lower : bucket;
  }
  return zeroSided(bucket, histogram);
}

function boundOf(bucket: Bucket): number {
  return bucket.upper === Infinity ? Number.NaN : bucket.upper;
}

/** The zero bucket reaches below zero only where something else does, and above likewise. */
function zeroSided(bucket: Bucket, { positive, negative }: NativeHistogram): Bucket {
  if (bucket.lower >= 0 || bucket.upper <= 0) return bucket;
  if (negative.indexes.length === 0 && positive.indexes.length > 0) return { ...bucket, lower: 0 };
  if (positive.indexes.length === 0 && negative.indexes.length > 0) return { ...bucket, upper: 0 };
  return bucket;
}

function interpolate({ lower, upper }: Bucket, share: number, histogram: NativeHistogram): number {
  if (hasCustomBuckets(histogram) || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * share;
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * share);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - share)));
}

/** The share of observations between two values; observations of NaN do not count. */
export function histogramFraction(lower: number, upper: number, histogram: NativeHistogram): Estimate {
  const buckets = bucketsOf(histogram);
  const hasNaN = Number.isNaN(histogram.sum);
  const nan = hasNaN ? ({ nan: 'excluded' } as const) : {};
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return { value: Number.NaN, ...nan };
  if (lower >= upper) return { value: 0, ...nan };
  if (hasCustomBuckets(histogram)) return { value: bucketFraction(lower, upper, toClassic(histogram)).value, ...nan };
  const total = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const whole = hasNaN ? total : histogram.count;
  const share = Math.min(whole, rankOf(upper, buckets, histogram)) - Math.min(whole, rankOf(lower, buckets, histogram));
  return { value: share / histogram.count, ...nan };
}

function rankOf(value: number, buckets: readonly Bucket[], histogram: NativeHistogram): number {
  let rank = 0;
  for (const raw of buckets) {
    const bucket = zeroSided(raw, histogram);
    if (bucket.lower >= value) return rank;
    if (bucket.upper > value) return rank + bucket.count * shareBelow(value, bucket);
    rank += bucket.count;
  }
  return value === Infinity || buckets.length === 0 ? histogram.count : rank === 0 ? 0 : histogram.count;
}

/** How much of a bucket is estimated to lie below a value inside of it. */
export function shareBelow(value: number, { lower, upper }: Bucket): number {
  if (lower <= 0 && upper >= 0) return (value - lower) / (upper - lower);
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logValue = Math.log2(Math.abs(value));
  if (value > 0) return (logValue - logLower) / (logUpper - logLower);
  return 1 - (logValue - logUpper) / (logLower - logUpper);
}

/** Custom buckets as cumulative ones. */
function toClassic({ positive, customValues }: NativeHistogram): ClassicBucket[] {
  const counts = new Map(positive.indexes.map((index, i) => [index, positive.counts[i]!]));
  let count = 0;
  return [...customValues, Infinity].map((upperBound, index) => {
    count += counts.get(index) ?? 0;
    return { upperBound, count };
  });
}

/** Variance with all observations of a bucket at its (geometric, for custom buckets arithmetic) middle. */
export function histogramVariance(histogram: NativeHistogram): number {
  const mean = histogram.sum / histogram.count;
  let squares = 0;
  for (const { lower, upper, count } of bucketsOf(histogram)) {
    if (count === 0) continue;
    const delta = middleOf(lower, upper, histogram) - mean;
    squares += count * delta * delta;
  }
  return squares / histogram.count;
}

function middleOf(lower: number, upper: number, histogram: NativeHistogram): number {
  if (hasCustomBuckets(histogram)) {
    if (lower === -Infinity) return upper > 0 ? upper / 2 : upper;
    return upper === Infinity ? lower : (lower + upper) / 2;
  }
  if (lower <= 0 && upper >= 0) return 0;
  const middle = Math.sqrt(lower * upper);
  return upper < 0 ? -middle : middle;
}
