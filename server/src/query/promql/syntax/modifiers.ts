import { parseDuration } from '../../../lib/duration.ts';
import type { TokenStream } from '../../parsing/token-stream.ts';
import { parseOffset } from './durations.ts';
import type { Expression, Subquery, TimeModifiers, VectorSelector } from './expression.ts';
import type { PromqlToken, TokenKind } from './lexer.ts';
import { parseNumber } from './numbers.ts';

type Tokens = TokenStream<TokenKind>;

/** The expression with the `offset`, `@`, `anchored` or `smoothed` that follows it, `undefined` where none does. */
export function parseModifiers(tokens: Tokens, expression: Expression): Expression | undefined {
  const token = tokens.peek();
  const word = token.kind === 'identifier' ? token.text.toLowerCase() : '';
  if (token.kind === 'at') return parseAt(tokens, expression, tokens.next());
  if (word === 'offset') return parseOffsetOf(tokens, expression, tokens.next());
  if (word === 'anchored' || word === 'smoothed') return parseExtension(tokens, expression, tokens.next(), word);
  return undefined;
}

function parseOffsetOf(tokens: Tokens, expression: Expression, keyword: PromqlToken): Expression {
  const modifiers = modifiersOf(expression);
  if (!modifiers) throw misplaced(tokens, 'offset', expression);
  if (modifiers.offset) throw tokens.error('offset may not be set multiple times', keyword);
  return withModifiers(expression, { ...modifiers, offset: parseOffset(tokens) }, tokens.lastEnd);
}

function parseAt(tokens: Tokens, expression: Expression, keyword: PromqlToken): Expression {
  const modifiers = modifiersOf(expression);
  if (!modifiers) throw misplaced(tokens, '@', expression);
  if (modifiers.at !== undefined) throw tokens.error('@ <timestamp> may not be set multiple times', keyword);
  return withModifiers(expression, { ...modifiers, at: parseTimestamp(tokens) }, tokens.lastEnd);
}

function parseTimestamp(tokens: Tokens): number | 'start' | 'end' {
  const sign = tokens.peek();
  const signed = sign.kind === 'operator' && (sign.text === '-' || sign.text === '+');
  if (signed) tokens.next();
  const token = tokens.peek();
  const word = token.text.toLowerCase();
  if (!signed && token.kind === 'identifier' && (word === 'start' || word === 'end')) {
    tokens.next();
    tokens.expect('(', '@ modifier', '"("');
    tokens.expect(')', '@ modifier', '")"');
    return word;
  }
  if (token.kind !== 'number' && token.kind !== 'duration') {
    if (word === 'inf' || word === 'nan') {
      throw tokens.error(`timestamp out of bounds for @ modifier: ${token.text}`, token);
    }
    throw tokens.unexpected('@ modifier', 'a timestamp, start() or end()');
  }
  tokens.next();
  const milliseconds = token.kind === 'number' ? parseNumber(token.text) * 1000 : parseDuration(token.text)!;
  if (milliseconds > Number.MAX_SAFE_INTEGER) {
    throw tokens.error(`timestamp out of bounds for @ modifier: ${token.text}`, token);
  }
  return Math.round(sign.text === '-' && signed ? -milliseconds : milliseconds);
}

function parseExtension(
  tokens: Tokens,
  expression: Expression,
  keyword: PromqlToken,
  extension: 'anchored' | 'smoothed',
): Expression {
  const selector = expression.kind === 'matrix-selector' ? expression.selector : expression;
  if (selector.kind !== 'vector-selector') {
    throw tokens.error(
      `${extension} modifier must be preceded by an instant vector selector or range vector selector`,
      keyword,
    );
  }
  if (selector.extension)
    throw tokens.error('anchored and smoothed modifiers cannot be used twice or together', keyword);
  if (extension === 'anchored' && expression.kind === 'vector-selector') {
    throw tokens.error('anchored modifier can only be used with range vector selectors', keyword);
  }
  const end = tokens.lastEnd;
  if (expression.kind === 'matrix-selector') {
    return { ...expression, selector: { ...selector, extension }, span: { ...expression.span, end } };
  }
  return { ...selector, extension, span: { ...selector.span, end } };
}

function modifiersOf(expression: Expression): TimeModifiers | undefined {
  if (expression.kind === 'matrix-selector') return expression.selector.modifiers;
  return expression.kind === 'vector-selector' || expression.kind === 'subquery' ? expression.modifiers : undefined;
}

function withModifiers(expression: Expression, modifiers: TimeModifiers, end: number): Expression {
  const span = { start: expression.span.start, end };
  if (expression.kind === 'matrix-selector') {
    return { ...expression, selector: { ...expression.selector, modifiers }, span };
  }
  return { ...(expression as VectorSelector | Subquery), modifiers, span };
}

function misplaced(tokens: Tokens, modifier: string, expression: Expression): Error {
  return tokens.error(
    `${modifier} modifier must be preceded by an instant vector selector or range vector selector or a subquery`,
    expression.span,
  );
}
