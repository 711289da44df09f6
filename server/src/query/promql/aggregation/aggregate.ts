import { executionError } from '../evaluation/errors.ts';
import type { Evaluator } from '../evaluation/evaluator-contract.ts';
import type { Grid } from '../evaluation/grid.ts';
import { floatsOnly, type Value, type VectorSeries, vector } from '../evaluation/values.ts';
import type { Aggregation } from '../syntax/expression.ts';
import { countValues } from './count-values.ts';
import { groupSeries } from './grouping.ts';
import { limitK, limitRatio } from './limit.ts';
import { quantileOf } from './quantile.ts';
import { REDUCERS } from './reducers.ts';
import { Remarks } from './remarks.ts';
import { strongest } from './top.ts';

export async function aggregate(expression: Aggregation, grid: Grid, evaluator: Evaluator): Promise<Value> {
  const { aggregator } = expression;
  const [series, parameter] = await Promise.all([
    evaluator.vector(expression.operand, grid),
    expression.parameter && aggregator !== 'count_values' ? evaluator.scalar(expression.parameter, grid) : undefined,
  ]);
  const floats = () =>
    floatsOnly(series, () => new Remarks(expression, evaluator.context.annotations).ignoredHistogram());
  switch (aggregator) {
    case 'topk':
    case 'bottomk':
      return vector(await strongest(expression, floats(), parameter!, grid, evaluator.context), true);
    case 'limitk':
      return vector(await limitK(expression, series, parameter!, grid, evaluator.context));
    case 'limit_ratio':
      return vector(await limitRatio(expression, series, parameter!, evaluator.context));
    case 'count_values':
      return vector(
        await countValues(expression, evaluator.text(expression.parameter!), series, grid, evaluator.context),
      );
    case 'quantile':
      return vector(await quantileOf(expression, floats(), parameter!, grid, evaluator.context));
    default:
      return vector(await reduce(expression, series, grid, evaluator));
  }
}

async function reduce(
  expression: Aggregation,
  series: readonly VectorSeries[],
  grid: Grid,
  evaluator: Evaluator,
): Promise<VectorSeries[]> {
  const reducer = REDUCERS[expression.aggregator];
  if (!reducer) throw executionError(`unknown aggregation ${expression.aggregator}`);
  const result: VectorSeries[] = [];
  const { context } = evaluator;
  const remarks = new Remarks(expression, context.annotations);
  for (const group of await groupSeries(expression, series, context)) {
    const reduction = reducer(group, grid.count, remarks);
    for (const member of group.members) {
      reduction.add(member);
      if (context.isDue) await context.pause();
    }
    context.hold(grid.count);
    result.push(reduction.finish());
  }
  return result;
}
