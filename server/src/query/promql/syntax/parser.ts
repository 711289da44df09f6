import { parseDuration } from '../../../lib/duration.ts';
import { unquoteGo } from '../../../lib/go-string.ts';
import { parseInfix } from '../../parsing/precedence.ts';
import { QuerySyntaxError } from '../../parsing/syntax-error.ts';
import { TokenStream } from '../../parsing/token-stream.ts';
import { checkExpression } from './check.ts';
import { parseDurationExpression } from './durations.ts';
import {
  AGGREGATORS,
  type Aggregator,
  type BinaryOperator,
  COMPARISON_OPERATORS,
  type Expression,
  SET_OPERATORS,
} from './expression.ts';
import { type PromqlToken, type TokenKind, tokenize } from './lexer.ts';
import { parseBinaryModifiers, parseLabelList } from './matching.ts';
import { parseModifiers } from './modifiers.ts';
import { parseNumber } from './numbers.ts';
import { BINARY_PRECEDENCE_OF_SIGNS, type OperatorToken, peekOperator } from './operators.ts';
import { parseSelector } from './selectors.ts';

const AGGREGATOR_NAMES: ReadonlySet<string> = new Set(AGGREGATORS);
const PARAMETER_AGGREGATORS: ReadonlySet<string> = new Set([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);

/** Trees of the texts that came last: a query is parsed for its types, for its cache and for its evaluation. */
const kept = new Map<string, Expression>();
const MOST_KEPT = 500;
const LONGEST_KEPT = 4000;

/** The syntax tree of a PromQL text, its types checked. Throws a `QuerySyntaxError` with line and column. */
export function parsePromql(query: string): Expression {
  if (query.length > LONGEST_KEPT) return parse(query);
  const expression = kept.get(query) ?? parse(query);
  kept.delete(query);
  if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(query, expression);
  return expression;
}

function parse(query: string): Expression {
  if (query.length > MOST_CHARACTERS) {
    throw new QuerySyntaxError(
      query,
      `the query has ${query.length} characters, at most ${MOST_CHARACTERS} are taken`,
      { start: 0 },
    );
  }
  const parser = new Parser(query);
  const expression = parser.parse();
  checkExpression(query, expression);
  return expression;
}

/** Deeper and longer queries than any that people or tools write; the bounds keep the call stack from overflowing. */
const MOST_CHARACTERS = 100_000;
const MOST_LEVELS = 250;
const MOST_OPERATORS = 2500;

class Parser {
  readonly #tokens: TokenStream<TokenKind>;
  #level = 0;
  #operators = 0;

  constructor(query: string) {
    this.#tokens = new TokenStream<TokenKind>(query, tokenize(query));
  }

  parse(): Expression {
    if (this.#tokens.at('end')) throw this.#tokens.error('no expression found in input', { start: 0, end: 0 });
    const expression = this.#expression(0);
    if (!this.#tokens.at('end')) throw this.#tokens.unexpected('expression', 'an operator or the end');
    return expression;
  }

  #expression(minimum: number): Expression {
    return parseInfix<Expression, OperatorToken>(
      {
        operand: () => this.#operand(),
        peekOperator: () => peekOperator(this.#tokens.peek()),
        takeOperator: ({ operator }) => this.#binary(operator),
      },
      minimum,
    );
  }

  #binary(operator: BinaryOperator): (left: Expression, right: Expression) => Expression {
    this.#countOperator(this.#tokens.next());
    const modifiers = parseBinaryModifiers(this.#tokens, SET_OPERATORS.has(operator));
    if (modifiers.bool && !COMPARISON_OPERATORS.has(operator)) {
      throw this.#tokens.error('bool modifier can only be used on comparison operators', modifiers.span);
    }
    const { span: _, ...rest } = modifiers;
    return (left, right) => ({
      kind: 'binary',
      operator,
      left,
      right,
      ...rest,
      span: { start: left.span.start, end: right.span.end },
    });
  }

  #countOperator(token: PromqlToken): void {
    if (++this.#operators <= MOST_OPERATORS) return;
    throw this.#tokens.error(`more than ${MOST_OPERATORS} operators in one query`, token);
  }

  #operand(): Expression {
    if (++this.#level > MOST_LEVELS) {
      throw this.#tokens.error(`nested deeper than ${MOST_LEVELS} levels`, this.#tokens.peek());
    }
    const operand = this.#signed();
    this.#level--;
    return operand;
  }

  #signed(): Expression {
    const token = this.#tokens.peek();
    if (token.kind === 'operator' && (token.text === '-' || token.text === '+')) {
      this.#tokens.next();
      const operand = this.#expression(BINARY_PRECEDENCE_OF_SIGNS + 1);
      const span = { start: token.start, end: operand.span.end };
      if (operand.kind === 'number')
        return { kind: 'number', value: token.text === '-' ? -operand.value : operand.value, span };
      return { kind: 'unary', operator: token.text, operand, span };
    }
    return this.#postfix(this.#primary());
  }

  /** `[range]`, `[range:step]`, `offset`, `@`, `anchored`, `smoothed`, as often as they come. */
  #postfix(operand: Expression): Expression {
    let expression = operand;
    for (;;) {
      if (this.#tokens.at('[')) {
        expression = this.#range(expression);
        continue;
      }
      const modified = parseModifiers(this.#tokens, expression);
      if (!modified) return expression;
      expression = modified;
    }
  }

  #range(operand: Expression): Expression {
    const tokens = this.#tokens;
    const bracket = tokens.next();
    this.#countOperator(bracket);
    const range = parseDurationExpression(tokens, 'range specification');
    if (tokens.accept('colon')) {
      const step = tokens.at(']') ? undefined : parseDurationExpression(tokens, 'subquery step');
      const { end } = tokens.expect(']', 'subquery', '"]"');
      const modifiers = { offset: undefined, at: undefined };
      return { kind: 'subquery', operand, range, step, modifiers, span: { start: operand.span.start, end } };
    }
    const { end } = tokens.expect(']', 'range specification', '":" or "]"');
    const at = { start: bracket.start, end };
    if (operand.kind !== 'vector-selector') throw tokens.error('ranges only allowed for vector selectors', at);
    if (operand.modifiers.offset) throw tokens.error('no offset modifiers allowed before range', at);
    if (operand.modifiers.at !== undefined) throw tokens.error('no @ modifiers allowed before range', at);
    return { kind: 'matrix-selector', selector: operand, range, span: { start: operand.span.start, end } };
  }

  #primary(): Expression {
    const tokens = this.#tokens;
    const token = tokens.peek();
    const span = { start: token.start, end: token.end };
    switch (token.kind) {
      case 'number':
        tokens.next();
        return { kind: 'number', value: parseNumber(token.text), span };
      case 'duration':
        tokens.next();
        return { kind: 'number', value: parseDuration(token.text)! / 1000, span };
      case 'string':
        tokens.next();
        return { kind: 'string', value: this.#unquote(token), span };
      case '(':
        return this.#parenthesis();
      case '{':
        return parseSelector(tokens, undefined);
      case 'identifier':
        return this.#named(token);
      default:
        throw tokens.unexpected('expression', 'a number, string, selector, function or "("');
    }
  }

  #unquote(token: PromqlToken): string {
    const value = unquoteGo(token.text);
    if (value === undefined) throw this.#tokens.error('wrong escape in quoted string', token);
    return value;
  }

  #parenthesis(): Expression {
    const { start } = this.#tokens.next();
    const operand = this.#expression(0);
    const { end } = this.#tokens.expect(')', 'parenthesis', '")"');
    return { kind: 'parenthesis', operand, span: { start, end } };
  }

  #named(token: PromqlToken): Expression {
    const tokens = this.#tokens;
    const lower = token.text.toLowerCase();
    const following = tokens.peek(1);
    const span = { start: token.start, end: token.end };
    if (lower === 'inf' || lower === 'nan') {
      tokens.next();
      return { kind: 'number', value: lower === 'inf' ? Number.POSITIVE_INFINITY : Number.NaN, span };
    }
    if (AGGREGATOR_NAMES.has(lower) && (following.kind === '(' || isGrouping(following))) {
      return this.#aggregation(lower as Aggregator);
    }
    if (following.kind === '(') return this.#call();
    tokens.next();
    return parseSelector(tokens, token);
  }

  #call(): Expression {
    const name = this.#tokens.next();
    const args = this.#arguments('function call');
    return {
      kind: 'call',
      name: DURATION_LIKE.has(name.text.toLowerCase()) ? name.text.toLowerCase() : name.text,
      arguments: args,
      span: { start: name.start, end: this.#tokens.lastEnd },
    };
  }

  #arguments(context: string): Expression[] {
    const tokens = this.#tokens;
    tokens.expect('(', context, '"("');
    const args: Expression[] = [];
    if (tokens.accept(')')) return args;
    do args.push(this.#expression(0));
    while (tokens.accept('comma'));
    tokens.expect(')', context, '"," or ")"');
    return args;
  }

  #aggregation(aggregator: Aggregator): Expression {
    const tokens = this.#tokens;
    const name = tokens.next();
    let grouping = this.#grouping();
    const args = this.#arguments('aggregation');
    grouping ??= this.#grouping();
    const span = { start: name.start, end: tokens.lastEnd };
    const wanted = PARAMETER_AGGREGATORS.has(aggregator) ? 2 : 1;
    if (args.length === 0) throw tokens.error('no arguments for aggregate expression provided', span);
    if (args.length !== wanted) {
      throw tokens.error(
        `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
        span,
      );
    }
    return {
      kind: 'aggregation',
      aggregator,
      parameter: wanted === 2 ? args[0] : undefined,
      operand: args.at(-1)!,
      without: grouping?.without ?? false,
      labels: grouping?.labels ?? [],
      span,
    };
  }

  #grouping(): { without: boolean; labels: string[] } | undefined {
    if (!isGrouping(this.#tokens.peek())) return undefined;
    const without = this.#tokens.next().text.toLowerCase() === 'without';
    return { without, labels: parseLabelList(this.#tokens, 'grouping opts') };
  }
}

/** Functions that are keywords as well, and so may be written in any case. */
const DURATION_LIKE: ReadonlySet<string> = new Set(['start', 'end', 'step', 'range', 'min_of', 'max_of']);

function isGrouping(token: PromqlToken): boolean {
  const lower = token.text.toLowerCase();
  return token.kind === 'identifier' && (lower === 'by' || lower === 'without');
}
