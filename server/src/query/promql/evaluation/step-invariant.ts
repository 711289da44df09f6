import type { Expression } from '../syntax/expression.ts';
import { childrenOf } from '../syntax/selectors-of.ts';
import { scalar, type Value, type VectorSeries, vector } from './values.ts';

/** Functions whose value depends on the time of evaluation, whatever their arguments. */
const TIMED: ReadonlySet<string> = new Set([
  ...['time', 'timestamp', 'predict_linear', 'info', 'absent', 'absent_over_time', 'vector'],
  ...['day_of_month', 'day_of_week', 'day_of_year', 'days_in_month', 'hour', 'minute', 'month', 'year'],
]);

const known = new WeakMap<Expression, boolean>();

/** True where an expression has the same value at all steps, because everything in it is fixed by `@`. */
export function isStepInvariant(expression: Expression): boolean {
  let invariant = known.get(expression);
  if (invariant === undefined) {
    invariant = decide(expression);
    known.set(expression, invariant);
  }
  return invariant;
}

function decide(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
    case 'string':
      // Cheaper to make than to repeat.
      return false;
    case 'vector-selector':
      return expression.modifiers.at !== undefined;
    case 'matrix-selector':
      return expression.selector.modifiers.at !== undefined;
    case 'subquery':
      return expression.modifiers.at !== undefined;
    case 'call':
      if (TIMED.has(expression.name)) return false;
      break;
  }
  const children = childrenOf(expression);
  let fixed = 0;
  for (const child of children) {
    if (child.kind === 'number' || child.kind === 'string') continue;
    if (!isStepInvariant(child)) return false;
    fixed++;
  }
  return fixed > 0;
}

/** A value of one step, for many. */
export function repeat(value: Value, count: number): Value {
  if (value.type === 'string') return value;
  if (value.type === 'scalar') return scalar(new Float64Array(count).fill(value.values[0]!));
  return vector(
    value.series.map((series) => repeatSeries(series, count)),
    value.ordered === true,
  );
}

function repeatSeries(series: VectorSeries, count: number): VectorSeries {
  return {
    labels: series.labels,
    dropName: series.dropName,
    present: new Uint8Array(count).fill(series.present[0]!),
    values: new Float64Array(count).fill(series.values[0]!),
    histograms: series.histograms && new Array(count).fill(series.histograms[0]),
  };
}
