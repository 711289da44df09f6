import { formatDuration } from '../../../lib/duration.ts';
import { quoteGo } from '../../../lib/go-string.ts';
import { METRIC_NAME } from '../../../model/labels.ts';
import type {
  Aggregation,
  Binary,
  DurationExpression,
  Expression,
  Subquery,
  TimeModifiers,
  VectorMatching,
  VectorSelector,
} from './expression.ts';

const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const NAME_LIKE_NUMBER = /^(inf|nan)$/i;

/** The expression as PromQL in one line; parsing it gives the same tree again. */
export function formatPromql(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return formatNumber(expression.value);
    case 'string':
      return quoteGo(expression.value);
    case 'vector-selector':
      return formatSelector(expression, '');
    case 'matrix-selector':
      return formatSelector(expression.selector, `[${formatDurationExpression(expression.range)}]`);
    case 'subquery':
      return formatSubquery(expression);
    case 'parenthesis':
      return `(${formatPromql(expression.operand)})`;
    case 'unary':
      return `${expression.operator}${formatPromql(expression.operand)}`;
    case 'call':
      return `${expression.name}(${expression.arguments.map(formatPromql).join(', ')})`;
    case 'aggregation':
      return formatAggregation(expression);
    case 'binary':
      return formatBinary(expression);
  }
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

function formatSelector({ matchers, modifiers, extension }: VectorSelector, range: string): string {
  const [first, ...others] = matchers;
  const named =
    first?.name === METRIC_NAME &&
    first.operator === '=' &&
    METRIC.test(first.value) &&
    !NAME_LIKE_NUMBER.test(first.value);
  const pairs = (named ? others : matchers).map(
    ({ name, operator, value }) => `${formatLabel(name)}${operator}${quoteGo(value)}`,
  );
  const name = named ? first.value : '';
  const braces = pairs.length > 0 || !named ? `{${pairs.join(', ')}}` : '';
  return `${name}${braces}${range}${formatModifiers(modifiers)}${extension ? ` ${extension}` : ''}`;
}

function formatLabel(name: string): string {
  return LABEL.test(name) ? name : quoteGo(name);
}

function formatModifiers({ at, offset }: TimeModifiers): string {
  let text = '';
  if (at !== undefined) text += typeof at === 'number' ? ` @ ${(at / 1000).toFixed(3)}` : ` @ ${at}()`;
  if (offset) text += ` offset ${formatOffset(offset)}`;
  return text;
}

function formatOffset(offset: DurationExpression): string {
  const text = formatDurationExpression(offset);
  return offset.kind === 'binary' && !isCall(offset.operator) ? `(${text})` : text;
}

function formatDurationExpression(duration: DurationExpression): string {
  switch (duration.kind) {
    case 'literal':
      return Number.isInteger(duration.milliseconds)
        ? formatDuration(duration.milliseconds)
        : String(duration.milliseconds / 1000);
    case 'step':
    case 'range':
      return `${duration.kind}()`;
    case 'negate':
      return `-${wrapped(duration.operand)}`;
    case 'binary': {
      const { operator, left, right } = duration;
      if (isCall(operator)) return `${operator}(${formatDurationExpression(left)}, ${formatDurationExpression(right)})`;
      return `${wrapped(left)} ${operator} ${wrapped(right)}`;
    }
  }
}

function isCall(operator: string): boolean {
  return operator === 'min_of' || operator === 'max_of';
}

function wrapped(duration: DurationExpression): string {
  const text = formatDurationExpression(duration);
  return duration.kind === 'binary' && !isCall(duration.operator) ? `(${text})` : text;
}

function formatSubquery({ operand, range, step, modifiers }: Subquery): string {
  const steps = step ? formatDurationExpression(step) : '';
  return `${formatPromql(operand)}[${formatDurationExpression(range)}:${steps}]${formatModifiers(modifiers)}`;
}

function formatAggregation({ aggregator, parameter, operand, without, labels }: Aggregation): string {
  const args = parameter ? `${formatPromql(parameter)}, ${formatPromql(operand)}` : formatPromql(operand);
  const grouping =
    without || labels.length > 0 ? ` ${without ? 'without' : 'by'} (${labels.map(formatLabel).join(', ')}) ` : '';
  return `${aggregator}${grouping}(${args})`;
}

function formatBinary({ operator, bool, left, right, matching, matchingWritten }: Binary): string {
  const clause = matchingWritten ? formatMatching(matching) : '';
  return `${formatPromql(left)} ${operator}${bool ? ' bool' : ''}${clause}${formatFills(matching)} ${formatPromql(right)}`;
}

function formatMatching({ on, labels, cardinality, include }: VectorMatching): string {
  const base = ` ${on ? 'on' : 'ignoring'} (${labels.map(formatLabel).join(', ')})`;
  if (cardinality !== 'many-to-one' && cardinality !== 'one-to-many') return base;
  return `${base} ${cardinality === 'many-to-one' ? 'group_left' : 'group_right'} (${include.map(formatLabel).join(', ')})`;
}

function formatFills({ fillLeft, fillRight }: VectorMatching): string {
  const left = fillLeft === undefined ? '' : ` fill_left (${formatNumber(fillLeft)})`;
  return fillRight === undefined ? left : `${left} fill_right (${formatNumber(fillRight)})`;
}
