import { executionError } from '../evaluation/errors.ts';
import type { Evaluator } from '../evaluation/evaluator-contract.ts';
import type { Grid } from '../evaluation/grid.ts';
import { scalar, type Value, vector } from '../evaluation/values.ts';
import { type Binary, SET_OPERATORS, type SetOperator } from '../syntax/expression.ts';
import { OperandRules } from './operands.ts';
import { applySetOperator } from './set-operators.ts';
import { withScalar } from './vector-scalar.ts';
import { matchVectors } from './vector-vector.ts';

export async function evaluateBinary(expression: Binary, grid: Grid, evaluator: Evaluator): Promise<Value> {
  const [left, right] = await Promise.all([
    evaluator.evaluate(expression.left, grid),
    evaluator.evaluate(expression.right, grid),
  ]);
  if (left.type === 'string' || right.type === 'string') throw executionError('binary operators take no strings');
  if (SET_OPERATORS.has(expression.operator)) {
    if (left.type !== 'vector' || right.type !== 'vector') throw executionError('set operators need instant vectors');
    const operator = expression.operator as SetOperator;
    return vector(await applySetOperator(operator, expression.matching, left.series, right.series, evaluator.context));
  }
  const rules = new OperandRules(expression, evaluator.context.annotations);
  if (left.type === 'vector') {
    return vector(
      right.type === 'scalar'
        ? await withScalar(rules, left.series, right.values, false, evaluator.context)
        : await matchVectors(expression, rules, left.series, right.series, grid, evaluator.context),
    );
  }
  if (right.type === 'vector')
    return vector(await withScalar(rules, right.series, left.values, true, evaluator.context));
  return scalar(left.values.map((value, step) => betweenScalars(rules, value, right.values[step]!)));
}

function betweenScalars(rules: OperandRules, left: number, right: number): number {
  const result = rules.apply(left, right, left);
  if (typeof result !== 'number') throw executionError('this operator has no meaning between scalars');
  return result;
}
