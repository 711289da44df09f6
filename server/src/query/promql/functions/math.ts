import type { FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import { floatsOnly, NOTHING, SeriesBuilder, scalar, type VectorSeries, vector } from '../evaluation/values.ts';

function elementwise(compute: (value: number) => number): FunctionImplementation {
  return async (call, grid, evaluator) => {
    const series = floatsOnly(await evaluator.vector(call.arguments[0]!, grid));
    evaluator.context.hold(series.length * grid.count);
    return vector(
      series.map(({ labels, present, values }) => ({ labels, dropName: true, present, values: values.map(compute) })),
    );
  };
}

/** A function of a value and of scalars that may differ from step to step. */
function withScalars(compute: (value: number, ...scalars: number[]) => number | undefined): FunctionImplementation {
  return async (call, grid, evaluator) => {
    const [series, ...scalars] = await Promise.all([
      evaluator.vector(call.arguments[0]!, grid),
      ...call.arguments.slice(1).map((argument) => evaluator.scalar(argument, grid)),
    ]);
    const result: VectorSeries[] = [];
    for (const { labels, present, values } of floatsOnly(series)) {
      const built = new SeriesBuilder(labels, true, grid.count);
      for (let step = 0; step < grid.count; step++) {
        if (present[step] === NOTHING) continue;
        const value = compute(values[step]!, ...scalars.map((one) => one[step]!));
        if (value !== undefined) built.set(step, value);
      }
      if (built.count > 0) {
        evaluator.context.hold(grid.count);
        result.push(built);
      }
      if (evaluator.context.isDue) await evaluator.context.pause();
    }
    return vector(result);
  };
}

export const MATH: Readonly<Record<string, FunctionImplementation>> = {
  abs: elementwise(Math.abs),
  acos: elementwise(Math.acos),
  acosh: elementwise(Math.acosh),
  asin: elementwise(Math.asin),
  asinh: elementwise(Math.asinh),
  atan: elementwise(Math.atan),
  atanh: elementwise(Math.atanh),
  ceil: elementwise(Math.ceil),
  cos: elementwise(Math.cos),
  cosh: elementwise(Math.cosh),
  deg: elementwise((value) => (value * 180) / Math.PI),
  exp: elementwise(Math.exp),
  floor: elementwise(Math.floor),
  ln: elementwise(Math.log),
  log2: elementwise(Math.log2),
  log10: elementwise(Math.log10),
  rad: elementwise((value) => (value * Math.PI) / 180),
  sgn: elementwise(Math.sign),
  sin: elementwise(Math.sin),
  sinh: elementwise(Math.sinh),
  sqrt: elementwise(Math.sqrt),
  tan: elementwise(Math.tan),
  tanh: elementwise(Math.tanh),
  clamp: withScalars((value, low, high) => (low! > high! ? undefined : Math.max(low!, Math.min(high!, value)))),
  clamp_max: withScalars((value, high) => Math.min(value, high!)),
  clamp_min: withScalars((value, low) => Math.max(value, low!)),
  round: withScalars(roundTo),
  min_of: ofScalars(Math.min),
  max_of: ofScalars(Math.max),
};

function roundTo(value: number, nearest = 1): number {
  const inverse = 1 / nearest;
  return Math.floor(value * inverse + 0.5) / inverse;
}

function ofScalars(choose: (a: number, b: number) => number): FunctionImplementation {
  return async (call, grid, evaluator) => {
    const [a, b] = await Promise.all(call.arguments.map((argument) => evaluator.scalar(argument, grid)));
    return scalar(a!.map((value, step) => choose(value, b![step]!)));
  };
}
