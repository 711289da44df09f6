import type { EvaluationContext } from '../evaluation/context.ts';
import { NOTHING, SeriesBuilder, type VectorSeries, valueAt } from '../evaluation/values.ts';
import type { OperandRules } from './operands.ts';

/** A vector against a scalar; with `swapped` the scalar stands on the left. A comparison keeps the vector's values. */
export async function withScalar(
  rules: OperandRules,
  series: readonly VectorSeries[],
  scalars: Float64Array,
  swapped: boolean,
  context: EvaluationContext,
): Promise<VectorSeries[]> {
  const result: VectorSeries[] = [];
  for (const one of series) {
    const built = new SeriesBuilder(one.labels, one.dropName || rules.dropsName, one.present.length);
    if (one.histograms) applyToSamples(rules, one, scalars, swapped, built);
    else applyToFloats(rules, one, scalars, swapped, built);
    if (built.count > 0) {
      context.hold(scalars.length);
      result.push(built);
    }
    if (context.isDue) await context.pause();
  }
  return result;
}

function applyToFloats(
  rules: OperandRules,
  { present, values }: VectorSeries,
  scalars: Float64Array,
  swapped: boolean,
  built: SeriesBuilder,
): void {
  const { floats } = rules;
  for (let step = 0; step < present.length; step++) {
    if (present[step] === NOTHING) continue;
    const value = values[step]!;
    const other = scalars[step]!;
    const computed = swapped ? floats(other, value, value) : floats(value, other, value);
    if (computed !== undefined) built.set(step, computed);
  }
}

function applyToSamples(
  rules: OperandRules,
  one: VectorSeries,
  scalars: Float64Array,
  swapped: boolean,
  built: SeriesBuilder,
): void {
  for (let step = 0; step < one.present.length; step++) {
    if (one.present[step] === NOTHING) continue;
    const value = valueAt(one, step);
    const other = scalars[step]!;
    const computed = swapped ? rules.apply(other, value, value) : rules.apply(value, other, value);
    if (computed !== undefined) built.store(step, computed);
  }
}
