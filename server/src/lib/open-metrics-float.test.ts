import { describe, expect, it } from 'vitest';
import { openMetricsFloat } from './open-metrics-float.ts';

describe('openMetricsFloat', () => {
  it.each([
    [0, '0.0'],
    [1, '1.0'],
    [-1, '-1.0'],
    [0.25, '0.25'],
    [100_000, '100000.0'],
    [1_000_000, '1e+06'],
    [1_234_567, '1.234567e+06'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e100, '1e+100'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('%d is %s', (value, text) => {
    expect(openMetricsFloat(value)).toBe(text);
  });
});
