/** What is known of a counter's fall between a histogram and the one before it. */
export type ResetHint = 'unknown' | 'reset' | 'not_reset' | 'gauge';

/** Buckets that were seen: `counts[i]` observations in the bucket with the index `indexes[i]`, ascending. */
export interface HistogramBuckets {
  readonly indexes: readonly number[];
  readonly counts: readonly number[];
}

/** Schema of histograms with bounds of their own. */
export const CUSTOM_BUCKETS = -53;
export const NO_BUCKETS: HistogramBuckets = { indexes: [], counts: [] };

/**
 * A native histogram. Bucket `i` of an exponential schema `s` (-4 to 8) covers `(2^((i-1)*2^-s), 2^(i*2^-s)]`, on the
 * negative side mirrored; with custom buckets, bucket `i` ends at `customValues[i]`, the last one is open.
 * https://prometheus.io/docs/specs/native_histograms/
 */
export interface NativeHistogram {
  readonly schema: number;
  readonly count: number;
  readonly sum: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: HistogramBuckets;
  readonly negative: HistogramBuckets;
  /** Upper bounds, ascending, without +Inf; empty for exponential schemas. */
  readonly customValues: readonly number[];
  readonly hint: ResetHint;
}

export const EMPTY_HISTOGRAM: NativeHistogram = {
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
