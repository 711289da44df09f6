import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Window } from '../evaluation/windows.ts';
import { extrapolatedChange } from './rates.ts';

/** A window of `seconds` that ends at 0; samples are `[seconds, value]`. */
function window(seconds: number, samples: readonly (readonly [number, number])[], starts?: readonly number[]): Window {
  return {
    starts: starts && Float64Array.from(starts, (time) => time * 1000),
    timestamps: Float64Array.from(samples, ([time]) => time * 1000),
    values: Float64Array.from(samples, ([, value]) => value),
    from: 0,
    to: samples.length,
    start: -seconds * 1000,
    end: 0,
    step: 0,
    time: 0,
  };
}

const NO_SAMPLES = { labels: {}, dropName: false, timestamps: new Float64Array(), values: new Float64Array() };
const over = (kind: Parameters<typeof extrapolatedChange>[0]) => (window: Window) =>
  extrapolatedChange(kind)(window, NO_SAMPLES);
const increase = over({ isCounter: true, isRate: false });
const rate = over({ isCounter: true, isRate: true });
const delta = over({ isCounter: false, isRate: false });

it('finds the resets of every window of a series', () => {
  const samples = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 3, maxLength: 40 });
  fc.assert(
    fc.property(samples, (values) => {
      const whole = window(
        values.length,
        values.map((value, index) => [index - values.length, value]),
      );
      const compute = extrapolatedChange({ isCounter: true, isRate: false });
      for (let from = 0; from + 2 <= values.length; from++) {
        for (let to = from + 2; to <= values.length; to++) {
          const part = { ...whole, from, to };
          const alone = { ...part, timestamps: part.timestamps.slice(), values: part.values.slice() };
          expect(compute(part, NO_SAMPLES)).toBe(increase(alone));
          let grown = values[to - 1]! - values[from]!;
          for (let i = from + 1; i < to; i++) if (values[i]! < values[i - 1]!) grown += values[i - 1]!;
          if (grown === 0) expect(compute(part, NO_SAMPLES)).toBe(0);
          else expect(compute(part, NO_SAMPLES)! / grown).toBeGreaterThanOrEqual(1);
        }
      }
    }),
    { numRuns: 50 },
  );
});

describe('start timestamps', () => {
  const samples = [
    [-50, 5],
    [-30, 7],
    [-10, 9],
  ] as const;
  it.each<[string, readonly number[], number]>([
    [
      'inside of the window: the first value counts whole, nothing is guessed before it',
      [-55, -55, -55],
      (9 * 55) / 45,
    ],
    ['before the window: as if there were none', [-900, -900, -900], 6],
    ['that move on: each began anew', [-70, -50, -30], (16 * 60) / 40],
    ['at their samples: nobody knows', [-50, -30, -10], 6],
    ['behind their samples are not believed', [-49, -29, -9], 6],
    ['of an unknown first: no reset', [0, -50, -50], 6],
  ])('%s', (_, starts, expected) => {
    expect(increase(window(60, samples, starts))).toBeCloseTo(expected, 9);
  });

  it('let one sample be enough, for counters', () => {
    const one = window(60, [[-20, 30]], [-50]);
    expect([increase(one), rate(one), delta(one)]).toEqual([30, 0.5, undefined]);
  });
});

describe('increase over a minute', () => {
  it.each<[string, readonly (readonly [number, number])[], number | undefined]>([
    [
      'no extrapolation where samples reach both edges',
      [
        [-60, 100],
        [-30, 110],
        [0, 120],
      ],
      20,
    ],
    [
      'to edges within 1.1 distances',
      [
        [-50, 100],
        [-35, 110],
        [-20, 120],
        [-5, 130],
      ],
      40,
    ],
    [
      'half a distance where the edge is far',
      [
        [-20, 100],
        [-10, 110],
        [0, 120],
      ],
      25,
    ],
    [
      'a counter never was below zero',
      [
        [-30, 1],
        [-15, 11],
        [0, 21],
      ],
      21,
    ],
    [
      'a reset counts from zero',
      [
        [-60, 90],
        [-40, 100],
        [-20, 10],
        [0, 20],
      ],
      30,
    ],
    [
      'two resets',
      [
        [-60, 5],
        [-40, 2],
        [-20, 1],
        [0, 4],
      ],
      6,
    ],
    ['one sample is not enough', [[-10, 5]], undefined],
  ])('%s', (_name, samples, expected) => {
    const result = increase(window(60, samples));
    if (expected === undefined) expect(result).toBeUndefined();
    else expect(result).toBeCloseTo(expected, 10);
  });
});

describe('delta over a minute', () => {
  it.each<[string, readonly (readonly [number, number])[], number]>([
    [
      'may fall',
      [
        [-60, 10],
        [-30, 4],
        [0, 1],
      ],
      -9,
    ],
    [
      'knows no zero',
      [
        [-30, 1],
        [-15, 11],
        [0, 21],
      ],
      25,
    ],
  ])('%s', (_name, samples, expected) => {
    expect(delta(window(60, samples))).toBeCloseTo(expected, 10);
  });
});

it('the rate is the increase per second, never negative, and the same whatever the counter had before', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 100 })), {
    minLength: 2,
    maxLength: 8,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 100_000, max: 200_000 }), (parts, base) => {
      let time = -170;
      let value = base;
      const samples = parts.map(([seconds, more]): [number, number] => {
        time += seconds;
        value += more;
        return [time, value];
      });
      const result = rate(window(300, samples))!;
      expect(result).toBeGreaterThanOrEqual(0);
      expect(result * 300).toBeCloseTo(increase(window(300, samples))!, 6);
      const shifted = samples.map(([at, was]): [number, number] => [at, was + 1000]);
      expect(rate(window(300, shifted))).toBeCloseTo(result, 6);
    }),
  );
});
