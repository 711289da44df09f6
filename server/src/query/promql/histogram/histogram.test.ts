import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, subtract } from '../../../lib/native-histogram/arithmetic.ts';
import { bucketsOf, compact, sameHistogram, scale } from '../../../lib/native-histogram/buckets.ts';
import { toSchema } from '../../../lib/native-histogram/resolution.ts';
import { EMPTY_HISTOGRAM, type NativeHistogram } from '../../../model/native-histogram.ts';
import { histogramFraction, histogramQuantile } from './estimates.ts';
import { printHistogram } from './print.ts';
import { wasReset } from './resets.ts';
import { trimHistogram } from './trim.ts';

const side = fc
  .dictionary(fc.integer({ min: -20, max: 20 }).map(String), fc.integer({ min: 1, max: 50 }), { maxKeys: 8 })
  .map((counts) => {
    const indexes = Object.keys(counts)
      .map(Number)
      .sort((a, b) => a - b);
    return { indexes, counts: indexes.map((index) => counts[index]!) };
  });
const histogram = fc
  .record({
    schema: fc.integer({ min: -2, max: 4 }),
    positive: side,
    negative: side,
    zeroCount: fc.integer({ min: 0, max: 9 }),
  })
  .map((parts): NativeHistogram => {
    const total = [...parts.positive.counts, ...parts.negative.counts].reduce(
      (sum, count) => sum + count,
      parts.zeroCount,
    );
    return { ...EMPTY_HISTOGRAM, ...parts, zeroThreshold: 1e-9, count: total, sum: total };
  });

const observations = (of: NativeHistogram) => bucketsOf(of).reduce((sum, bucket) => sum + bucket.count, 0);

describe('any histogram', () => {
  it('adds in any order, and what was added can be taken away', () => {
    fc.assert(
      fc.property(histogram, histogram, (a, b) => {
        const sum = add(a, b)!.histogram;
        expect(sameHistogram(sum, add(b, a)!.histogram)).toBe(true);
        expect(observations(sum)).toBe(a.count + b.count);
        const coarse = toSchema(a, sum.schema);
        expect(sameHistogram(subtract(sum, b)!.histogram, coarse)).toBe(true);
        expect(wasReset(sum, toSchema(a, sum.schema))).toBe(false);
        if (b.count > 0) expect(wasReset(coarse, sum)).toBe(true);
      }),
    );
  });

  it('keeps its observations at a lower resolution', () => {
    fc.assert(
      fc.property(histogram, fc.integer({ min: -4, max: 4 }), (a, schema) => {
        expect(observations(toSchema(a, schema))).toBe(a.count);
      }),
    );
  });

  it('has quantiles that rise, and fractions that undo them', () => {
    fc.assert(
      fc.property(
        histogram,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, p, q) => {
          fc.pre(a.count > 0);
          const [low, high] = [Math.min(p, q), Math.max(p, q)].map((quantile) => histogramQuantile(quantile, a).value);
          expect(low!).toBeLessThanOrEqual(high! + Math.abs(high!) * 1e-9);
          expect(histogramFraction(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, a).value).toBeCloseTo(1, 9);
        },
      ),
    );
  });

  it('falls into two parts when it is trimmed', () => {
    fc.assert(
      fc.property(histogram, fc.double({ min: -1000, max: 1000, noNaN: true }), (a, limit) => {
        const below = trimHistogram(a, 'below', limit);
        const above = trimHistogram(a, 'above', limit);
        expect(below.count + above.count).toBeCloseTo(a.count, 6);
      }),
    );
  });
});

const custom = (customValues: number[], counts: number[]): NativeHistogram => ({
  ...EMPTY_HISTOGRAM,
  schema: -53,
  customValues,
  count: counts.reduce((sum, count) => sum + count, 0),
  sum: 1,
  positive: { indexes: counts.map((_, index) => index), counts },
});

describe('custom buckets', () => {
  it('of different bounds meet at the shared ones', () => {
    const sum = add(custom([1, 2, 5], [1, 1, 1, 1]), custom([2, 3, 5], [10, 10, 10, 10]))!;
    expect(sum.boundsReconciled).toBe(true);
    expect(sum.histogram).toMatchObject({
      customValues: [2, 5],
      positive: { indexes: [0, 1, 2], counts: [12, 21, 11] },
    });
  });

  it('do not add to exponential ones', () => {
    expect(add(custom([1], [1, 1]), { ...EMPTY_HISTOGRAM, count: 1 })).toBeUndefined();
  });
});

it('prints its buckets', () => {
  const printed = { ...EMPTY_HISTOGRAM, count: 6, sum: 2.5, zeroCount: 1, zeroThreshold: 0.1 };
  const sides = { positive: { indexes: [1, 2], counts: [2, 0] }, negative: { indexes: [1], counts: [3] } };
  expect(printHistogram({ ...printed, ...sides })).toBe('{count:6, sum:2.5, [-2,-1):3, [-0.1,0.1]:1, (1,2]:2}');
  expect(compact({ ...printed, ...sides }).positive).toEqual({ indexes: [1], counts: [2] });
  expect(scale({ ...printed, ...sides }, -1)).toMatchObject({ count: -6, hint: 'gauge' });
});
