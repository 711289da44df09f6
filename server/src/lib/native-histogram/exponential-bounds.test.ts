import { expect, it } from 'vitest';
import { exponentialBound } from './exponential-bounds.ts';

it.each([
  // From the tables of Prometheus' client library.
  [1, 1, Math.SQRT2 - 2 ** -52],
  [1, -1, 0.7071067811865475],
  [2, -1, 0.8408964152537144],
  [3, -7, 0.5452538663326288],
  [7, -1, 0.9945994234836328],
  [8, -256, 0.5],
  [8, -251, 0.5068150424757447],
  [0, 10, 1024],
  [-4, 1, 65536],
  [-4, 64, Number.MAX_VALUE],
  [0, 1024, Number.MAX_VALUE],
  [8, 262_144, Number.MAX_VALUE],
])('schema %d, bucket %d ends at %d', (schema, index, bound) => {
  expect(exponentialBound(index, schema)).toBe(bound);
});

it('rises from bucket to bucket', () => {
  for (let schema = -4; schema <= 8; schema++) {
    for (let index = -300; index < 300; index++) {
      const [lower, upper] = [exponentialBound(index, schema), exponentialBound(index + 1, schema)];
      if (lower > 0 && upper < Number.MAX_VALUE) expect(upper).toBeGreaterThan(lower);
    }
  }
});
