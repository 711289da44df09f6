import { formatShort } from '../../../lib/go-float.ts';
import { bucketsOf, hasCustomBuckets } from '../../../lib/native-histogram/buckets.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';

/** `{count:2, sum:3, (0.5,1]:1, (1,2]:1}`. */
export function printHistogram(histogram: NativeHistogram): string {
  const parts = [`count:${formatShort(histogram.count)}`, `sum:${formatShort(histogram.sum)}`];
  for (const { lower, upper, count } of bucketsOf(histogram)) {
    if (count === 0) continue;
    const isZero = !hasCustomBuckets(histogram) && lower <= 0 && upper >= 0;
    const opening = isZero || (lower < 0 && !hasCustomBuckets(histogram)) || lower === -Infinity ? '[' : '(';
    const closing = isZero || upper > 0 || hasCustomBuckets(histogram) ? ']' : ')';
    parts.push(`${opening}${formatShort(lower)},${formatShort(upper)}${closing}:${formatShort(count)}`);
  }
  return `{${parts.join(', ')}}`;
}
