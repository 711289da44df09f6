import { parseDuration } from '../../../lib/duration.ts';
import type { InfixOperator } from '../../parsing/precedence.ts';
import { parseInfix } from '../../parsing/precedence.ts';
import type { TokenStream } from '../../parsing/token-stream.ts';
import type { DurationExpression, DurationOperator } from './expression.ts';
import type { TokenKind } from './lexer.ts';
import { parseNumber } from './numbers.ts';

type Tokens = TokenStream<TokenKind>;

/** Far more than people write; the bound keeps the call stack from overflowing. */
const MOST_PARTS = 200;
const PRECEDENCE: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 3 };

/** A duration in brackets: literals with arithmetic, `step()`, `range()`, `min_of`, `max_of`. */
export function parseDurationExpression(tokens: Tokens, context: string): DurationExpression {
  return new DurationParser(tokens, context).expression();
}

/** What may follow `offset` without parentheses: one operand with its sign. */
export function parseOffset(tokens: Tokens): DurationExpression {
  return new DurationParser(tokens, 'offset').operand();
}

class DurationParser {
  readonly #tokens: Tokens;
  readonly #context: string;
  #parts = 0;

  constructor(tokens: Tokens, context: string) {
    this.#tokens = tokens;
    this.#context = context;
  }

  expression(): DurationExpression {
    return parseInfix<DurationExpression, InfixOperator & { operator: DurationOperator }>({
      operand: () => this.operand(),
      peekOperator: () => {
        const token = this.#tokens.peek();
        const precedence = token.kind === 'operator' ? PRECEDENCE[token.text] : undefined;
        if (precedence === undefined) return undefined;
        return { precedence, rightAssociative: token.text === '^', operator: token.text as DurationOperator };
      },
      takeOperator: ({ operator }) => {
        const { start, end } = this.#tokens.next();
        return (left, right) => ({ kind: 'binary', operator, left, right, span: { start, end } });
      },
    });
  }

  /** With its signs. */
  operand(): DurationExpression {
    const tokens = this.#tokens;
    if (++this.#parts > MOST_PARTS) throw tokens.error(`a duration of more than ${MOST_PARTS} parts`, tokens.peek());
    let negative = false;
    for (let token = tokens.peek(); token.text === '-' || token.text === '+'; token = tokens.peek()) {
      tokens.next();
      if (token.text === '-') negative = !negative;
    }
    const operand = this.#unsigned();
    return negative ? { kind: 'negate', operand } : operand;
  }

  #unsigned(): DurationExpression {
    const tokens = this.#tokens;
    const token = tokens.peek();
    if (tokens.accept('duration')) return { kind: 'literal', milliseconds: parseDuration(token.text)! };
    if (tokens.accept('number')) return { kind: 'literal', milliseconds: parseNumber(token.text) * 1000 };
    if (tokens.accept('(')) {
      const inner = this.expression();
      tokens.expect(')', this.#context, '")"');
      return inner;
    }
    const call = token.kind === 'identifier' ? this.#call(token.text.toLowerCase()) : undefined;
    if (call) return call;
    throw tokens.unexpected(this.#context, 'a duration');
  }

  #call(name: string): DurationExpression | undefined {
    if (name !== 'step' && name !== 'range' && name !== 'min_of' && name !== 'max_of') return undefined;
    const tokens = this.#tokens;
    const { start } = tokens.next();
    tokens.expect('(', this.#context, '"("');
    if (name === 'step' || name === 'range') {
      tokens.expect(')', this.#context, '")"');
      return { kind: name };
    }
    const left = this.expression();
    tokens.expect('comma', this.#context, '","');
    const right = this.expression();
    const { end } = tokens.expect(')', this.#context, '")"');
    return { kind: 'binary', operator: name, left, right, span: { start, end } };
  }
}

/** The value where it does not depend on the query's step and range. */
export function constantDuration(expression: DurationExpression): number | undefined {
  return evaluateDuration(expression, undefined);
}

/** Milliseconds of a duration; `undefined` where step and range are needed and not given. */
export function evaluateDuration(
  expression: DurationExpression,
  query: { readonly step: number; readonly range: number } | undefined,
): number | undefined {
  switch (expression.kind) {
    case 'literal':
      return expression.milliseconds;
    case 'step':
    case 'range':
      return query?.[expression.kind];
    case 'negate': {
      const operand = evaluateDuration(expression.operand, query);
      return operand === undefined ? undefined : -operand;
    }
    case 'binary': {
      const left = evaluateDuration(expression.left, query);
      const right = evaluateDuration(expression.right, query);
      return left === undefined || right === undefined ? undefined : compute(expression.operator, left, right);
    }
  }
}

/** Arithmetic is in seconds, as durations are seconds everywhere in PromQL. */
function compute(operator: DurationOperator, left: number, right: number): number {
  const [a, b] = [left / 1000, right / 1000];
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return a * b * 1000;
    case '/':
      return (a / b) * 1000;
    case '%':
      return (a % b) * 1000;
    case '^':
      return a ** b * 1000;
    case 'min_of':
      return Math.min(left, right);
    case 'max_of':
      return Math.max(left, right);
  }
}
