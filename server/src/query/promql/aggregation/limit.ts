import { formatShort } from '../../../lib/go-float.ts';
import { METRIC_NAME } from '../../../model/labels.ts';
import type { EvaluationContext } from '../evaluation/context.ts';
import { executionError } from '../evaluation/errors.ts';
import type { Grid } from '../evaluation/grid.ts';
import { NOTHING, SeriesBuilder, type VectorSeries } from '../evaluation/values.ts';
import type { Aggregation } from '../syntax/expression.ts';
import { groupSeries } from './grouping.ts';
import { countsOf } from './parameter.ts';

/** `limitk`: any k series of each group at each step. */
export async function limitK(
  expression: Aggregation,
  series: readonly VectorSeries[],
  parameter: Float64Array,
  grid: Grid,
  context: EvaluationContext,
): Promise<VectorSeries[]> {
  const counts = countsOf(parameter);
  const result: VectorSeries[] = [];
  for (const group of await groupSeries(expression, series, context)) {
    const taken = new Float64Array(grid.count);
    for (const member of group.members) {
      if (context.isDue) await context.pause();
      result.push(
        ...keepSteps(member, (step) => {
          if (taken[step]! >= counts[step]!) return false;
          taken[step]!++;
          return true;
        }),
      );
    }
  }
  return result;
}

/** `limit_ratio`: a share of the series, always the same ones; a negative ratio gives the other ones. */
export async function limitRatio(
  expression: Aggregation,
  series: readonly VectorSeries[],
  parameter: Float64Array,
  context: EvaluationContext,
): Promise<VectorSeries[]> {
  const ratios = parameter.map((value) => {
    if (Number.isNaN(value)) throw executionError('Ratio value is NaN');
    const capped = Math.max(-1, Math.min(1, value));
    if (capped !== value) {
      context.annotations.warn(
        `ratio value should be between -1 and 1, got ${formatShort(value)}, capping to ${formatShort(capped)}`,
        expression.parameter!.span,
      );
    }
    return capped;
  });
  const result: VectorSeries[] = [];
  for (const one of series) {
    if (context.isDue) await context.pause();
    const position = positionOf(one);
    const isKept = (ratio: number) => (ratio >= 0 ? position < ratio : position >= 1 + ratio);
    result.push(...keepSteps(one, (step) => isKept(ratios[step]!)));
  }
  return result;
}

function keepSteps(series: VectorSeries, wanted: (step: number) => boolean): VectorSeries[] {
  const built = new SeriesBuilder(series.labels, series.dropName, series.present.length);
  for (let step = 0; step < series.present.length; step++) {
    if (series.present[step] !== NOTHING && wanted(step)) built.copy(series, step);
  }
  return built.count > 0 ? [built] : [];
}

/** A number in [0, 1) that belongs to a label set: FNV-1a, mixed so that similar sets are far apart. */
function positionOf({ labels }: VectorSeries): number {
  let hash = 0x811c9dc5;
  const add = (text: string) => {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0xff, 0x01000193);
  };
  for (const name of Object.keys(labels).sort()) {
    if (name === METRIC_NAME && labels[name] === '') continue;
    add(name);
    add(labels[name]!);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 2 ** 32;
}
