import { nextMean } from '../aggregation/reducers.ts';
import type { FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import type { Window, WindowFunction } from '../evaluation/windows.ts';
import { averageOfHistograms, firstSample, lastSample, sumOfHistograms } from './histogram-windows.ts';
import { quantileOfSorted, sortForQuantile, warnOfQuantile } from './quantiles.ts';
import { parametrised, rangeFunction } from './range-function.ts';

/** The `*_over_time` functions. */
export const OVER_TIME: Readonly<Record<string, FunctionImplementation>> = {
  avg_over_time: rangeFunction(average, { mixed: averageOfHistograms }),
  count_over_time: anySample(countOf),
  first_over_time: rangeFunction((window) => window.values[window.from]!, { keepsName: true, mixed: firstSample }),
  last_over_time: rangeFunction((window) => window.values[window.to - 1]!, { keepsName: true, mixed: lastSample }),
  mad_over_time: rangeFunction(medianDeviation),
  max_over_time: rangeFunction((window) => extreme(window, window.rollup?.maxs, (a, b) => a > b)),
  min_over_time: rangeFunction((window) => extreme(window, window.rollup?.mins, (a, b) => a < b)),
  present_over_time: anySample(() => 1),
  quantile_over_time: parametrised(1, ([quantiles], call, evaluator) => {
    const parameter = call.arguments[0]!;
    return (window) => {
      const quantile = quantiles![window.step]!;
      warnOfQuantile(quantile, parameter.span, evaluator.context.annotations);
      return quantileOfSorted(quantile, sortForQuantile(window.values.slice(window.from, window.to)));
    };
  }),
  stddev_over_time: rangeFunction((window) => Math.sqrt(variance(window))),
  stdvar_over_time: rangeFunction(variance),
  sum_over_time: rangeFunction(sum, { mixed: sumOfHistograms }),
  ts_of_first_over_time: anySample(timeAt((window) => window.from)),
  ts_of_last_over_time: anySample(timeAt((window) => window.to - 1)),
  ts_of_max_over_time: rangeFunction(timeAt((window) => indexOfExtreme(window, (a, b) => a >= b))),
  ts_of_min_over_time: rangeFunction(timeAt((window) => indexOfExtreme(window, (a, b) => a <= b))),
};

/** A function that does not ask what the samples are. */
function anySample(compute: WindowFunction): FunctionImplementation {
  return rangeFunction(compute, { mixed: () => compute });
}

function timeAt(indexOf: (window: Window) => number): WindowFunction {
  return (window) => window.timestamps[indexOf(window)]! / 1000;
}

function indexOfExtreme(window: Window, beats: (value: number, best: number) => boolean): number {
  const { values } = window;
  let best = window.from;
  for (let i = window.from + 1; i < window.to; i++) {
    if (Number.isNaN(values[best]) || beats(values[i]!, values[best]!)) best = i;
  }
  return best;
}

/** `rolled`: of each sample the extreme of those that it stands for. */
function extreme(
  window: Window,
  rolled: Float64Array | undefined,
  beats: (value: number, best: number) => boolean,
): number {
  const of = rolled ? { ...window, values: rolled } : window;
  return of.values[indexOfExtreme(of, beats)]!;
}

/** How many samples the window holds, or stands for. */
function countOf({ rollup, from, to }: Window): number {
  if (!rollup) return to - from;
  let count = 0;
  for (let i = from; i < to; i++) count += rollup.counts[i]!;
  return count;
}

/** Neumaier's compensated sum. */
function sum({ values: own, rollup, from, to }: Window): number {
  const values = rollup?.sums ?? own;
  let total = 0;
  let rest = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const next = total + value;
    if (!Number.isFinite(next)) rest = 0;
    else rest += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + rest;
}

function average(window: Window): number {
  const count = countOf(window);
  const total = sum(window);
  if (Number.isFinite(total) || window.rollup) return total / count;
  let mean = 0;
  for (let i = window.from; i < window.to; i++) mean = nextMean(mean, window.values[i]!, i - window.from + 1);
  return mean;
}

/** Welford's method with compensated sums. */
function variance({ values, from, to }: Window): number {
  let mean = 0;
  let meanRest = 0;
  let squares = 0;
  let squaresRest = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const delta = value - (mean + meanRest);
    const part = delta / (i - from + 1);
    const nextMean = mean + part;
    meanRest = Number.isFinite(nextMean) ? meanRest + lostInSum(mean, part, nextMean) : 0;
    mean = nextMean;
    const square = delta * (value - (mean + meanRest));
    const nextSquares = squares + square;
    squaresRest = Number.isFinite(nextSquares) ? squaresRest + lostInSum(squares, square, nextSquares) : 0;
    squares = nextSquares;
  }
  return (squares + squaresRest) / (to - from);
}

/** What `sum = a + b` has lost in rounding. */
function lostInSum(a: number, b: number, sum: number): number {
  return Math.abs(a) >= Math.abs(b) ? a - sum + b : b - sum + a;
}

function medianDeviation(window: Window): number {
  const values = window.values.slice(window.from, window.to);
  const median = quantileOfSorted(0.5, sortForQuantile(values));
  return quantileOfSorted(0.5, sortForQuantile(values.map((value) => Math.abs(value - median))));
}
