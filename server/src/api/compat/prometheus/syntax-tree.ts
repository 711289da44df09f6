import { METRIC_NAME } from '../../../model/labels.ts';
import {
  type DurationExpression,
  type Expression,
  SIGNATURES,
  type TimeModifiers,
  typeOf,
  type ValueType,
} from '../../../query/promql/index.ts';
import { sampleText } from './byte-writer.ts';

type Of<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;
type Node = Readonly<Record<string, unknown>>;

const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  string: 'string',
  'instant vector': 'vector',
  'range vector': 'matrix',
};

/** The tree that Prometheus' `parse_query` answers: prometheus/web/api/v1/translate_ast.go. */
export function describeExpression(expression: Expression): Node {
  switch (expression.kind) {
    case 'number':
      return { type: 'numberLiteral', val: sampleText(expression.value) };
    case 'string':
      return { type: 'stringLiteral', val: expression.value };
    case 'vector-selector':
      return { type: 'vectorSelector', ...describeSelector(expression) };
    case 'matrix-selector':
      return {
        type: 'matrixSelector',
        ...describeSelector(expression.selector),
        range: millisecondsOf(expression.range),
      };
    case 'subquery':
      return describeSubquery(expression);
    case 'parenthesis':
      return { type: 'parenExpr', expr: describeExpression(expression.operand) };
    case 'unary':
      return { type: 'unaryExpr', op: expression.operator, expr: describeExpression(expression.operand) };
    case 'call':
      return describeCall(expression);
    case 'aggregation':
      return {
        type: 'aggregation',
        op: expression.aggregator,
        expr: describeExpression(expression.operand),
        param: expression.parameter ? describeExpression(expression.parameter) : null,
        grouping: expression.labels,
        without: expression.without,
      };
    case 'binary':
      return describeBinary(expression);
  }
}

function describeSelector({ matchers, modifiers, extension }: Of<'vector-selector'>): Node {
  const name = matchers.find((matcher) => matcher.name === METRIC_NAME && matcher.operator === '=')?.value ?? '';
  return {
    name,
    ...describeModifiers(modifiers),
    matchers: matchers.map((matcher) => ({ name: matcher.name, value: matcher.value, type: matcher.operator })),
    ...(extension && { [extension]: true }),
  };
}

function describeModifiers({ offset, at }: TimeModifiers): Node {
  return {
    offset: offset ? millisecondsOf(offset) : 0,
    timestamp: typeof at === 'number' ? at : null,
    startOrEnd: typeof at === 'string' ? at : null,
  };
}

/** 0 for what is known only when the query runs. */
function millisecondsOf(duration: DurationExpression): number {
  if (duration.kind === 'literal') return duration.milliseconds;
  return duration.kind === 'negate' ? -millisecondsOf(duration.operand) : 0;
}

function describeSubquery({ operand, range, step, modifiers }: Of<'subquery'>): Node {
  return {
    type: 'subquery',
    expr: describeExpression(operand),
    range: millisecondsOf(range),
    ...describeModifiers(modifiers),
    step: step ? millisecondsOf(step) : 0,
  };
}

function describeCall({ name, arguments: given }: Of<'call'>): Node {
  const signature = SIGNATURES.get(name)!;
  return {
    type: 'call',
    func: {
      name,
      argTypes: signature.arguments.map((type) => TYPE_NAMES[type]),
      variadic: signature.optional === 'many' ? -1 : signature.optional,
      returnType: TYPE_NAMES[signature.returns],
    },
    args: given.map(describeExpression),
  };
}

function describeBinary({ operator, bool, left, right, matching }: Of<'binary'>): Node {
  const { cardinality, labels, on, include, fillLeft, fillRight } = matching;
  const isBetweenVectors = typeOf(left) === 'instant vector' && typeOf(right) === 'instant vector';
  const fills = { lhs: fillLeft ?? null, rhs: fillRight ?? null };
  const described = { card: cardinality, labels, on, include, fillValues: fills };
  return {
    type: 'binaryExpr',
    op: operator,
    lhs: describeExpression(left),
    rhs: describeExpression(right),
    matching: isBetweenVectors ? described : null,
    bool,
  };
}
