import { MOST_BUCKETS, type NativeBuckets, type NativeHistogram } from './native-histogram.ts';

/** A bucket with a bound: how many observations are at most so large. */
export interface ClassicBucket {
  /** Upper bound, finite. */
  readonly bound: number;
  /** Of this and all buckets below. */
  readonly count: number;
}

/** Two buckets an octave, as exponential histograms of OpenTelemetry get. */
const FINEST_SCHEMA = 1;
const CUSTOM_SCHEMA = -53;

/**
 * The buckets of a native histogram as classic ones, ascending, without the one of `+Inf` (which is the count);
 * `undefined` where its parts do not fit together. Schemas finer than 1 are brought to 1. A quantile stays exact to
 * within its bucket. https://prometheus.io/docs/specs/native_histograms/
 */
export function classicBuckets(histogram: NativeHistogram): ClassicBucket[] | undefined {
  const { count, zeroCount, zeroThreshold, schema } = histogram;
  const positive = countsByIndex(histogram.positive);
  const negative = countsByIndex(histogram.negative);
  if (!positive || !negative || !(count >= 0) || !(zeroCount >= 0) || !(zeroThreshold >= 0)) return undefined;
  if (schema === CUSTOM_SCHEMA) return negative.size === 0 ? customBuckets(positive, histogram) : undefined;
  if (schema < -4 || schema > 8) return undefined;
  const target = Math.min(schema, FINEST_SCHEMA);
  const byBound = new Map<number, number>();
  const add = (bound: number, more: number) => byBound.set(bound, (byBound.get(bound) ?? 0) + more);
  const coarser = (index: number) => Math.ceil(index / 2 ** (schema - target));
  for (const [index, more] of negative) add(-boundOf(coarser(index) - 1, target), more);
  if (zeroCount > 0) add(zeroThreshold, zeroCount);
  const lowest = positive.keys().next();
  // The lower edge of the lowest bucket: without it, quantiles would be interpolated from 0.
  if (!lowest.done) add(boundOf(coarser(lowest.value) - 1, target), 0);
  for (const [index, more] of positive) add(boundOf(coarser(index), target), more);
  return cumulate(byBound, count);
}

/** Populated buckets by their index, ascending. */
function countsByIndex({ spans, deltas, counts }: NativeBuckets): Map<number, number> | undefined {
  const total = Math.max(deltas.length, counts.length);
  if (total > MOST_BUCKETS || (deltas.length > 0 && counts.length > 0)) return undefined;
  const byIndex = new Map<number, number>();
  let index = 0;
  let position = 0;
  let current = 0;
  for (let span = 0; span < spans.length; span += 2) {
    if (span > 0 && spans[span]! < 0) return undefined;
    index += spans[span]!;
    const end = position + spans[span + 1]!;
    if (end > total) return undefined;
    for (; position < end; position++, index++) {
      current = counts.length > 0 ? counts[position]! : current + deltas[position]!;
      if (!(current >= 0)) return undefined;
      if (current > 0) byIndex.set(index, current);
    }
  }
  return position === total ? byIndex : undefined;
}

/** Bucket `i` ends at the bound `i`; the one after the last bound has none. */
function customBuckets(
  counts: ReadonlyMap<number, number>,
  { customBounds, count }: NativeHistogram,
): ClassicBucket[] | undefined {
  if (customBounds.length > MOST_BUCKETS) return undefined;
  const byBound = new Map<number, number>();
  for (const [index, bound] of customBounds.entries()) {
    if (!Number.isFinite(bound) || (index > 0 && bound <= customBounds[index - 1]!)) return undefined;
    byBound.set(bound, counts.get(index) ?? 0);
  }
  for (const index of counts.keys()) if (index < 0 || index > customBounds.length) return undefined;
  return cumulate(byBound, count);
}

function cumulate(byBound: Map<number, number>, total: number): ClassicBucket[] | undefined {
  byBound.delete(Number.POSITIVE_INFINITY);
  const buckets: ClassicBucket[] = [];
  let count = byBound.get(Number.NEGATIVE_INFINITY) ?? 0;
  byBound.delete(Number.NEGATIVE_INFINITY);
  for (const bound of [...byBound.keys()].sort((a, b) => a - b)) {
    count += byBound.get(bound)!;
    buckets.push({ bound, count });
  }
  // Counts of float histograms are sums of products: a little more than all is all.
  return count <= total * (1 + 1e-9) ? buckets : undefined;
}

/** Upper bound of a bucket. Rounded, since the last digit of a power differs between machines, and `le` is a name. */
function boundOf(index: number, schema: number): number {
  const exponent = index * 2 ** -schema;
  const bound = 2 ** exponent;
  return Number.isInteger(exponent) || !Number.isFinite(bound) ? bound : Number(bound.toPrecision(9));
}
