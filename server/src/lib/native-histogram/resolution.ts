import { CUSTOM_BUCKETS, type HistogramBuckets, type NativeHistogram } from '../../model/native-histogram.ts';
import { exponentialBound } from './exponential-bounds.ts';

/** The histogram at a lower exponential schema: neighbouring buckets become one. */
export function toSchema(histogram: NativeHistogram, schema: number): NativeHistogram {
  if (schema >= histogram.schema) return histogram;
  // Shifts count modulo 32.
  const shift = Math.min(histogram.schema - schema, 31);
  const target = (index: number) => ((index - 1) >> shift) + 1;
  return {
    ...histogram,
    schema,
    positive: regroup(histogram.positive, target),
    negative: regroup(histogram.negative, target),
  };
}

/** Buckets by their new index; the order stays. */
function regroup({ indexes, counts }: HistogramBuckets, target: (index: number) => number): HistogramBuckets {
  const newIndexes: number[] = [];
  const newCounts: number[] = [];
  for (const [i, index] of indexes.entries()) {
    const at = target(index);
    if (newIndexes.at(-1) === at) newCounts[newCounts.length - 1]! += counts[i]!;
    else {
      newIndexes.push(at);
      newCounts.push(counts[i]!);
    }
  }
  return { indexes: newIndexes, counts: newCounts };
}

/** Bounds that both have. */
export function sharedBounds(a: readonly number[], b: readonly number[]): number[] {
  const known = new Set(b);
  return a.filter((bound) => known.has(bound));
}

/** A histogram with custom buckets at some of its bounds only. */
export function toBounds(histogram: NativeHistogram, bounds: readonly number[]): NativeHistogram {
  const target = (index: number) => {
    const upper = histogram.customValues[index] ?? Number.POSITIVE_INFINITY;
    const at = bounds.findIndex((bound) => bound >= upper);
    return at < 0 ? bounds.length : at;
  };
  return { ...histogram, customValues: bounds, positive: regroup(histogram.positive, target) };
}

/**
 * The histogram with a zero bucket at least as wide as wished: wider where the wish ends inside of a bucket with
 * observations. What the zero bucket swallows is counted there.
 */
export function widenZeroBucket(histogram: NativeHistogram, threshold: number): NativeHistogram {
  if (histogram.schema === CUSTOM_BUCKETS || threshold <= histogram.zeroThreshold) return histogram;
  const { schema, positive, negative } = histogram;
  let wide = threshold;
  for (const side of [positive, negative, positive]) {
    for (const [i, index] of side.indexes.entries()) {
      const upper = exponentialBound(index, schema);
      if (exponentialBound(index - 1, schema) < wide && upper > wide && side.counts[i] !== 0) wide = upper;
    }
  }
  let zeroCount = histogram.zeroCount;
  const rest = (side: HistogramBuckets): HistogramBuckets => {
    const isOutside = side.indexes.map((index) => exponentialBound(index - 1, schema) >= wide);
    for (const [i, outside] of isOutside.entries()) if (!outside) zeroCount += side.counts[i]!;
    return {
      indexes: side.indexes.filter((_, i) => isOutside[i]),
      counts: side.counts.filter((_, i) => isOutside[i]),
    };
  };
  const [restPositive, restNegative] = [rest(positive), rest(negative)];
  return { ...histogram, zeroThreshold: wide, zeroCount, positive: restPositive, negative: restNegative };
}

/** Both with zero buckets of one width. */
export function alignZeroBuckets(a: NativeHistogram, b: NativeHistogram): [NativeHistogram, NativeHistogram] {
  let [left, right] = [a, b];
  while (left.zeroThreshold !== right.zeroThreshold) {
    if (left.zeroThreshold < right.zeroThreshold) left = widenZeroBucket(left, right.zeroThreshold);
    else right = widenZeroBucket(right, left.zeroThreshold);
  }
  return [left, right];
}
