import type { Call, Expression } from '../syntax/expression.ts';
import type { EvaluationContext } from './context.ts';
import type { Grid } from './grid.ts';
import type { RangeVector, Value, VectorSeries } from './values.ts';

/** What operators and functions ask of the evaluator. */
export interface Evaluator {
  readonly context: EvaluationContext;
  evaluate(expression: Expression, grid: Grid): Promise<Value>;
  /** The series of an expression of type instant vector. */
  vector(expression: Expression, grid: Grid): Promise<readonly VectorSeries[]>;
  /** One number a step, of an expression of type scalar. */
  scalar(expression: Expression, grid: Grid): Promise<Float64Array>;
  text(expression: Expression): string;
  range(expression: Expression, grid: Grid): Promise<RangeVector>;
}

/** One function of the language. The arguments fit its signature. */
export type FunctionImplementation = (call: Call, grid: Grid, evaluator: Evaluator) => Promise<Value>;
