import type { LabelMatcher } from '../../../model/label-matcher.ts';
import type { Aggregator, Expression, VectorSelector } from './expression.ts';

/**
 * Expressions made without text, so that no name or value needs quoting. They stand nowhere: annotations about them
 * carry no position.
 */
const span = { start: 0, end: 0 };

export function selector(matchers: readonly LabelMatcher[]): VectorSelector {
  return {
    kind: 'vector-selector',
    matchers,
    modifiers: { offset: undefined, at: undefined },
    extension: undefined,
    span,
  };
}

/** A function of the last `rangeMs` milliseconds of a selector: `rate`, `max_over_time`, ... */
export function overRange(name: string, of: VectorSelector, rangeMs: number): Expression {
  const range = { kind: 'literal', milliseconds: rangeMs } as const;
  return { kind: 'call', name, arguments: [{ kind: 'matrix-selector', selector: of, range, span }], span };
}

export function call(name: string, ...args: readonly Expression[]): Expression {
  return { kind: 'call', name, arguments: args, span };
}

/** What any of the expressions gives; at least one is needed. */
export function anyOf(expressions: readonly Expression[]): Expression {
  return expressions.reduce((left, right) => ({
    kind: 'binary',
    operator: 'or',
    bool: false,
    left,
    right,
    matching: {
      on: false,
      labels: [],
      cardinality: 'many-to-many',
      include: [],
      fillLeft: undefined,
      fillRight: undefined,
    },
    matchingWritten: false,
    span,
  }));
}

export function aggregateBy(aggregator: Aggregator, operand: Expression, labels: readonly string[]): Expression {
  return { kind: 'aggregation', aggregator, parameter: undefined, operand, without: false, labels, span };
}
