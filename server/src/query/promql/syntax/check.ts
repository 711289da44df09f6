import { closeNames } from '../../../lib/close-names.ts';
import { QuerySyntaxError } from '../../parsing/syntax-error.ts';
import { executionError } from '../evaluation/errors.ts';
import { compileValueTest } from '../matcher.ts';
import { constantDuration } from './durations.ts';
import {
  type Aggregation,
  type Binary,
  type Call,
  COMPARISON_OPERATORS,
  type DurationExpression,
  type Expression,
  SET_OPERATORS,
  type Span,
  type ValueType,
  type VectorSelector,
} from './expression.ts';
import { SIGNATURES } from './signatures.ts';

const ANCHORED = ['changes', 'delta', 'increase', 'rate', 'resets'];
const SMOOTHED = ['delta', 'increase', 'rate'];

/** Throws a `QuerySyntaxError` where types do not fit, in the words of Prometheus. */
export function checkExpression(query: string, expression: Expression): ValueType {
  return new Checker(query).check(expression);
}

/** The type of a checked expression. */
export function typeOf(expression: Expression): ValueType {
  switch (expression.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'vector-selector':
    case 'aggregation':
      return 'instant vector';
    case 'matrix-selector':
    case 'subquery':
      return 'range vector';
    case 'call':
      return SIGNATURES.get(expression.name)!.returns;
    case 'parenthesis':
    case 'unary':
      return typeOf(expression.operand);
    case 'binary':
      return typeOf(expression.left) === 'scalar' && typeOf(expression.right) === 'scalar'
        ? 'scalar'
        : 'instant vector';
  }
}

class Checker {
  readonly #query: string;

  constructor(query: string) {
    this.#query = query;
  }

  check(expression: Expression): ValueType {
    switch (expression.kind) {
      case 'number':
      case 'string':
        break;
      case 'vector-selector':
        this.#selector(expression);
        break;
      case 'matrix-selector':
        this.#positive(expression.range, this.#behind('[', expression.selector.span));
        this.#selector(expression.selector);
        break;
      case 'subquery': {
        this.#positive(expression.range, this.#behind('[', expression.operand.span));
        if (expression.step) this.#positive(expression.step, expression.span);
        const type = this.check(expression.operand);
        if (type !== 'instant vector') {
          throw this.#error(`subquery is only allowed on instant vector, got ${type} instead`, expression.span);
        }
        break;
      }
      case 'parenthesis':
        return this.check(expression.operand);
      case 'unary': {
        const type = this.check(expression.operand);
        if (type !== 'scalar' && type !== 'instant vector') {
          const message = `unary expression only allowed on expressions of type scalar or instant vector, got ${JSON.stringify(type)}`;
          throw this.#error(message, expression.span);
        }
        return type;
      }
      case 'aggregation':
        this.#aggregation(expression);
        break;
      case 'call':
        this.#call(expression);
        break;
      case 'binary':
        this.#binary(expression);
        break;
    }
    return typeOf(expression);
  }

