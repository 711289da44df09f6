import { invalid } from '../../../model/errors.ts';
import type { AlertExpression } from './condition.ts';

const TOKEN = /\s+|"((?:[^"\\]|\\.)*)"|[()]|[^\s()"]+|"/gy;
const MOST_ALERTS = 50;
const MAX_DEPTH = 20;

interface Token {
  readonly text: string;
  readonly isName: boolean;
  readonly position: number;
}

/**
 * Reads `"High latency" and not ("Deploy" or maintenance)`: names in quotes, or single words and ids without; `or` binds
 * weakest, `not` strongest. Throws 422 for `query` with the position from 1. At most 50 alerts, 20 levels deep.
 */
export function parseAlertExpression(query: string): AlertExpression {
  const tokens = tokensOf(query);
  let at = 0;
  let alerts = 0;
  const isWord = (word: string) => tokens[at]?.isName === false && tokens[at]!.text.toLowerCase() === word;
  const wrong = (expected: string) => {
    const token = tokens[at];
    const found = token ? JSON.stringify(token.text) : 'the end';
    return problem(token?.position ?? query.length + 1, `expected ${expected}, found ${found}`);
  };
  const list = (kind: 'and' | 'or', next: (depth: number) => AlertExpression, depth: number): AlertExpression => {
    const operands = [next(depth)];
    while (isWord(kind)) {
      at++;
      operands.push(next(depth));
    }
    return operands.length === 1 ? operands[0]! : { kind, operands };
  };
  const either = (depth: number): AlertExpression => list('or', both, depth);
  const both = (depth: number): AlertExpression => list('and', one, depth);
  const one = (depth: number): AlertExpression => {
    if (depth > MAX_DEPTH) throw wrong(`at most ${MAX_DEPTH} levels`);
    if (isWord('not')) {
      at++;
      return { kind: 'not', operand: one(depth + 1) };
    }
    if (isWord('(')) {
      at++;
      const inner = either(depth + 1);
      if (!isWord(')')) throw wrong(')');
      at++;
      return inner;
    }
    const token = tokens[at];
    const isKeyword = ['and', 'or', ')'].some(isWord);
    if (!token || isKeyword || token.text === '') throw wrong('the name or id of an alert');
    if (++alerts > MOST_ALERTS) throw wrong(`at most ${MOST_ALERTS} alerts`);
    at++;
    return { kind: 'alert', text: token.text };
  };
  const expression = either(0);
  if (at < tokens.length) throw wrong('and, or, or the end');
  return expression;
}

function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  for (const match of query.matchAll(TOKEN)) {
    const position = match.index + 1;
    if (match[0] === '"') throw problem(position, 'a quote is not closed');
    if (match[1] !== undefined) tokens.push({ text: match[1].replace(/\\(.)/g, '$1'), isName: true, position });
    else if (match[0].trim() !== '') tokens.push({ text: match[0], isName: false, position });
  }
  return tokens;
}

function problem(position: number, message: string) {
  return invalid({ path: 'query', message: `position ${position}: ${message}` });
}
