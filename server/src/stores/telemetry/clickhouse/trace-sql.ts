import type { TraceListOptions, TracePosition, TraceSelection } from '../trace-store.ts';
import { attributeEquals, ENVIRONMENT, instantSql } from './attribute-sql.ts';
import { SqlParameters, type Statement } from './sql-parameters.ts';

const SPAN_MAPS = ['SpanAttributes', 'ResourceAttributes'] as const;
const LIMITS = 'SETTINGS max_execution_time = 20';
const HOUR = 3_600_000;
/** A span that was sent twice counts once. */
const SPAN = '(SpanId, SpanKind, Timestamp)';

/** A trace as `selectTraces` finds it. */
export interface FoundTrace {
  readonly TraceId: string;
  /** What the listing is sorted by, nanoseconds, decimal. */
  readonly Key: string;
}

export interface TraceSelectOptions extends Pick<TraceListOptions, 'sort'> {
  readonly after?: TracePosition;
  readonly rows: number;
}

/**
 * Traces whose earliest span lies in the window, the first in the order asked for. Spans before the window are not
 * looked at, so a trace that began earlier must be sorted out by its summary. Conditions look at the spans of the
 * window and of the hour after it.
 */
export function selectTraces(selection: TraceSelection, options: TraceSelectOptions): Statement {
  const parameters = new SqlParameters();
  const { start, end } = selection.range;
  const from = `Timestamp >= ${instantSql(start, parameters)}`;
  const before = instantSql(end, parameters);
  const reach = `Timestamp < ${instantSql(end + HOUR, parameters)}`;
  const spanConditions = conditionsOfSpan(selection, parameters);
  const having = [...conditionsOfTrace(selection, parameters), ...fromPosition(options, parameters)];
  const isNewest = options.sort === 'newest';
  const isWhole = !isNewest || having.length > (options.after ? 1 : 0);
  const conditions = [from, isWhole || spanConditions.length > 0 ? reach : `Timestamp < ${before}`];
  if (spanConditions.length > 0) {
    conditions.push(`TraceId IN (
    SELECT TraceId
    FROM otel_traces
    WHERE ${[from, reach, ...spanConditions].join('\n      AND ')}
  )`);
  } else if (isWhole) {
    conditions.push(`TraceId IN (
    SELECT TraceId
    FROM otel_traces_trace_id_ts
    WHERE Start >= toDateTime(${parameters.add(seconds(start), 'UInt32')}, 'UTC')
      AND Start < toDateTime(${parameters.add(seconds(end + 999), 'UInt32')}, 'UTC')
  )`);
  }
  const sql = `SELECT TraceId, toString(${isNewest ? 'Started' : 'Lasted'}) AS Key
FROM (
  SELECT TraceId,
    min(toUnixTimestamp64Nano(Timestamp)) AS Started,
    max(toUnixTimestamp64Nano(Timestamp) + toInt64(Duration)) - Started AS Lasted,
    countIf(StatusCode = 'Error') AS Errors
  FROM otel_traces
  WHERE ${conditions.join('\n  AND ')}
  GROUP BY TraceId
)
WHERE ${[`Started < toUnixTimestamp64Nano(${before})`, ...having].join('\n  AND ')}
ORDER BY ${isNewest ? 'Started' : 'Lasted'} DESC, TraceId DESC
LIMIT ${parameters.add(options.rows, 'UInt32')}
${LIMITS}`;
  return { sql, parameters: parameters.values };
}

function seconds(milliseconds: number): number {
  return Math.min(0xffff_ffff, Math.max(0, Math.floor(milliseconds / 1000)));
}

function conditionsOfSpan(selection: TraceSelection, parameters: SqlParameters): string[] {
  const { service, environment, operation, attributes = [] } = selection;
  const conditions: string[] = [];
  if (service !== undefined) conditions.push(`ServiceName = ${parameters.add(service)}`);
  if (operation !== undefined) conditions.push(`SpanName = ${parameters.add(operation)}`);
  if (environment !== undefined) conditions.push(`${ENVIRONMENT} = ${parameters.add(environment)}`);
  for (const attribute of attributes) conditions.push(attributeEquals(SPAN_MAPS, attribute, parameters));
  return conditions;
}

function conditionsOfTrace(selection: TraceSelection, parameters: SqlParameters): string[] {
  const { minDurationMs, maxDurationMs, status } = selection;
  const conditions: string[] = [];
  if (minDurationMs !== undefined) conditions.push(`Lasted >= ${parameters.add(minDurationMs * 1e6, 'Float64')}`);
  if (maxDurationMs !== undefined) conditions.push(`Lasted <= ${parameters.add(maxDurationMs * 1e6, 'Float64')}`);
  if (status !== undefined) conditions.push(status === 'error' ? 'Errors > 0' : 'Errors = 0');
  return conditions;
}

