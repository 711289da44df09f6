import { describe, expect, it } from 'vitest';
import { addDurations, countWithin, durationQuantile } from './duration-histogram.ts';

function histogramOf(milliseconds: readonly number[]) {
  return addDurations(milliseconds.map((duration) => ({ [Math.ceil(Math.log2(duration * 1e6) * 16)]: 1 })));
}

describe('duration histogram', () => {
  it('gives quantiles within 2.2 %', () => {
    const histogram = histogramOf(Array.from({ length: 1000 }, (_, index) => index + 1));
    for (const quantile of [0.01, 0.5, 0.9, 0.95, 0.99]) {
      const estimate = durationQuantile(histogram, quantile)!;
      expect(Math.abs(estimate / (quantile * 1000) - 1)).toBeLessThan(0.022);
    }
    expect(durationQuantile({}, 0.5)).toBeUndefined();
  });

  it('counts what lies within a bound', () => {
    const histogram = histogramOf([10, 20, 40, 80]);
    expect(countWithin(histogram, 41)).toBe(3);
    expect(countWithin(histogram, 5)).toBe(0);
  });
});
