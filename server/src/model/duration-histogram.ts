/**
 * Span durations counted in buckets that grow by 2^(1/16): bucket `b` holds durations `2^((b-1)/16) < d <= 2^(b/16)`
 * nanoseconds, so that a quantile is off by 2.2 % at most and buckets of many minutes and services add up.
 */
const BUCKETS_PER_DOUBLING = 16;

/** Bucket numbers (as text or number) to counts. */
export type DurationBuckets = Readonly<Record<string, number>>;

/** The sum of several histograms. */
export function addDurations(histograms: Iterable<DurationBuckets>): DurationBuckets {
  const sum: Record<string, number> = {};
  for (const histogram of histograms) {
    for (const bucket in histogram) sum[bucket] = (sum[bucket] ?? 0) + histogram[bucket]!;
  }
  return sum;
}

/** The duration in milliseconds below which the share `quantile` (0 to 1) lies; `undefined` without any. */
export function durationQuantile(histogram: DurationBuckets, quantile: number): number | undefined {
  const buckets = Object.keys(histogram)
    .map(Number)
    .sort((a, b) => a - b);
  const total = buckets.reduce((sum, bucket) => sum + histogram[bucket]!, 0);
  const wanted = Math.max(1, Math.ceil(quantile * total));
  let seen = 0;
  for (const bucket of buckets) {
    seen += histogram[bucket]!;
    if (seen >= wanted) return 2 ** ((bucket - 0.5) / BUCKETS_PER_DOUBLING) / 1e6;
  }
  return undefined;
}

/** How many took at most `milliseconds`, to within a bucket. */
export function countWithin(histogram: DurationBuckets, milliseconds: number): number {
  const last = Math.round(Math.log2(milliseconds * 1e6) * BUCKETS_PER_DOUBLING);
  let count = 0;
  for (const bucket in histogram) if (Number(bucket) <= last) count += histogram[bucket]!;
  return count;
}
