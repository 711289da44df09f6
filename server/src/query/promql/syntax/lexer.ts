import { QuerySyntaxError } from '../../parsing/syntax-error.ts';
import type { Token } from '../../parsing/token-stream.ts';

export type TokenKind =
  | 'identifier'
  | 'number'
  | 'duration'
  | 'string'
  | 'operator'
  | 'at'
  | 'comma'
  | 'colon'
  | '('
  | ')'
  | '{'
  | '}'
  | '['
  | ']';
export type PromqlToken = Token<TokenKind | 'end'>;

const SKIP = /(?:\s|#[^\n]*)+/y;
const METRIC = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const DURATION = /(?=\d)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?(?![a-zA-Z0-9_.])/y;
const NUMBER =
  /0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?/y;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'|`[^`]*`/y;
const OPERATOR = /==|=~|!=|!~|<=|>=|<\/|>\/|[-+*/%^=<>]/y;
const SINGLE: Readonly<Record<string, TokenKind>> = {
  '(': '(',
  ')': ')',
  '{': '{',
  '}': '}',
  '[': '[',
  ']': ']',
  ',': 'comma',
  '@': 'at',
  ':': 'colon',
};

/**
 * The tokens of a PromQL text, with an `end` token last. Inside braces and brackets a colon is no part of a name.
 * Throws a `QuerySyntaxError`.
 */
export function tokenize(query: string): PromqlToken[] {
  const tokens: PromqlToken[] = [];
  const nesting: string[] = [];
  let at = skipBlanks(query, 0);
  while (at < query.length) {
    const token = readToken(query, at, nesting.at(-1));
    tokens.push(token);
    trackNesting(nesting, token.kind);
    at = skipBlanks(query, token.end);
  }
  tokens.push({ kind: 'end', text: '', start: query.length, end: query.length });
  return tokens;
}

function trackNesting(nesting: string[], kind: string): void {
  if (kind === '{' || kind === '[' || kind === '(') nesting.push(kind);
  else if (kind === '}' || kind === ']' || kind === ')') nesting.pop();
}

function readToken(query: string, at: number, inside: string | undefined): PromqlToken {
  const character = query[at]!;
  const insideBraces = inside === '{' || inside === '[';
  if (/[a-zA-Z_]/.test(character) || (character === ':' && !insideBraces && inside !== '(')) {
    return take(query, at, 'identifier', insideBraces ? NAME : METRIC);
  }
  if (character === ':' && inside === '(') {
    const metric = match(METRIC, query, at);
    if (metric !== undefined && metric.length > 1) return take(query, at, 'identifier', METRIC);
  }
  if (/[0-9]/.test(character) || (character === '.' && /[0-9]/.test(query[at + 1] ?? ''))) return readNumber(query, at);
  if (character === '"' || character === "'" || character === '`') return readString(query, at);
  const single = SINGLE[character];
  if (single !== undefined) return { kind: single, text: character, start: at, end: at + 1 };
  const operator = match(OPERATOR, query, at);
  if (operator !== undefined) return { kind: 'operator', text: operator, start: at, end: at + operator.length };
  const unknown = String.fromCodePoint(query.codePointAt(at)!);
  throw new QuerySyntaxError(query, `unexpected character: ${JSON.stringify(unknown)}`, {
    start: at,
    end: at + unknown.length,
  });
}

function readNumber(query: string, at: number): PromqlToken {
  const duration = match(DURATION, query, at);
  if (duration) return { kind: 'duration', text: duration, start: at, end: at + duration.length };
  const number = match(NUMBER, query, at);
  const end = at + (number?.length ?? 0);
  if (number === undefined || /[a-zA-Z0-9_.]/.test(query[end] ?? '')) {
    const bad = /[a-zA-Z0-9_.]+/y;
    bad.lastIndex = at;
    const text = bad.exec(query)![0];
    throw new QuerySyntaxError(query, `bad number or duration syntax: ${JSON.stringify(text)}`, {
      start: at,
      end: at + text.length,
    });
  }
  return { kind: 'number', text: number, start: at, end };
}

function readString(query: string, at: number): PromqlToken {
  const text = match(STRING, query, at);
  if (text === undefined) {
    throw new QuerySyntaxError(query, 'unterminated quoted string', { start: at, end: query.length });
  }
  return { kind: 'string', text, start: at, end: at + text.length };
}

function take(query: string, at: number, kind: TokenKind, pattern: RegExp): PromqlToken {
  const text = match(pattern, query, at)!;
  return { kind, text, start: at, end: at + text.length };
}

function match(pattern: RegExp, query: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(query)?.[0];
}

function skipBlanks(query: string, at: number): number {
  return at + (match(SKIP, query, at)?.length ?? 0);
}
