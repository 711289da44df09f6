import type { Expression, VectorSelector } from './expression.ts';

/** All selectors of an expression, in the order in which they are written. */
export function selectorsOf(expression: Expression): VectorSelector[] {
  if (expression.kind === 'vector-selector') return [expression];
  return childrenOf(expression).flatMap(selectorsOf);
}

/** The expressions directly inside. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'number':
    case 'string':
    case 'vector-selector':
      return [];
    case 'matrix-selector':
      return [expression.selector];
    case 'subquery':
    case 'parenthesis':
    case 'unary':
      return [expression.operand];
    case 'aggregation':
      return expression.parameter ? [expression.parameter, expression.operand] : [expression.operand];
    case 'call':
      return expression.arguments;
    case 'binary':
      return [expression.left, expression.right];
  }
}
