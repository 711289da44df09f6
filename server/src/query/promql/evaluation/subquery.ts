import type { NativeHistogram } from '../../../model/native-histogram.ts';
import type { Subquery } from '../syntax/expression.ts';
import { executionError } from './errors.ts';
import type { Evaluator } from './evaluator-contract.ts';
import { type Grid, lastOf } from './grid.ts';
import { durationOf, modifiedGrid, timesOf } from './selection.ts';
import { NOTHING, type RangeSeries, type RangeVector, type VectorSeries } from './values.ts';

/** Evaluates the inner expression at multiples of the subquery's step, and gives its values as samples. */
export async function evaluateSubquery(expression: Subquery, grid: Grid, evaluator: Evaluator): Promise<RangeVector> {
  const { context } = evaluator;
  const width = durationOf(context, expression.range);
  const step = expression.step ? durationOf(context, expression.step) : context.limits.subqueryStepMs;
  if (!(width > 0) || !(step > 0)) throw executionError('duration must be greater than 0');
  const seen = modifiedGrid(context, expression.modifiers, grid);
  const ends = timesOf(seen);
  const first = Math.floor((seen.start - width) / step) * step + step;
  const last = lastOf(seen);
  const count = Math.floor((last - first) / step) + 1;
  if (count <= 0) return { series: [], width, ends, extension: undefined };
  if (count > context.limits.maxSamples) context.hold(count);
  const inner = { start: first, step, count };
  const vectors = await evaluator.vector(expression.operand, inner);
  const times = timesOf(inner);
  return { series: vectors.map((series) => toSamples(series, times)), width, ends, extension: undefined };
}

function toSamples(series: VectorSeries, times: Float64Array): RangeSeries {
  const { labels, dropName, present, values } = series;
  const histograms = series.histograms?.map(withoutHint);
  if (!present.includes(NOTHING)) return { labels, dropName, timestamps: times, values, histograms };
  let count = 0;
  for (const kind of present) if (kind !== NOTHING) count++;
  const timestamps = new Float64Array(count);
  const kept = new Float64Array(count);
  let at = 0;
  for (let step = 0; step < present.length; step++) {
    if (present[step] === NOTHING) continue;
    timestamps[at] = times[step]!;
    kept[at++] = values[step]!;
  }
  const keptHistograms = histograms?.filter((_, step) => present[step] !== NOTHING);
  return { labels, dropName, timestamps, values: kept, histograms: keptHistograms };
}

/** Whether a counter was reset since the sample before says nothing about the sample before in the subquery. */
function withoutHint(histogram: NativeHistogram | undefined): NativeHistogram | undefined {
  return histogram && histogram.hint !== 'gauge' ? { ...histogram, hint: 'unknown' } : histogram;
}
