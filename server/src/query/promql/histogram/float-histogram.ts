/** What is known of a counter's fall between a histogram and the one before it. */
export type ResetHint = 'unknown' | 'reset' | 'not_reset' | 'gauge';

/** Buckets that were seen: `counts[i]` observations in the bucket with the index `indexes[i]`, ascending. */
export interface Buckets {
  readonly indexes: readonly number[];
  readonly counts: readonly number[];
}

/** Schema of histograms with bounds of their own. */
export const CUSTOM_BUCKETS = -53;
const NO_BUCKETS: Buckets = { indexes: [], counts: [] };

/**
 * A native histogram. Bucket `i` of an exponential schema `s` (-4 to 8) covers `(2^((i-1)*2^-s), 2^(i*2^-s)]`, on the
 * negative side mirrored; with custom buckets, bucket `i` ends at `customValues[i]`, the last one is open.
 * https://prometheus.io/docs/specs/native_histograms/
 */
export interface FloatHistogram {
  readonly schema: number;
  readonly count: number;
  readonly sum: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
  /** Upper bounds, ascending, without +Inf; empty for exponential schemas. */
  readonly customValues: readonly number[];
  readonly hint: ResetHint;
}

export const EMPTY_HISTOGRAM: FloatHistogram = {
  schema: 0,
  count: 0,
  sum: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  positive: NO_BUCKETS,
  negative: NO_BUCKETS,
  customValues: [],
  hint: 'unknown',
};

export function hasCustomBuckets(histogram: FloatHistogram): boolean {
  return histogram.schema === CUSTOM_BUCKETS;
}

/** Upper bound of an exponential bucket. */
export function exponentialBound(index: number, schema: number): number {
  const bound = 2 ** (index * 2 ** -schema);
  return Number.isFinite(bound) ? bound : Number.MAX_VALUE;
}

export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** Buckets with observations from the lowest to the highest, the zero bucket among them. */
export function bucketsOf(histogram: FloatHistogram): Bucket[] {
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
export function compact(histogram: FloatHistogram): FloatHistogram {
  return { ...histogram, positive: compactBuckets(histogram.positive), negative: compactBuckets(histogram.negative) };
}

function compactBuckets(buckets: Buckets): Buckets {
  if (!buckets.counts.includes(0)) return buckets;
  const keep = buckets.counts.map((count) => count !== 0);
  return {
    indexes: buckets.indexes.filter((_, i) => keep[i]),
    counts: buckets.counts.filter((_, i) => keep[i]),
  };
}

/** All counts and the sum times a factor. */
export function scale(histogram: FloatHistogram, factor: number): FloatHistogram {
  return map(histogram, (value) => value * factor, factor < 0);
}

export function divide(histogram: FloatHistogram, divisor: number): FloatHistogram {
  const divided = map(histogram, (value) => value / divisor, divisor < 0);
  return divisor === 0 ? { ...divided, positive: NO_BUCKETS, negative: NO_BUCKETS } : divided;
}

function map(histogram: FloatHistogram, change: (value: number) => number, toGauge: boolean): FloatHistogram {
  const buckets = ({ indexes, counts }: Buckets): Buckets => ({ indexes, counts: counts.map(change) });
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
export function sameHistogram(left: FloatHistogram, right: FloatHistogram): boolean {
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
