import type { HistogramBuckets, NativeHistogram, ResetHint } from '../../model/native-histogram.ts';
import { hasCustomBuckets, sameNumbers } from './buckets.ts';
import { alignZeroBuckets, sharedBounds, toBounds, toSchema } from './resolution.ts';

/** What there is to say of a sum or difference besides itself. */
export interface Combined {
  readonly histogram: NativeHistogram;
  /** One says that a counter was reset, the other that it was not. */
  readonly hintsCollide: boolean;
  /** The custom bounds differed; only shared ones are left. */
  readonly boundsReconciled: boolean;
}

export function add(a: NativeHistogram, b: NativeHistogram): Combined | undefined {
  return combine(a, b, (x, y) => x + y);
}

/** The difference is a gauge. */
export function subtract(a: NativeHistogram, b: NativeHistogram): Combined | undefined {
  const combined = combine(a, b, (x, y) => x - y);
  return combined && { ...combined, histogram: { ...combined.histogram, hint: 'gauge' } };
}

/** Field by field; `undefined` where one has exponential and the other custom buckets. */
export function combine(
  a: NativeHistogram,
  b: NativeHistogram,
  compute: (x: number, y: number) => number,
): Combined | undefined {
  const aligned = align(a, b);
  if (!aligned) return undefined;
  const { left, right, boundsReconciled } = aligned;
  const { hint, collide } = combineHints(a.hint, b.hint);
  const histogram: NativeHistogram = {
    schema: left.schema,
    customValues: left.customValues,
    zeroThreshold: left.zeroThreshold,
    count: compute(left.count, right.count),
    sum: compute(left.sum, right.sum),
    zeroCount: compute(left.zeroCount, right.zeroCount),
    positive: combineBuckets(left.positive, right.positive, compute),
    negative: combineBuckets(left.negative, right.negative, compute),
    hint,
  };
  return { histogram, hintsCollide: collide, boundsReconciled };
}

/** Both with the same buckets: the coarser of the two. */
function align(
  a: NativeHistogram,
  b: NativeHistogram,
): { left: NativeHistogram; right: NativeHistogram; boundsReconciled: boolean } | undefined {
  if (hasCustomBuckets(a) !== hasCustomBuckets(b)) return undefined;
  if (!hasCustomBuckets(a)) {
    const [left, right] = alignZeroBuckets(a, b);
    const schema = Math.min(a.schema, b.schema);
    return { left: toSchema(left, schema), right: toSchema(right, schema), boundsReconciled: false };
  }
  if (sameNumbers(a.customValues, b.customValues)) return { left: a, right: b, boundsReconciled: false };
  const bounds = sharedBounds(a.customValues, b.customValues);
  return { left: toBounds(a, bounds), right: toBounds(b, bounds), boundsReconciled: true };
}

function combineBuckets(
  a: HistogramBuckets,
  b: HistogramBuckets,
  compute: (x: number, y: number) => number,
): HistogramBuckets {
  const indexes: number[] = [];
  const counts: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.indexes.length || j < b.indexes.length) {
    const inA = a.indexes[i] ?? Number.POSITIVE_INFINITY;
    const inB = b.indexes[j] ?? Number.POSITIVE_INFINITY;
    const index = Math.min(inA, inB);
    indexes.push(index);
    counts.push(compute(inA === index ? a.counts[i++]! : 0, inB === index ? b.counts[j++]! : 0));
  }
  return { indexes, counts };
}

function combineHints(a: ResetHint, b: ResetHint): { hint: ResetHint; collide: boolean } {
  if (a === b) return { hint: a, collide: false };
  if (a === 'gauge' || b === 'gauge') return { hint: 'gauge', collide: false };
  return { hint: 'unknown', collide: a !== 'unknown' && b !== 'unknown' };
}
