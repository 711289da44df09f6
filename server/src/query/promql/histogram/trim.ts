import { hasCustomBuckets } from '../../../lib/native-histogram/buckets.ts';
import { exponentialBound } from '../../../lib/native-histogram/exponential-bounds.ts';
import { CUSTOM_BUCKETS, type HistogramBuckets, type NativeHistogram } from '../../../model/native-histogram.ts';
import { shareBelow } from './estimates.ts';

interface Part {
  readonly count: number;
  /** Where the kept observations are taken to be. */
  readonly middle: number;
}

/**
 * The observations below (`</`) or above (`>/`) a value. Within buckets they are estimated as quantiles are; the sum is
 * estimated from the middles of what is left.
 */
export function trimHistogram(histogram: NativeHistogram, keep: 'below' | 'above', limit: number): NativeHistogram {
  let count = 0;
  let sum = 0;
  let changed = false;
  const part = (lower: number, upper: number, whole: number, isZero: boolean): number => {
    const kept = keepPart(lower, upper, whole, keep, limit, isZero || hasCustomBuckets(histogram));
    if (kept.count !== whole) changed = true;
    count += kept.count;
    if (kept.count !== 0) sum += kept.count * kept.middle;
    return kept.count;
  };
  const side = ({ indexes, counts }: HistogramBuckets, sign: 1 | -1): HistogramBuckets => ({
    indexes,
    counts: counts.map((whole, i) => {
      const [lower, upper] = boundsOf(histogram, indexes[i]!, sign);
      return part(lower, upper, whole, false);
    }),
  });
  const negative = side(histogram.negative, -1);
  const [zeroLower, zeroUpper] = zeroBounds(histogram);
  const zeroCount = histogram.zeroCount === 0 ? 0 : part(zeroLower, zeroUpper, histogram.zeroCount, true);
  const positive = side(histogram.positive, 1);
  return changed ? { ...histogram, positive, negative, zeroCount, count, sum } : histogram;
}

function boundsOf({ schema, customValues }: NativeHistogram, index: number, sign: 1 | -1): [number, number] {
  if (schema === CUSTOM_BUCKETS) return [customValues[index - 1] ?? -Infinity, customValues[index] ?? Infinity];
  const inner = sign * exponentialBound(index - 1, schema);
  const outer = sign * exponentialBound(index, schema);
  return sign > 0 ? [inner, outer] : [outer, inner];
}

function zeroBounds({ zeroThreshold, positive, negative }: NativeHistogram): [number, number] {
  const onlyPositive = positive.indexes.length > 0 && negative.indexes.length === 0;
  const onlyNegative = negative.indexes.length > 0 && positive.indexes.length === 0;
  return [onlyPositive ? 0 : -zeroThreshold, onlyNegative ? 0 : zeroThreshold];
}

function keepPart(
  lower: number,
  upper: number,
  count: number,
  keep: 'below' | 'above',
  limit: number,
  linear: boolean,
): Part {
  const none = { count: 0, middle: 0 };
  const isBelow = keep === 'below';
  if (isBelow ? lower >= limit : upper <= limit) return none;
  if (isBelow ? upper <= limit : lower >= limit) return { count, middle: middleOf(lower, upper, linear) };
  // The limit is inside. Of an open bucket nothing is known: it stays or goes as a whole.
  if (lower === -Infinity && upper === Infinity) return none;
  if (lower === -Infinity) {
    if (upper <= 0) return isBelow ? { count, middle: limit } : none;
    if (limit <= 0) return isBelow ? none : { count, middle: middleOf(lower, upper, linear) };
    return keepPart(0, upper, count, keep, limit, linear);
  }
  if (upper === Infinity) return isBelow ? none : { count, middle: limit };
  const below = linear ? (limit - lower) / (upper - lower) : shareBelow(limit, { lower, upper, count });
  return isBelow
    ? { count: count * below, middle: middleOf(lower, limit, linear) }
    : { count: count * (1 - below), middle: middleOf(limit, upper, linear) };
}

function middleOf(lower: number, upper: number, linear: boolean): number {
  if (lower === -Infinity) return upper > 0 ? upper / 2 : upper;
  if (upper === Infinity) return lower;
  if (linear) return (lower + upper) / 2;
  const middle = Math.sqrt(lower * upper);
  return upper <= 0 ? -middle : middle;
}
