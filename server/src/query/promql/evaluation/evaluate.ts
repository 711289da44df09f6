import { scale } from '../../../lib/native-histogram/buckets.ts';
import { aggregate } from '../aggregation/aggregate.ts';
import { evaluateBinary } from '../binary/evaluate-binary.ts';
import { FUNCTIONS } from '../functions/registry.ts';
import type { Expression, Unary } from '../syntax/expression.ts';
import type { EvaluationContext } from './context.ts';
import { executionError } from './errors.ts';
import type { Evaluator } from './evaluator-contract.ts';
import type { Grid } from './grid.ts';
import { selectInstant, selectRange } from './selection.ts';
import { isStepInvariant, repeat } from './step-invariant.ts';
import { evaluateSubquery } from './subquery.ts';
import { NOTHING, type RangeVector, scalar, type Value, type VectorSeries, vector } from './values.ts';

/** Evaluates a checked expression; a node is evaluated for all steps at once. */
export class TreeEvaluator implements Evaluator {
  readonly context: EvaluationContext;

  constructor(context: EvaluationContext) {
    this.context = context;
  }

  async evaluate(expression: Expression, grid: Grid): Promise<Value> {
    const { observer } = this.context;
    if (!observer) return await this.#evaluate(expression, grid);
    const began = observer.now();
    const value = await this.#evaluate(expression, grid);
    const { series, points } = sizeOf(value);
    observer.evaluated(expression, series, points, observer.now() - began);
    return value;
  }

  async #evaluate(expression: Expression, grid: Grid): Promise<Value> {
    // Waits in any case: a long chain of operators would nest as many calls.
    await (this.context.isDue ? this.context.pause() : undefined);
    if (grid.count > 1 && isStepInvariant(expression)) {
      return repeat(await this.#compute(expression, { ...grid, count: 1 }), grid.count);
    }
    return this.#compute(expression, grid);
  }

  async #compute(expression: Expression, grid: Grid): Promise<Value> {
    switch (expression.kind) {
      case 'number':
        return scalar(new Float64Array(grid.count).fill(expression.value));
      case 'string':
        return { type: 'string', value: expression.value };
      case 'parenthesis':
        return this.evaluate(expression.operand, grid);
      case 'vector-selector':
        return { type: 'vector', series: await selectInstant(this.context, expression, grid), distinct: true };
      case 'matrix-selector':
      case 'subquery':
        throw executionError('a range vector cannot stand here');
      case 'unary':
        return this.#unary(expression, grid);
      case 'aggregation':
        return aggregate(expression, grid, this);
      case 'binary':
        return evaluateBinary(expression, grid, this);
      case 'call':
        return FUNCTIONS.get(expression.name)!(expression, grid, this);
    }
  }

  async #unary(expression: Unary, grid: Grid): Promise<Value> {
    const operand = await this.evaluate(expression.operand, grid);
    if (expression.operator === '+') return operand;
    if (operand.type === 'scalar') return scalar(operand.values.map((value) => -value));
    if (operand.type === 'string') throw executionError('a string cannot be negated');
    return vector(operand.series.map(negated));
  }

  async vector(expression: Expression, grid: Grid): Promise<readonly VectorSeries[]> {
    const value = await this.evaluate(expression, grid);
    if (value.type !== 'vector') throw executionError(`expected an instant vector, got ${value.type}`);
    return value.series;
  }

  async scalar(expression: Expression, grid: Grid): Promise<Float64Array> {
    const value = await this.evaluate(expression, grid);
    if (value.type !== 'scalar') throw executionError(`expected a scalar, got ${value.type}`);
    return value.values;
  }

  text(expression: Expression): string {
    if (expression.kind === 'parenthesis') return this.text(expression.operand);
    if (expression.kind !== 'string') throw executionError('expected a string');
    return expression.value;
  }

  async range(expression: Expression, grid: Grid): Promise<RangeVector> {
    const { observer } = this.context;
    if (!observer) return await this.#range(expression, grid);
    const began = observer.now();
    const ranges = await this.#range(expression, grid);
    const samples = ranges.series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
    observer.evaluated(expression, ranges.series.length, samples, observer.now() - began);
    return ranges;
  }

  async #range(expression: Expression, grid: Grid): Promise<RangeVector> {
    switch (expression.kind) {
      case 'parenthesis':
        return this.range(expression.operand, grid);
      case 'matrix-selector':
        return selectRange(this.context, expression, grid);
      case 'subquery':
        return evaluateSubquery(expression, grid, this);
      default:
        throw executionError('expected a range vector');
    }
  }
}

function negated({ labels, present, values, histograms }: VectorSeries): VectorSeries {
  return {
    labels,
    dropName: true,
    present,
    values: values.map((value) => -value),
    histograms: histograms?.map((histogram) => histogram && scale(histogram, -1)),
  };
}

function sizeOf(value: Value): { series: number; points: number } {
  if (value.type === 'string') return { series: 0, points: 1 };
  if (value.type === 'scalar') return { series: 0, points: value.values.length };
  let points = 0;
  for (const { present } of value.series) for (const kind of present) if (kind !== NOTHING) points++;
  return { series: value.series.length, points };
}
