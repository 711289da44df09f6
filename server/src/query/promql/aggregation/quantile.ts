import type { EvaluationContext } from '../evaluation/context.ts';
import type { Grid } from '../evaluation/grid.ts';
import { NOTHING, SeriesBuilder, type VectorSeries } from '../evaluation/values.ts';
import { quantileOfSorted, sortForQuantile, warnOfQuantile } from '../functions/quantiles.ts';
import type { Aggregation } from '../syntax/expression.ts';
import { groupSeries } from './grouping.ts';

export async function quantileOf(
  expression: Aggregation,
  series: readonly VectorSeries[],
  parameter: Float64Array,
  grid: Grid,
  context: EvaluationContext,
): Promise<VectorSeries[]> {
  for (const value of new Set(parameter)) warnOfQuantile(value, expression.parameter!.span, context.annotations);
  const result: VectorSeries[] = [];
  for (const { labels, dropName, members } of await groupSeries(expression, series, context)) {
    const built = new SeriesBuilder(labels, dropName, grid.count);
    const values = new Float64Array(members.length);
    for (let step = 0; step < grid.count; step++) {
      let count = 0;
      for (const member of members) if (member.present[step] !== NOTHING) values[count++] = member.values[step]!;
      if (count > 0) built.set(step, quantileOfSorted(parameter[step]!, sortForQuantile(values.subarray(0, count))));
      if (context.isDue) await context.pause();
    }
    result.push(built);
  }
  return result;
}
