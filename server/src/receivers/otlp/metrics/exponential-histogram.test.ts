import { describe, expect, it } from 'vitest';
import { floatText } from '../../../lib/float-text.ts';
import { bucketsOf } from '../../../lib/native-histogram/buckets.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import { exponentialHistogram } from './exponential-histogram.ts';
import { explicitHistogram } from './histogram.ts';
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

describe('exponential histograms', () => {
  it('keep what they count, without empty buckets', () => {
    const point = exponential({
      scale: -4,
      count: 6,
      sum: -10,
      zeroCount: 1,
      zeroThreshold: 0.5,
      positive: { offset: 1, counts: [0, 2, 0, 2] },
      negative: { offset: -3, counts: [1] },
    });
    expect(exponentialHistogram(point)).toEqual({
      schema: -4,
      count: 6,
      sum: -10,
      zeroCount: 1,
      zeroThreshold: 0.5,
      positive: { indexes: [3, 5], counts: [2, 2] },
      negative: { indexes: [-2], counts: [1] },
      customValues: [],
      hint: 'unknown',
    });
  });

  it.each([20, 9, 8, 3, 1, -2])('count every observation in the bucket that covers it (scale %i)', (scale) => {
    const values = [0.0013, 0.002, 0.0021, 0.017, 0.51, 0.9, 1.1, 3, 3.9, 97, 1025];
    // At fine scales a wide range would be more buckets than a point may have.
    const sparse = scale === 20 ? values.slice(0, 1) : scale >= 8 ? values.slice(5, 7) : values;
    const histogram = exponentialHistogram(observe(sparse, scale)) as NativeHistogram;
    expect(histogram.schema).toBe(Math.min(scale, 8));
    const buckets = bucketsOf(histogram);
    for (const { lower, upper, count } of buckets) {
      expect(count).toBe(sparse.filter((value) => value > lower && value <= upper).length);
    }
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(sparse.length);
  });

  it.each([21, 40, 2 ** 31 - 1])('are brought to schema 8 from scale %i, as Prometheus does', (scale) => {
    const straddling = exponential({ scale, count: 6, positive: { offset: -2, counts: [1, 2, 3] } });
    expect(exponentialHistogram(straddling)).toMatchObject({
      schema: 8,
      positive: { indexes: [0, 1], counts: [3, 3] },
    });
  });

  it('are refused where they cannot be', () => {
    expect(exponentialHistogram(exponential({ scale: -5 }))).toBe('histogram_too_coarse');
    expect(exponentialHistogram(exponential({ zeroThreshold: -1 }))).toBe('invalid_histogram');
    expect(exponentialHistogram(exponential({ positive: { offset: 0, counts: new Array(2001).fill(1) } }))).toBe(
      'invalid_histogram',
    );
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
