import { hasCustomBuckets, sameNumbers } from '../../../lib/native-histogram/buckets.ts';
import { sharedBounds, toBounds, toSchema, widenZeroBucket } from '../../../lib/native-histogram/resolution.ts';
import type { HistogramBuckets, NativeHistogram } from '../../../model/native-histogram.ts';

/** True where a counter histogram was reset between `previous` and `current`: something in it has become less. */
export function wasReset(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (current.hint === 'reset') return true;
  if (current.hint === 'not_reset') return false;
  if (current.count < previous.count) return true;
  if (hasCustomBuckets(current) !== hasCustomBuckets(previous)) return true;
  if (hasCustomBuckets(current)) return customBucketsFell(current, previous);
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
  const before = widenZeroBucket(previous, current.zeroThreshold);
  if (before.zeroThreshold !== current.zeroThreshold || current.zeroCount < before.zeroCount) return true;
  const coarse = toSchema(before, current.schema);
  return fell(current.positive, coarse.positive) || fell(current.negative, coarse.negative);
}

function customBucketsFell(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (sameNumbers(current.customValues, previous.customValues)) return fell(current.positive, previous.positive);
  const bounds = sharedBounds(current.customValues, previous.customValues);
  return fell(toBounds(current, bounds).positive, toBounds(previous, bounds).positive);
}

function fell(current: HistogramBuckets, previous: HistogramBuckets): boolean {
  const now = new Map(current.indexes.map((index, i) => [index, current.counts[i]!]));
  return previous.indexes.some((index, i) => (now.get(index) ?? 0) < previous.counts[i]!);
}
