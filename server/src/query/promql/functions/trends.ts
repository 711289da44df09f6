import { formatShort } from '../../../lib/go-float.ts';
import { executionError } from '../evaluation/errors.ts';
import type { FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import type { Window } from '../evaluation/windows.ts';
import { parametrised, rangeFunction } from './range-function.ts';

/** Functions that lay a line or curve through a window. */
export const TRENDS: Readonly<Record<string, FunctionImplementation>> = {
  deriv: rangeFunction((window) => {
    if (window.to - window.from < 2) return undefined;
    return regression(window, window.timestamps[window.from]!).slope;
  }),
  predict_linear: parametrised(0, ([seconds]) => (window) => {
    if (window.to - window.from < 2) return undefined;
    const { slope, intercept } = regression(window, window.time);
    return slope * seconds![window.step]! + intercept;
  }),
  double_exponential_smoothing: parametrised(0, ([smoothing, trend]) => (window) => {
    return smooth(window, factor(smoothing![window.step]!, 'smoothing'), factor(trend![window.step]!, 'trend'));
  }),
};

/** Least squares, time in seconds from `origin` (milliseconds), with compensated sums. */
function regression({ timestamps, values, from, to }: Window, origin: number): { slope: number; intercept: number } {
  const first = values[from]!;
  let constant = true;
  const x = new Sum();
  const y = new Sum();
  const xy = new Sum();
  const xx = new Sum();
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (value !== first) constant = false;
    const time = (timestamps[i]! - origin) / 1000;
    x.add(time);
    y.add(value);
    xy.add(time * value);
    xx.add(time * time);
  }
  if (constant) {
    return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: Number.NaN, intercept: Number.NaN };
  }
  const count = to - from;
  const covariance = xy.value - (x.value * y.value) / count;
  const variance = xx.value - (x.value * x.value) / count;
  const slope = covariance / variance;
  return { slope, intercept: y.value / count - (slope * x.value) / count };
}

class Sum {
  #total = 0;
  #rest = 0;

  add(value: number): void {
    const next = this.#total + value;
    if (!Number.isFinite(next)) this.#rest = 0;
    else {
      const larger = Math.abs(this.#total) >= Math.abs(value);
      this.#rest += larger ? this.#total - next + value : value - next + this.#total;
    }
    this.#total = next;
  }

  get value(): number {
    return this.#total + this.#rest;
  }
}

function factor(value: number, name: string): number {
  if (value > 0 && value < 1) return value;
  throw executionError(`invalid ${name} factor. Expected: 0 < tf < 1, got: ${formatShort(value)}`);
}

/** Holt's linear method: level and trend, each an exponential average. */
function smooth({ values, from, to }: Window, smoothing: number, trendFactor: number): number | undefined {
  if (to - from < 2) return undefined;
  let level = values[from]!;
  let trend = values[from + 1]! - values[from]!;
  let before = 0;
  for (let i = from + 1; i < to; i++) {
    if (i > from + 1) trend = trendFactor * (level - before) + (1 - trendFactor) * trend;
    before = level;
    level = smoothing * values[i]! + (1 - smoothing) * (before + trend);
  }
  return level;
}
