import type { LogFilter } from '../../../model/log-filter.ts';
import { type LogLevel, lowestSeverityNumber } from '../../../model/log-record.ts';
import { splitWildcard, type TextPattern, textPattern } from '../../../model/text-pattern.ts';
import { anyMap, ENVIRONMENT } from './attribute-sql.ts';
import type { SqlParameters } from './sql-parameters.ts';

type FieldCondition = Extract<LogFilter, { kind: 'field' }>;
type TextCondition = Extract<LogFilter, { kind: 'text' }>;

export const LOG_MAPS = ['LogAttributes', 'ResourceAttributes'] as const;

const COLUMNS: Readonly<Record<string, string>> = {
  service: 'ServiceName',
  message: 'Body',
  environment: ENVIRONMENT,
  trace_id: 'TraceId',
  span_id: 'SpanId',
};

/** A log filter as a condition of SQL. Never NULL, so that `NOT` of it holds for all other records. */
export function logFilterSql(filter: LogFilter, parameters: SqlParameters): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.operands.map((operand) => logFilterSql(operand, parameters)).join(` ${filter.kind.toUpperCase()} `)})`;
    case 'not':
      return `NOT (${logFilterSql(filter.operand, parameters)})`;
    case 'text':
      return textSql(filter, parameters);
    case 'field':
      return fieldSql(filter, parameters);
  }
}

/** The engine takes at most 64 words at a time; the expression checks the rest. */
const MAX_TOKENS = 64;

/**
 * The text index answers for whole words (`hasAllTokens`) and parts of words (`LIKE`, by its dictionary); an expression
 * decides where holding the words is not all that is asked.
 */
function textSql({ text, match }: Pick<TextCondition, 'text' | 'match'>, parameters: SqlParameters): string {
  const pattern = textPattern(text, match);
  if (!pattern) return 'true';
  const conditions: string[] = [];
  const plain = pattern.words.filter((spellings) => spellings.length === 1).slice(0, MAX_TOKENS);
  if (plain.length > 0) conditions.push(`hasAllTokens(lower(Body), ${parameters.add(plain.join(' '))})`);
  for (const spellings of pattern.words) {
    if (spellings.length > 1) conditions.push(`hasAnyTokens(lower(Body), ${parameters.add(spellings.join(' '))})`);
  }
  if (!pattern.isToken)
    conditions.push(...pieceSql(pattern, parameters), `match(Body, ${parameters.add(pattern.source)})`);
  return conditions.length === 1 ? conditions[0]! : `(${conditions.join(' AND ')})`;
}

/** Cheaper than the expression, which then sees only what holds the piece. */
function pieceSql({ piece, isWithinWord }: TextPattern, parameters: SqlParameters): string[] {
  if (piece === '') return [];
  if (isWithinWord) return [`lower(Body) LIKE ${parameters.add(`%${piece}%`)}`];
  return [`position(lower(Body), ${parameters.add(piece)}) > 0`];
}

function fieldSql(condition: FieldCondition, parameters: SqlParameters): string {
  const { field, operator, value, match } = condition;
  if (field === 'level') return levelSql(value as LogLevel | 'unknown', operator);
  if (field === 'message' && operator === '=') {
    return isAnything(condition) ? "Body != ''" : textSql({ text: value, match }, parameters);
  }
  const column = Object.hasOwn(COLUMNS, field) ? COLUMNS[field]! : undefined;
  if (column === undefined) return attributeSql(condition, parameters);
  if (isAnything(condition)) return `${column} != ''`;
  const isId = column === 'TraceId' || column === 'SpanId';
  const wanted = isId && match !== 'regex' ? value.toLowerCase() : value;
  return comparison({ ...condition, value: wanted }, parameters)(column);
}

function isAnything({ value, match, operator }: FieldCondition): boolean {
  return operator === '=' && match === 'wildcard' && splitWildcard(value).every((piece) => piece === '');
}

function attributeSql(condition: FieldCondition, parameters: SqlParameters): string {
  const key = parameters.add(condition.field);
  if (isAnything(condition)) return anyMap(LOG_MAPS, (map) => `mapContains(${map}, ${key})`);
  const compare = comparison(condition, parameters);
  return anyMap(LOG_MAPS, (map) => {
    const compared = compare(`${map}[${key}]`);
    // An expression may match the empty text that a missing key reads as.
    return condition.match === 'regex' ? `(mapContains(${map}, ${key}) AND ${compared})` : compared;
  });
}

/** Makes the condition for the operand: a column or the value of an attribute. */
function comparison(condition: FieldCondition, parameters: SqlParameters): (operand: string) => string {
  const { operator, value, match } = condition;
  if (operator !== '=') {
    const number = parameters.add(Number(value), 'Float64');
    return (operand) => `ifNull(toFloat64OrNull(${operand}) ${operator} ${number}, false)`;
  }
  if (match === 'regex') {
    const expression = parameters.add(value);
    return (operand) => `match(${operand}, ${expression})`;
  }
  if (match === 'wildcard') {
    const pattern = parameters.add(splitWildcard(value).map(escapeLike).join('%'));
    return (operand) => `${operand} LIKE ${pattern}`;
  }
  const text = parameters.add(value);
  return (operand) => `${operand} = ${text}`;
}

function escapeLike(text: string): string {
  return text.replace(/[%_\\]/g, '\\$&');
}

/** Severity numbers of a level: four each, all above for the highest. Records without a number have no level. */
function levelSql(level: LogLevel | 'unknown', operator: FieldCondition['operator']): string {
  if (level === 'unknown') return 'SeverityNumber = 0';
  const lowest = lowestSeverityNumber(level);
  const highest = level === 'fatal' ? 255 : lowest + 3;
  switch (operator) {
    case '=':
      return `(SeverityNumber BETWEEN ${lowest} AND ${highest})`;
    case '>=':
      return `SeverityNumber >= ${lowest}`;
    case '>':
      return `SeverityNumber > ${highest}`;
    case '<':
      return `(SeverityNumber BETWEEN 1 AND ${lowest - 1})`;
    case '<=':
      return `(SeverityNumber BETWEEN 1 AND ${highest})`;
  }
}
