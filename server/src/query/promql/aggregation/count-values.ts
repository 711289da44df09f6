import { formatPlain } from '../../../lib/go-float.ts';
import { quoteGo } from '../../../lib/go-string.ts';
import type { EvaluationContext } from '../evaluation/context.ts';
import { executionError } from '../evaluation/errors.ts';
import type { Grid } from '../evaluation/grid.ts';
import { withLabel } from '../evaluation/labels.ts';
import { NOTHING, SeriesBuilder, type VectorSeries, valueAt } from '../evaluation/values.ts';
import { isLabelName } from '../functions/label-name.ts';
import { printHistogram } from '../histogram/print.ts';
import type { Aggregation } from '../syntax/expression.ts';
import { groupSeries } from './grouping.ts';

/** `count_values`: how many series have a value, a series for each value. */
export async function countValues(
  expression: Aggregation,
  label: string,
  series: readonly VectorSeries[],
  grid: Grid,
  context: EvaluationContext,
): Promise<VectorSeries[]> {
  if (!isLabelName(label)) throw executionError(`invalid label name ${quoteGo(label)}`);
  const wanted = expression.without
    ? expression
    : { ...expression, labels: expression.labels.filter((one) => one !== label) };
  const result: VectorSeries[] = [];
  for (const group of await groupSeries(wanted, series, context)) {
    const byValue = new Map<string, SeriesBuilder>();
    for (const member of group.members) {
      if (context.isDue) await context.pause();
      for (let step = 0; step < grid.count; step++) {
        if (member.present[step] === NOTHING) continue;
        const value = valueAt(member, step);
        const text = typeof value === 'number' ? formatPlain(value) : printHistogram(value);
        let built = byValue.get(text);
        if (!built) {
          context.hold(grid.count);
          built = new SeriesBuilder(withLabel(group.labels, label, text), group.dropName, grid.count);
          byValue.set(text, built);
        }
        built.set(step, built.present[step] === NOTHING ? 1 : built.values[step]! + 1);
      }
    }
    result.push(...byValue.values());
  }
  return result;
}
