import { describe, expect, it } from 'vitest';
import { floatText } from '../../../lib/float-text.ts';
import { exponentialHistogram } from './exponential-histogram.ts';
import { addHistograms, explicitHistogram } from './histogram.ts';
import type { ExponentialHistogramPoint, HistogramPoint } from './otlp-metric.ts';

function exponential(fields: Partial<ExponentialHistogramPoint>): ExponentialHistogramPoint {
  return {
    attributes: {},
    startTime: 0,
    time: 1,
    flags: 0,
    count: 0,
    sum: undefined,
    scale: 0,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: { offset: 0, counts: [] },
    negative: { offset: 0, counts: [] },
    ...fields,
  };
}

function explicit(fields: Partial<HistogramPoint>): HistogramPoint {
  return {
    attributes: {},
    startTime: 0,
    time: 1,
    flags: 0,
    count: 0,
    sum: undefined,
    bucketCounts: [],
    explicitBounds: [],
    ...fields,
  };
}

/** Buckets of an observation list at a scale, straight from the definition: (base^i, base^(i+1)]. */
function observe(values: readonly number[], scale: number): ExponentialHistogramPoint {
  const base = 2 ** (2 ** -scale);
  const indexes = values.map((value) => Math.ceil(Math.log(value) / Math.log(base)) - 1);
  const offset = Math.min(...indexes);
  const counts = new Array<number>(Math.max(...indexes) - offset + 1).fill(0);
  for (const index of indexes) counts[index - offset]!++;
  return exponential({ scale, count: values.length, positive: { offset, counts } });
}

describe('exponential histograms as buckets', () => {
  it('gives the bounds of scale 0 as powers of two, with the lower edge', () => {
    const value = exponentialHistogram(
      exponential({ count: 3, sum: 10, zeroCount: 1, positive: { offset: 1, counts: [0, 2] } }),
    );
    expect(value).toMatchObject({ count: 3, sum: 10, bounds: [0, 4, 8], counts: [1, 0, 2, 0] });
  });

  it('puts negative observations below zero and gives no sum', () => {
    const value = exponentialHistogram(exponential({ count: 2, sum: -3, negative: { offset: 0, counts: [1, 1] } }));
    expect(value).toMatchObject({ sum: undefined, bounds: [-2, -1], counts: [1, 1, 0] });
  });

  it.each([20, 8, 3, 1])('counts every observation at or below each bound (scale %i)', (scale) => {
    const values = [0.0013, 0.002, 0.0021, 0.017, 0.51, 0.9, 1.1, 3, 3.9, 97, 1025];
    // At fine scales a wide range would be more buckets than a point may have.
    const sparse = scale === 20 ? values.slice(0, 1) : scale === 8 ? values.slice(5, 9) : values;
    const value = exponentialHistogram(observe(sparse, scale))!;
    let below = 0;
    for (const [index, bound] of value.bounds.entries()) {
      below += value.counts[index]!;
      expect(below).toBe(sparse.filter((observed) => observed <= bound).length);
    }
    expect(value.bounds.length).toBeLessThan(50);
  });

  it('collapses what no double can hold into the ends', () => {
    const value = exponentialHistogram(exponential({ scale: -10, count: 2, positive: { offset: 0, counts: [1, 1] } }))!;
    expect(value.bounds).toEqual([1]);
    expect(value.counts).toEqual([0, 2]);
  });

  it('refuses what cannot be', () => {
    expect(exponentialHistogram(exponential({ scale: 21 }))).toBeUndefined();
    expect(
      exponentialHistogram(exponential({ positive: { offset: 0, counts: new Array(2001).fill(1) } })),
    ).toBeUndefined();
  });

  it('adds values of one grid whose bounds differ', () => {
    const a = exponentialHistogram(exponential({ count: 1, sum: 1, positive: { offset: 0, counts: [1] } }))!;
    const b = exponentialHistogram(exponential({ count: 1, sum: 7, positive: { offset: 2, counts: [1] } }))!;
    expect(addHistograms(a, b)).toMatchObject({ count: 2, sum: 8, bounds: [1, 2, 4, 8], counts: [0, 1, 0, 1, 0] });
  });
});

describe('explicit histograms', () => {
  it('takes one without buckets, and an infinite last bound', () => {
    expect(explicitHistogram(explicit({ count: 4, sum: 2 }))).toMatchObject({ bounds: [], counts: [4], sum: 2 });
    const infinite = explicit({ count: 3, explicitBounds: [1, Number.POSITIVE_INFINITY], bucketCounts: [1, 2, 0] });
    expect(explicitHistogram(infinite)).toMatchObject({ bounds: [1], counts: [1, 2] });
  });

  it('refuses parts that do not fit together', () => {
    expect(explicitHistogram(explicit({ explicitBounds: [1, 2], bucketCounts: [1, 2] }))).toBeUndefined();
    expect(explicitHistogram(explicit({ explicitBounds: [2, 1], bucketCounts: [1, 2, 3] }))).toBeUndefined();
    expect(explicitHistogram(explicit({ explicitBounds: [Number.NaN], bucketCounts: [1, 2] }))).toBeUndefined();
  });
});

describe('floats in labels', () => {
  it.each([
    [0.005, '0.005'],
    [1, '1'],
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
    [-2.5e-10, '-0.00000000025'],
    [1.2345e22, '12345000000000000000000'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NaN, 'NaN'],
  ])('%d', (value, text) => {
    expect(floatText(value)).toBe(text);
  });
});