function fromPosition({ after, sort }: TraceSelectOptions, parameters: SqlParameters): string[] {
  if (!after) return [];
  const key = sort === 'newest' ? 'Started' : 'Lasted';
  return [`(${key}, TraceId) < (${parameters.add(after.key, 'Int64')}, ${parameters.add(after.traceId)})`];
}

/** A trace as `summarizeTraces` reads it. */
export interface SummaryRow {
  readonly TraceId: string;
  readonly Started: string;
  readonly Lasted: string;
  readonly SpanCount: number;
  readonly ErrorCount: number;
  readonly Services: readonly string[];
  readonly RootService: string;
  readonly RootOperation: string;
}

/** Whole traces by their ids. */
export function summarizeTraces(traceIds: readonly string[]): Statement {
  const parameters = new SqlParameters();
  const ids = parameters.add(traceIds, 'Array(String)');
  // Roots sort before spans that have a parent somewhere.
  const rootFirst = "(ParentSpanId != '', Timestamp, SpanId)";
  const sql = `SELECT TraceId,
  toString(min(toUnixTimestamp64Nano(Timestamp)) AS StartedNano) AS Started,
  toString(max(toUnixTimestamp64Nano(Timestamp) + toInt64(Duration)) - StartedNano) AS Lasted,
  uniqExact(${SPAN}) AS SpanCount,
  uniqExactIf(${SPAN}, StatusCode = 'Error') AS ErrorCount,
  arraySort(groupUniqArray(ServiceName)) AS Services,
  argMin(ServiceName, ${rootFirst}) AS RootService,
  argMin(SpanName, ${rootFirst}) AS RootOperation
FROM otel_traces
WHERE TraceId IN ${ids}
  AND ${spanTimes(`TraceId IN ${ids}`)}
GROUP BY TraceId
${LIMITS}`;
  return { sql, parameters: parameters.values };
}

/**
 * The time of traces as the table of trace times knows it, in whole seconds. The upper bound is made a `DateTime64`:
 * against a plain `DateTime` the engine's indexes read `< 18` as `<= 17` and pass over parts of the last second.
 */
function spanTimes(condition: string): string {
  return `Timestamp >= (SELECT min(Start) FROM otel_traces_trace_id_ts WHERE ${condition})
  AND Timestamp < (SELECT toDateTime64(max(End), 9, 'UTC') + 1 FROM otel_traces_trace_id_ts WHERE ${condition})`;
}

/** A span as `readTrace` reads it. */
export interface SpanRow {
  readonly TraceId: string;
  readonly SpanId: string;
  readonly ParentSpanId: string;
  readonly TraceState: string;
  readonly Flags: number;
  readonly SpanName: string;
  readonly SpanKind: string;
  readonly Started: string;
  readonly Lasted: string;
  readonly StatusCode: string;
  readonly StatusMessage: string;
  readonly ServiceName: string;
  readonly ResourceSchemaUrl: string;
  readonly ResourceAttributes: Readonly<Record<string, string>>;
  readonly ScopeSchemaUrl: string;
  readonly ScopeName: string;
  readonly ScopeVersion: string;
  readonly ScopeAttributes: Readonly<Record<string, string>>;
  readonly SpanAttributes: Readonly<Record<string, string>>;
  readonly EventTimes: readonly string[];
  readonly EventNames: readonly string[];
  readonly EventAttributes: readonly Readonly<Record<string, string>>[];
  readonly LinkTraceIds: readonly string[];
  readonly LinkSpanIds: readonly string[];
  readonly LinkTraceStates: readonly string[];
  readonly LinkAttributes: readonly Readonly<Record<string, string>>[];
}

/** The spans of a trace by start time, at most `rows`. */
export function readTrace(traceId: string, rows: number): Statement {
  const parameters = new SqlParameters();
  const condition = `TraceId = ${parameters.add(traceId)}`;
  const sql = `SELECT TraceId, SpanId, ParentSpanId, TraceState, Flags, SpanName, SpanKind,
  toString(toUnixTimestamp64Nano(Timestamp)) AS Started, toString(Duration) AS Lasted,
  StatusCode, StatusMessage, ServiceName, ResourceSchemaUrl, ResourceAttributes,
  ScopeSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, SpanAttributes,
  arrayMap(time -> toString(toUnixTimestamp64Nano(time)), Events.Timestamp) AS EventTimes,
  Events.Name AS EventNames, Events.Attributes AS EventAttributes,
  Links.TraceId AS LinkTraceIds, Links.SpanId AS LinkSpanIds,
  Links.TraceState AS LinkTraceStates, Links.Attributes AS LinkAttributes
FROM otel_traces
WHERE ${condition}
  AND ${spanTimes(condition)}
ORDER BY Timestamp, SpanId, SpanKind
LIMIT 1 BY SpanId, SpanKind, Timestamp
LIMIT ${parameters.add(rows, 'UInt32')}
${LIMITS}`;
  return { sql, parameters: parameters.values };
}
