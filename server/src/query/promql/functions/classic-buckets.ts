export interface Bucket {
  upperBound: number;
  count: number;
}

export interface BucketQuantile {
  readonly value: number;
  /** True where counts had to be raised so that they never fall from bucket to bucket. */
  readonly forcedMonotonic: boolean;
}

/** Sorted, one bucket a bound, counts that never fall. Changes in counts below 1e-12 of them are taken for rounding. */
function normaliseBuckets(buckets: Bucket[]): { buckets: Bucket[]; forcedMonotonic: boolean } {
  buckets.sort((a, b) => a.upperBound - b.upperBound);
  const merged: Bucket[] = [];
  for (const bucket of buckets) {
    const last = merged.at(-1);
    if (last && last.upperBound === bucket.upperBound) last.count += bucket.count;
    else merged.push({ ...bucket });
  }
  let forcedMonotonic = false;
  for (let i = 1; i < merged.length; i++) {
    const previous = merged[i - 1]!.count;
    const bucket = merged[i]!;
    if (bucket.count === previous) continue;
    if (isNearly(previous, bucket.count)) bucket.count = previous;
    else if (bucket.count < previous) {
      bucket.count = previous;
      forcedMonotonic = true;
    }
  }
  return { buckets: merged, forcedMonotonic };
}

function isNearly(a: number, b: number): boolean {
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < 2 ** -1022) return difference < 1e-12 * 2 ** -1022;
  return difference / Math.min(sum, Number.MAX_VALUE) < 1e-12;
}

/**
 * The φ-quantile of a classic histogram, by straight line within its bucket; the lowest bucket starts at 0 where its
 * bound is positive. https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 */
export function bucketQuantile(quantile: number, raw: Bucket[]): BucketQuantile {
  const plain = (value: number): BucketQuantile => ({ value, forcedMonotonic: false });
  if (Number.isNaN(quantile)) return plain(Number.NaN);
  if (quantile < 0) return plain(-Infinity);
  if (quantile > 1) return plain(Infinity);
  const { buckets, forcedMonotonic } = normaliseBuckets(raw);
  const last = buckets.length - 1;
  if (buckets[last]?.upperBound !== Infinity || buckets.length < 2) return plain(Number.NaN);
  const observations = buckets[last]!.count;
  if (observations === 0 || Number.isNaN(observations)) return plain(Number.NaN);
  let rank = quantile * observations;
  let at = 0;
  while (at < last && !(buckets[at]!.count >= rank)) at++;
  const found = buckets[at]!;
  if (at === last) return { value: buckets[last - 1]!.upperBound, forcedMonotonic };
  if (at === 0 && found.upperBound <= 0) return { value: found.upperBound, forcedMonotonic };
  let start = 0;
  let count = found.count;
  if (at > 0) {
    start = buckets[at - 1]!.upperBound;
    count -= buckets[at - 1]!.count;
    rank -= buckets[at - 1]!.count;
  }
  return { value: start + (found.upperBound - start) * (rank / count), forcedMonotonic };
}

/** The share of observations between two values, by straight line within buckets. */
export function bucketFraction(lower: number, upper: number, raw: Bucket[]): BucketQuantile {
  const { buckets, forcedMonotonic } = normaliseBuckets(raw);
  const last = buckets.at(-1);
  if (last?.upperBound !== Infinity) return { value: Number.NaN, forcedMonotonic: false };
  const total = last.count;
  if (total === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return { value: Number.NaN, forcedMonotonic: false };
  if (lower >= upper) return { value: 0, forcedMonotonic };
  const share = (rankOf(upper, buckets) - rankOf(lower, buckets)) / total;
  return { value: share, forcedMonotonic };
}

/** How many observations are estimated to be at or below a value. */
function rankOf(value: number, buckets: readonly Bucket[]): number {
  let below = 0;
  let start = buckets[0]!.upperBound > 0 ? 0 : -Infinity;
  for (const { upperBound, count } of buckets) {
    if (value <= start) return below;
    if (value < upperBound) {
      // Of an open bucket nothing is known: all that it holds is taken to be at its infinite end.
      if (start === -Infinity) return count;
      if (upperBound === Infinity) return below;
      return below + ((count - below) * (value - start)) / (upperBound - start);
    }
    below = count;
    start = upperBound;
  }
  return below;
}
