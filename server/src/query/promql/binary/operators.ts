import type { BinaryOperator } from '../syntax/expression.ts';

/** Two numbers to one; a comparison says whether it holds. */
export type Operation =
  | { readonly kind: 'arithmetic'; compute(left: number, right: number): number }
  | { readonly kind: 'comparison'; holds(left: number, right: number): boolean };

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '+': { kind: 'arithmetic', compute: (a, b) => a + b },
  '-': { kind: 'arithmetic', compute: (a, b) => a - b },
  '*': { kind: 'arithmetic', compute: (a, b) => a * b },
  '/': { kind: 'arithmetic', compute: (a, b) => a / b },
  '%': { kind: 'arithmetic', compute: (a, b) => a % b },
  '^': { kind: 'arithmetic', compute: power },
  atan2: { kind: 'arithmetic', compute: Math.atan2 },
  '==': { kind: 'comparison', holds: (a, b) => a === b },
  '!=': { kind: 'comparison', holds: (a, b) => a !== b },
  '<': { kind: 'comparison', holds: (a, b) => a < b },
  '<=': { kind: 'comparison', holds: (a, b) => a <= b },
  '>': { kind: 'comparison', holds: (a, b) => a > b },
  '>=': { kind: 'comparison', holds: (a, b) => a >= b },
};

/** `undefined` for operators that have no meaning between numbers (the trim operators of histograms). */
export function operationOf(operator: BinaryOperator): Operation | undefined {
  return OPERATIONS[operator];
}

/** IEEE 754 `pow`: JavaScript gives NaN where one side is 1 and the other infinite or NaN. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && (exponent === Infinity || exponent === -Infinity))) return 1;
  return base ** exponent;
}
