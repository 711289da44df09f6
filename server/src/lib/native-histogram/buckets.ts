import {
  CUSTOM_BUCKETS,
  type HistogramBuckets,
  type NativeHistogram,
  NO_BUCKETS,
} from '../../model/native-histogram.ts';
import { exponentialBound } from './exponential-bounds.ts';

export function hasCustomBuckets(histogram: NativeHistogram): boolean {
  return histogram.schema === CUSTOM_BUCKETS;
}

export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** HistogramBuckets with observations from the lowest to the highest, the zero bucket among them. */
export function bucketsOf(histogram: NativeHistogram): Bucket[] {
  const { schema, positive, negative, customValues, zeroCount, zeroThreshold } = histogram;
  const buckets: Bucket[] = [];
  for (let i = negative.indexes.length - 1; i >= 0; i--) {
    const index = negative.indexes[i]!;
    const lower = -exponentialBound(index, schema);
    buckets.push({ lower, upper: -exponentialBound(index - 1, schema), count: negative.counts[i]! });
  }
  if (zeroCount !== 0) buckets.push({ lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount });
  for (const [i, index] of positive.indexes.entries()) {
    const count = positive.counts[i]!;
    if (schema === CUSTOM_BUCKETS) {
      buckets.push({ lower: customValues[index - 1] ?? -Infinity, upper: customValues[index] ?? Infinity, count });
    } else buckets.push({ lower: exponentialBound(index - 1, schema), upper: exponentialBound(index, schema), count });
  }
  return buckets;
}

/** Without buckets that hold nothing. */
export function compact(histogram: NativeHistogram): NativeHistogram {
  return { ...histogram, positive: compactBuckets(histogram.positive), negative: compactBuckets(histogram.negative) };
}

function compactBuckets(buckets: HistogramBuckets): HistogramBuckets {
  if (!buckets.counts.includes(0)) return buckets;
  const keep = buckets.counts.map((count) => count !== 0);
  return {
    indexes: buckets.indexes.filter((_, i) => keep[i]),
    counts: buckets.counts.filter((_, i) => keep[i]),
  };
}

/** All counts and the sum times a factor. */
export function scale(histogram: NativeHistogram, factor: number): NativeHistogram {
  return map(histogram, (value) => value * factor, factor < 0);
}

export function divide(histogram: NativeHistogram, divisor: number): NativeHistogram {
  const divided = map(histogram, (value) => value / divisor, divisor < 0);
  return divisor === 0 ? { ...divided, positive: NO_BUCKETS, negative: NO_BUCKETS } : divided;
}

function map(histogram: NativeHistogram, change: (value: number) => number, toGauge: boolean): NativeHistogram {
  const buckets = ({ indexes, counts }: HistogramBuckets): HistogramBuckets => ({
    indexes,
    counts: counts.map(change),
  });
  return {
    ...histogram,
    count: change(histogram.count),
    sum: change(histogram.sum),
    zeroCount: change(histogram.zeroCount),
    positive: buckets(histogram.positive),
    negative: buckets(histogram.negative),
    hint: toGauge ? 'gauge' : histogram.hint,
  };
}

/** Exact equality of everything but the reset hint; buckets without observations do not count. */
export function sameHistogram(left: NativeHistogram, right: NativeHistogram): boolean {
  const [a, b] = [compact(left), compact(right)];
  return (
    a.schema === b.schema &&
    sameNumber(a.count, b.count) &&
    sameNumber(a.sum, b.sum) &&
    sameNumber(a.zeroCount, b.zeroCount) &&
    a.zeroThreshold === b.zeroThreshold &&
    sameNumbers(a.customValues, b.customValues) &&
    sameNumbers(a.positive.indexes, b.positive.indexes) &&
    sameNumbers(a.positive.counts, b.positive.counts) &&
    sameNumbers(a.negative.indexes, b.negative.indexes) &&
    sameNumbers(a.negative.counts, b.negative.counts)
  );
}

export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => sameNumber(value, b[i]!));
}

function sameNumber(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
