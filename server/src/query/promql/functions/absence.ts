import { type Labels, METRIC_NAME } from '../../../model/labels.ts';
import type { FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import type { Grid } from '../evaluation/grid.ts';
import { NOTHING, SeriesBuilder, type Value, type VectorSeries, vector } from '../evaluation/values.ts';
import { overWindows } from '../evaluation/windows.ts';
import { withoutParentheses } from '../syntax/check.ts';
import type { Expression } from '../syntax/expression.ts';

export const ABSENCE: Readonly<Record<string, FunctionImplementation>> = {
  absent: async (call, grid, evaluator) => {
    const argument = call.arguments[0]!;
    return missing(await evaluator.vector(argument, grid), argument, grid);
  },
  absent_over_time: async (call, grid, evaluator) => {
    const argument = call.arguments[0]!;
    const ranges = await evaluator.range(argument, grid);
    return missing(await overWindows(ranges, grid, evaluator, () => 1, { mixed: () => 1 }), argument, grid);
  },
};

/** 1 at the steps without any series. */
function missing(series: readonly VectorSeries[], argument: Expression, grid: Grid): Value {
  const built = new SeriesBuilder(labelsOf(argument), false, grid.count);
  for (let step = 0; step < grid.count; step++) {
    if (!series.some((one) => one.present[step] !== NOTHING)) built.set(step, 1);
  }
  return vector(built.count > 0 ? [built] : []);
}

/** What can be said of the missing series: the labels that its selector wants equal to one value. */
function labelsOf(argument: Expression): Labels {
  const plain = withoutParentheses(argument);
  const selector = plain.kind === 'matrix-selector' ? plain.selector : plain;
  if (selector.kind !== 'vector-selector') return {};
  const labels: Record<string, string> = {};
  const seen = new Set<string>();
  for (const { name, operator, value } of selector.matchers) {
    if (name === METRIC_NAME) continue;
    if (operator === '=' && !seen.has(name) && value !== '') labels[name] = value;
    else delete labels[name];
    seen.add(name);
  }
  return labels;
}