  #selector(selector: VectorSelector): void {
    let demanding = false;
    for (const matcher of selector.matchers) {
      const accepts = this.#attempt(() => compileValueTest(matcher), selector.span);
      demanding ||= !accepts('');
    }
    if (!demanding) throw this.#error('vector selector must contain at least one non-empty matcher', selector.span);
  }

  #attempt<Result>(action: () => Result, span: Span): Result {
    try {
      return action();
    } catch (error) {
      throw this.#error(error instanceof Error ? error.message : String(error), span);
    }
  }

  #positive(duration: DurationExpression, span: Span): void {
    const milliseconds = constantDuration(duration);
    if (milliseconds !== undefined && !(milliseconds > 0)) throw this.#error('duration must be greater than 0', span);
  }

  /** What stands behind a mark (or nothing) that follows an expression; expressions do not say where their parts are. */
  #behind(mark: string, { end }: Span): Span {
    let start = this.#query.indexOf(mark, end) + mark.length;
    while (/\s/.test(this.#query[start] ?? '')) start++;
    return { start, end: start + 1 };
  }

  #aggregation(expression: Aggregation): void {
    this.#expect(expression.operand, 'instant vector', 'aggregation expression');
    if (!expression.parameter) return;
    const wanted = expression.aggregator === 'count_values' ? 'string' : 'scalar';
    this.#expect(expression.parameter, wanted, 'aggregation parameter');
  }

  #call(call: Call): void {
    const signature = SIGNATURES.get(call.name);
    if (!signature) {
      const close = closeNames(call.name, SIGNATURES.keys());
      const hint = close.length > 0 ? ` (did you mean ${close.join(', ')}?)` : '';
      throw this.#error(`unknown function with name ${JSON.stringify(call.name)}${hint}`, call.span);
    }
    const most = signature.arguments.length;
    const given = call.arguments.length;
    const least = signature.optional === 'many' ? most - 1 : most - signature.optional;
    if (given < least || (signature.optional !== 'many' && given > most)) {
      const count = least === most ? `${most}` : given < least ? `at least ${least}` : `at most ${most}`;
      const message = `expected ${count} argument(s) in call to ${JSON.stringify(call.name)}, got ${given}`;
      throw this.#error(message, call.span);
    }
    for (const [index, argument] of call.arguments.entries()) {
      this.#argument(call, argument, signature.arguments[Math.min(index, most - 1)]!, index);
    }
  }

  #argument(call: Call, argument: Expression, wanted: ValueType, index: number): void {
    if (call.name === 'info' && index === 1) {
      if (argument.kind !== 'vector-selector') throw this.#error('expected label selectors only', argument.span);
      return;
    }
    this.#expect(argument, wanted, `call to function ${JSON.stringify(call.name)}`);
    const plain = withoutParentheses(argument);
    if (plain.kind !== 'matrix-selector' || !plain.selector.extension) return;
    const allowed = plain.selector.extension === 'anchored' ? ANCHORED : SMOOTHED;
    if (allowed.includes(call.name)) return;
    throw executionError(
      `${plain.selector.extension} modifier can only be used with: ${allowed.join(', ')} - not with ${call.name}`,
    );
  }

  #expect(expression: Expression, wanted: ValueType, context: string): void {
    const type = this.check(expression);
    if (type !== wanted) throw this.#error(`expected type ${wanted} in ${context}, got ${type}`, expression.span);
  }

  #binary(expression: Binary): void {
    const left = this.check(expression.left);
    const right = this.check(expression.right);
    for (const [side, type] of [
      [expression.left, left],
      [expression.right, right],
    ] as const) {
      if (type !== 'scalar' && type !== 'instant vector') {
        throw this.#error('binary expression must contain only scalar and instant vector types', side.span);
      }
    }
    const scalars = left === 'scalar' && right === 'scalar';
    const { operator, span } = expression;
    if (scalars && COMPARISON_OPERATORS.has(operator) && !expression.bool) {
      throw this.#error('comparisons between scalars must use BOOL modifier', this.#behind('', expression.left.span));
    }
    if (SET_OPERATORS.has(operator) && (left === 'scalar' || right === 'scalar')) {
      throw this.#error(`set operator ${JSON.stringify(operator)} not allowed in binary scalar expression`, span);
    }
    this.#matching(expression, left === 'instant vector' && right === 'instant vector');
  }

  #matching(expression: Binary, vectors: boolean): void {
    const { matching, operator, span } = expression;
    const fills = matching.fillLeft !== undefined || matching.fillRight !== undefined;
    if (!vectors && expression.matchingWritten && matching.labels.length > 0) {
      throw this.#error('vector matching only allowed between instant vectors', span);
    }
    if (!vectors && fills) throw this.#error('filling in missing series only allowed between instant vectors', span);
    if (SET_OPERATORS.has(operator)) {
      if (matching.cardinality !== 'many-to-many') {
        throw this.#error(`no grouping allowed for ${JSON.stringify(operator)} operation`, span);
      }
      if (fills) throw this.#error('filling in missing series not allowed for set operators', span);
    }
    const both = matching.on ? matching.labels.find((label) => matching.include.includes(label)) : undefined;
    if (both !== undefined) {
      throw this.#error(`label ${JSON.stringify(both)} must not occur in ON and GROUP clause at once`, span);
    }
  }

  #error(reason: string, span: Span): QuerySyntaxError {
    return new QuerySyntaxError(this.#query, reason, span);
  }
}

export function withoutParentheses(expression: Expression): Expression {
  return expression.kind === 'parenthesis' ? withoutParentheses(expression.operand) : expression;
}
