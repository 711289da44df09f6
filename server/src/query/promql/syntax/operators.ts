import type { InfixOperator } from '../../parsing/precedence.ts';
import type { BinaryOperator } from './expression.ts';
import type { PromqlToken } from './lexer.ts';

export interface OperatorToken extends InfixOperator {
  readonly operator: BinaryOperator;
}

const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  '</': 3,
  '>/': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '^': 6,
};
/** `-a ^ b` is `-(a ^ b)`, `-a * b` is `(-a) * b`. */
export const BINARY_PRECEDENCE_OF_SIGNS = 5;

/** The binary operator that a token is; their names may be written in any case. */
export function peekOperator(token: PromqlToken): OperatorToken | undefined {
  if (token.kind !== 'operator' && token.kind !== 'identifier') return undefined;
  const operator = token.text.toLowerCase();
  const precedence = Object.hasOwn(PRECEDENCE, operator) ? PRECEDENCE[operator] : undefined;
  if (precedence === undefined) return undefined;
  return { operator: operator as BinaryOperator, precedence, rightAssociative: operator === '^' };
}
