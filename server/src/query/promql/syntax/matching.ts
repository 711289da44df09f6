import { unquoteGo } from '../../../lib/go-string.ts';
import type { TokenStream } from '../../parsing/token-stream.ts';
import type { Span, VectorMatching } from './expression.ts';
import type { TokenKind } from './lexer.ts';
import { parseNumber } from './numbers.ts';

type Tokens = TokenStream<TokenKind>;

interface BinaryModifiers {
  readonly bool: boolean;
  readonly matching: VectorMatching;
  readonly matchingWritten: boolean;
  readonly span: Span;
}

/** What may stand between a binary operator and its right side. */
export function parseBinaryModifiers(tokens: Tokens, isSetOperator: boolean): BinaryModifiers {
  const start = tokens.peek().start;
  const bool = acceptKeyword(tokens, 'bool');
  const onWord = acceptMatching(tokens, 'on');
  const written = onWord || acceptMatching(tokens, 'ignoring');
  const labels = written ? parseLabelList(tokens, 'matching clause') : [];
  const group = written ? parseGroup(tokens) : undefined;
  const fills = parseFills(tokens);
  const matching: VectorMatching = {
    on: onWord,
    labels,
    cardinality: isSetOperator && !group ? 'many-to-many' : (group?.cardinality ?? 'one-to-one'),
    include: group?.include ?? [],
    ...fills,
  };
  return { bool, matching, matchingWritten: written, span: { start, end: tokens.lastEnd } };
}

function parseGroup(tokens: Tokens): { cardinality: 'many-to-one' | 'one-to-many'; include: string[] } | undefined {
  const left = acceptKeyword(tokens, 'group_left');
  if (!left && !acceptKeyword(tokens, 'group_right')) return undefined;
  const include = tokens.at('(') ? parseLabelList(tokens, 'grouping opts') : [];
  return { cardinality: left ? 'many-to-one' : 'one-to-many', include };
}

/** `fill(x)`, or `fill_left(x)` and `fill_right(x)` in either order; only in front of `(`, for metrics may bear these names. */
function parseFills(tokens: Tokens): { fillLeft: number | undefined; fillRight: number | undefined } {
  let fillLeft: number | undefined;
  let fillRight: number | undefined;
  for (;;) {
    const word = tokens.peek().text.toLowerCase();
    if (!['fill', 'fill_left', 'fill_right'].includes(word) || tokens.peek(1).kind !== '(')
      return { fillLeft, fillRight };
    tokens.next();
    const value = parseFillValue(tokens);
    if (word !== 'fill_right') fillLeft = value;
    if (word !== 'fill_left') fillRight = value;
  }
}

function parseFillValue(tokens: Tokens): number {
  tokens.expect('(', 'fill modifier', '"("');
  const sign = tokens.peek();
  const negative = sign.kind === 'operator' && sign.text === '-';
  if (sign.kind === 'operator' && (negative || sign.text === '+')) tokens.next();
  const token = tokens.next();
  const lower = token.text.toLowerCase();
  let value: number;
  if (token.kind === 'number') value = parseNumber(token.text);
  else if (lower === 'inf') value = Number.POSITIVE_INFINITY;
  else if (lower === 'nan') value = Number.NaN;
  else throw tokens.error(`unexpected ${JSON.stringify(token.text)} in fill modifier`, token, 'a number');
  tokens.expect(')', 'fill modifier', '")"');
  return negative ? -value : value;
}

/** `(a, b, "quoted name")`; a comma may follow the last one. */
export function parseLabelList(tokens: Tokens, context: string): string[] {
  tokens.expect('(', context, '"("');
  const labels: string[] = [];
  while (!tokens.at(')')) {
    const token = tokens.peek();
    if (token.kind !== 'identifier' && token.kind !== 'string') throw tokens.unexpected(context, 'a label or ")"');
    tokens.next();
    const name = token.kind === 'string' ? unquoteGo(token.text) : token.text;
    if (name === undefined || name === '' || (name.includes(':') && token.kind === 'identifier')) {
      throw tokens.error(`invalid label name ${token.text} in ${context}`, token);
    }
    labels.push(name);
    if (!tokens.accept('comma')) break;
  }
  tokens.expect(')', context, '"," or ")"');
  return labels;
}

function acceptKeyword(tokens: Tokens, word: string): boolean {
  const token = tokens.peek();
  if (token.kind !== 'identifier' || token.text.toLowerCase() !== word) return false;
  // `a == bool` compares with a metric of that name.
  if (word === 'bool' && !startsOperand(tokens.peek(1).kind)) return false;
  tokens.next();
  return true;
}

function startsOperand(kind: string): boolean {
  return ['identifier', 'number', 'duration', 'string', '(', '{', 'operator'].includes(kind);
}

function acceptMatching(tokens: Tokens, word: string): boolean {
  return tokens.peek(1).kind === '(' && acceptKeyword(tokens, word);
}
