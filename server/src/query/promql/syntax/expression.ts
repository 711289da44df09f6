import type { LabelMatcher } from '../../../model/label-matcher.ts';

/** Where an expression stands in its query, as offsets into the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Milliseconds, or what gives them once step and range of the query are known. */
export type DurationExpression =
  | { readonly kind: 'literal'; readonly milliseconds: number }
  | { readonly kind: 'step' | 'range' }
  | { readonly kind: 'negate'; readonly operand: DurationExpression }
  | {
      readonly kind: 'binary';
      readonly operator: DurationOperator;
      readonly left: DurationExpression;
      readonly right: DurationExpression;
      readonly span: Span;
    };
export type DurationOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'min_of' | 'max_of';

/** `offset` and `@` of selectors and subqueries. */
export interface TimeModifiers {
  readonly offset: DurationExpression | undefined;
  /** Unix milliseconds, or an end of the evaluated range. */
  readonly at: number | 'start' | 'end' | undefined;
}

interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
  readonly span: Span;
}

interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly span: Span;
}

export interface VectorSelector {
  readonly kind: 'vector-selector';
  /** All conditions, the one on `__name__` first where a name was written. */
  readonly matchers: readonly LabelMatcher[];
  readonly modifiers: TimeModifiers;
  /** How the ends of a range are treated: Prometheus' extended range selectors. */
  readonly extension: 'anchored' | 'smoothed' | undefined;
  readonly span: Span;
}

export interface MatrixSelector {
  readonly kind: 'matrix-selector';
  readonly selector: VectorSelector;
  readonly range: DurationExpression;
  readonly span: Span;
}

export interface Subquery {
  readonly kind: 'subquery';
  readonly operand: Expression;
  readonly range: DurationExpression;
  /** Left out: the default step of the engine. */
  readonly step: DurationExpression | undefined;
  readonly modifiers: TimeModifiers;
  readonly span: Span;
}

export const AGGREGATORS = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
] as const;
export type Aggregator = (typeof AGGREGATORS)[number];

export interface Aggregation {
  readonly kind: 'aggregation';
  readonly aggregator: Aggregator;
  readonly parameter: Expression | undefined;
  readonly operand: Expression;
  readonly without: boolean;
  readonly labels: readonly string[];
  readonly span: Span;
}

export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly span: Span;
}

interface Parenthesis {
  readonly kind: 'parenthesis';
  readonly operand: Expression;
  readonly span: Span;
}

export interface Unary {
  readonly kind: 'unary';
  readonly operator: '+' | '-';
  readonly operand: Expression;
  readonly span: Span;
}

type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2' | '</' | '>/';
type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type SetOperator = 'and' | 'or' | 'unless';
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator;

export interface VectorMatching {
  readonly on: boolean;
  readonly labels: readonly string[];
  /** `many-to-one` is `group_left`. */
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';
  readonly include: readonly string[];
  /** Value that stands in for a missing sample of a side. */
  readonly fillLeft: number | undefined;
  readonly fillRight: number | undefined;
}

export interface Binary {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly bool: boolean;
  readonly left: Expression;
  readonly right: Expression;
  /** Only between two instant vectors. */
  readonly matching: VectorMatching;
  /** False where no `on` or `ignoring` was written. */
  readonly matchingWritten: boolean;
  readonly span: Span;
}

export type Expression =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Aggregation
  | Call
  | Parenthesis
  | Unary
  | Binary;

export type ValueType = 'scalar' | 'string' | 'instant vector' | 'range vector';

export const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);
export const COMPARISON_OPERATORS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
