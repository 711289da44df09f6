import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Head } from './head.ts';

const MINUTE = 60_000;
const BITS = [
  0x7ff0000000000002n, // stale marker
  0x7ff8000000000001n,
  0xfff8000000000000n,
  0x8000000000000000n, // -0
  0x7ff0000000000000n,
  0xfff0000000000000n,
  1n,
  0x7fefffffffffffffn,
];

/** Series as they come: counters, prices, noise, and what is no ordinary number. */
const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -5, max: 2_000_000 }).map(bitsOf) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 100_000 }).map((cents) => bitsOf(cents / 100)) },
  { weight: 2, arbitrary: fc.maxSafeInteger().map(bitsOf) },
  { weight: 2, arbitrary: fc.double().map(bitsOf) },
  { weight: 1, arbitrary: fc.constantFrom(...BITS) },
);

const run = fc.record({
  series: fc.integer({ min: 0, max: 2 }),
  start: fc.integer({ min: 0, max: 40 * MINUTE }),
  step: fc.constantFrom(0, 1, 1000, 15_000, -1000),
  jitter: fc.boolean(),
  values: fc.array(value, { minLength: 1, maxLength: 80 }),
});

function bitsOf(number: number): bigint {
  return new BigUint64Array(new Float64Array([number]).buffer)[0]!;
}

function column(bits: readonly bigint[]): Float64Array {
  return new Float64Array(new BigUint64Array(bits).buffer);
}

function pairs(columns: { timestamps: Float64Array; values: Float64Array } | undefined): [number, bigint][] {
  if (!columns) return [];
  const bits = new BigUint64Array(columns.values.slice().buffer);
  return [...columns.timestamps].map((time, index) => [time, bits[index]!]);
}

describe('the head', () => {
  it('answers like a plain list of what was written, whatever the order', () => {
    fc.assert(
      fc.property(
        fc.array(run, { minLength: 1, maxLength: 25 }),
        fc.array(fc.tuple(fc.nat(60 * MINUTE), fc.nat(60 * MINUTE)), { minLength: 1, maxLength: 5 }),
        fc.option(fc.integer({ min: 0, max: 90 * MINUTE })),
        (runs, ranges, tidyAt) => {
          const head = new Head({ coverageStart: Number.NEGATIVE_INFINITY });
          const series = [head.newSeries(), head.newSeries(), head.newSeries()];
          const models = series.map(() => new Map<number, bigint>());
          for (const [position, { series: which, start, step, jitter, values }] of runs.entries()) {
            const times = values.map((_, index) => Math.max(0, start + index * step + (jitter ? (index * 7) % 5 : 0)));
            head.append(series[which]!, times, column(values));
            for (const [index, time] of times.entries()) models[which]!.set(time, values[index]!);
            if (tidyAt !== null && position === runs.length >> 1) head.tidy(tidyAt);
          }
          for (const [which, model] of models.entries()) {
            for (const [a, b] of [...ranges, [0, 61 * MINUTE] as const]) {
              const [from, to] = [Math.min(a, b), Math.max(a, b)];
              const expected = [...model].filter(([time]) => time >= from && time <= to).sort(([x], [y]) => x - y);
              expect(pairs(series[which]!.read(from, to))).toEqual(expected);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes little memory for what comes regularly', () => {
    const head = new Head({ coverageStart: 0 });
    const series = head.newSeries();
    for (let index = 0; index < 100_000; index++) head.append(series, [index * 15_000], [Math.floor(index / 3)]);
    expect(head.heldBytes).toBeLessThan(2.5 * 1024 * 1024);
    expect(series.read(0, Number.POSITIVE_INFINITY)!.timestamps).toHaveLength(100_000);
  });

  it('lets the oldest go when it needs too much memory, and says from when on it is complete', () => {
    const memoryBytes = 8 * 1024 * 1024;
    const head = new Head({ coverageStart: 0, memoryBytes });
    const all = Array.from({ length: 50 }, () => head.newSeries());
    let noise = 1;
    for (let index = 0; index < 60_000; index++) {
      noise = (noise * 16_807) % 2_147_483_647;
      for (const series of all) head.append(series, [index * 1000], [Math.sqrt(noise)]);
      if (index % 1000 === 0) expect(head.heldBytes).toBeLessThan(memoryBytes * 1.1);
    }
    expect(head.coverageStart).toBeGreaterThan(0);
    for (const series of all) {
      const { timestamps } = series.read(head.coverageStart, Number.POSITIVE_INFINITY)!;
      expect(timestamps[0]! - head.coverageStart).toBeLessThan(1000);
      expect(timestamps).toHaveLength((59_999_000 - timestamps[0]!) / 1000 + 1);
    }
  });

  it('does not fill up with the remains of late samples', () => {
    const head = new Head({ coverageStart: 0 });
    const series = head.newSeries();
    const times = Array.from({ length: 20_000 }, (_, index) => ((index * 7919) % 20_000) * 1000);
    for (let round = 0; round < 10; round++) {
      for (const time of times) head.append(series, [time], [Math.sin(time + round)]);
    }
    expect(series.read(0, Number.POSITIVE_INFINITY)!.timestamps).toHaveLength(20_000);
    expect(head.heldBytes).toBeLessThan(16 * 1024 * 1024);
  });

  it('forgets what is older than its window, and series without samples', () => {
    const head = new Head({ coverageStart: 0, windowMs: 60 * MINUTE });
    const [gone, kept] = [head.newSeries(), head.newSeries()];
    head.append(gone, [0], [1]);
    head.append(kept, [0, 70 * MINUTE], [1, 2]);
    head.tidy(100 * MINUTE);
    expect(head.coverageStart).toBe(40 * MINUTE);
    expect(head.seriesCount).toBe(1);
    expect(gone.read(head.coverageStart, 100 * MINUTE)).toBeUndefined();
    expect([...kept.read(head.coverageStart, 100 * MINUTE)!.values]).toEqual([2]);
    head.append(gone, [20 * MINUTE, 101 * MINUTE], [3, 4]);
    expect([...gone.read(head.coverageStart, 200 * MINUTE)!.values]).toEqual([4]);
  });
});
