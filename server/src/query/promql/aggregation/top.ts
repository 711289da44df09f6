import type { EvaluationContext } from '../evaluation/context.ts';
import type { Grid } from '../evaluation/grid.ts';
import { NOTHING, SeriesBuilder, type VectorSeries } from '../evaluation/values.ts';
import type { Aggregation } from '../syntax/expression.ts';
import { groupSeries } from './grouping.ts';
import { countsOf } from './parameter.ts';

/** `topk` and `bottomk`: the k strongest of each group at each step, NaN being weakest. */
export async function strongest(
  expression: Aggregation,
  series: readonly VectorSeries[],
  parameter: Float64Array,
  grid: Grid,
  context: EvaluationContext,
): Promise<VectorSeries[]> {
  const sign = expression.aggregator === 'topk' ? -1 : 1;
  const counts = countsOf(parameter);
  const kept = new Map<VectorSeries, SeriesBuilder>();
  const ranked: VectorSeries[] = [];
  for (const group of await groupSeries(expression, series, context)) {
    for (let step = 0; step < grid.count; step++) {
      if (context.isDue) await context.pause();
      if (counts[step]! < 1) continue;
      for (const member of best(group.members, step, counts[step]!, sign)) {
        let built = kept.get(member);
        if (!built) {
          context.hold(grid.count);
          built = new SeriesBuilder(member.labels, member.dropName, grid.count);
          kept.set(member, built);
          ranked.push(built);
        }
        built.set(step, member.values[step]!);
      }
    }
  }
  return ranked;
}

/** The strongest `count` that are there, strongest first; equal ones in their order. */
function best(members: readonly VectorSeries[], step: number, count: number, sign: number): VectorSeries[] {
  const candidates = members.filter((member) => member.present[step] !== NOTHING);
  const compare = (a: VectorSeries, b: VectorSeries) => compareStrength(a.values[step]!, b.values[step]!, sign);
  if (count >= candidates.length || count > 50) return candidates.sort(compare).slice(0, count);
  // A few of many: cheaper by insertion than by sorting all.
  const chosen: VectorSeries[] = [];
  for (const candidate of candidates) {
    if (chosen.length === count && compare(candidate, chosen[count - 1]!) >= 0) continue;
    let at = chosen.length;
    while (at > 0 && compare(candidate, chosen[at - 1]!) < 0) at--;
    chosen.splice(at, 0, candidate);
    if (chosen.length > count) chosen.pop();
  }
  return chosen;
}

function compareStrength(a: number, b: number, sign: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a === b ? 0 : (a < b ? -1 : 1) * sign;
}
