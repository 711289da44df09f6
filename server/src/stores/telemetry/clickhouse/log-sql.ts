import type { LogIdentity } from '../../../model/log-id.ts';
import type { LogListOptions, LogPosition, LogSelection } from '../log-store.ts';
import { attributeEquals, ENVIRONMENT, instantSql, nanoSql, within } from './attribute-sql.ts';
import { LOG_MAPS, logFilterSql } from './log-filter-sql.ts';
import { LOG_HASH_SQL } from './log-hash.ts';
import { SqlParameters, type Statement } from './sql-parameters.ts';

/** A row as `listLogs` and `findLog` read it. */
export interface LogRow {
  /** Unix nanoseconds, decimal. */
  readonly Time: string;
  /** Decimal. */
  readonly Hash: string;
  readonly TraceId: string;
  readonly SpanId: string;
  readonly SeverityText: string;
  readonly SeverityNumber: number;
  readonly ServiceName: string;
  readonly Body: string;
  readonly ResourceAttributes: Readonly<Record<string, string>>;
  readonly ScopeName: string;
  readonly ScopeVersion: string;
  readonly LogAttributes: Readonly<Record<string, string>>;
}

const ROW = `WITH ${LOG_HASH_SQL} AS ContentHash
SELECT toString(toUnixTimestamp64Nano(Timestamp)) AS Time, toString(ContentHash) AS Hash, TraceId, SpanId, SeverityText,
  SeverityNumber, ServiceName, Body, ResourceAttributes, ScopeName, ScopeVersion, LogAttributes`;
/** The engine's filter by the best rows so far takes the place in which our conditions would spare it wide columns. */
const NO_TOP_K = 'use_top_k_dynamic_filtering = 0';
const LIMITS = 'SETTINGS max_execution_time = 20';

export function logConditions(selection: LogSelection, parameters: SqlParameters): string[] {
  const conditions = within(selection.range, parameters);
  const { service, environment, level, traceId, attributes = [], filter } = selection;
  if (service !== undefined) conditions.push(`ServiceName = ${parameters.add(service)}`);
  if (environment !== undefined) conditions.push(`${ENVIRONMENT} = ${parameters.add(environment)}`);
  if (traceId !== undefined) conditions.push(`TraceId = ${parameters.add(traceId)}`);
  if (level !== undefined) {
    conditions.push(logFilterSql(levelFilter(level), parameters));
  }
  for (const attribute of attributes) conditions.push(attributeEquals(LOG_MAPS, attribute, parameters));
  if (filter !== undefined) conditions.push(logFilterSql(filter, parameters));
  return conditions;
}

function levelFilter({ level, andAbove }: NonNullable<LogSelection['level']>) {
  return { kind: 'field', field: 'level', operator: andAbove ? '>=' : '=', value: level, match: 'word' } as const;
}

/** Bytes of messages that a page holds at most, but for its last record. */
export const PAGE_BYTES = 16 * 1024 * 1024;

/**
 * One record more than a page, in the order of time and content. The content's hash is costly, so it is worked out
 * only for the records of the page: the inner queries find by time how far the page reaches, in records and in bytes.
 */
export function listLogs(selection: LogSelection, options: LogListOptions): Statement {
  const parameters = new SqlParameters();
  const conditions = logConditions(selection, parameters);
  const isNewest = options.order === 'newest';
  const direction = isNewest ? 'DESC' : 'ASC';
  const rows = parameters.add(options.limit + 1, 'UInt32');
  const { after } = options;
  const time = after && nanoSql(after.time, parameters);
  const beyond = time ? [...conditions, `Timestamp ${isNewest ? '<' : '>'} ${time}`] : conditions;
  // No record beyond: the page ends with those of the cursor's own time; without a cursor there is none at all.
  const none = time ?? instantSql(isNewest ? selection.range.end : selection.range.start - 1, parameters);
  const reach = `if(count() = 0, ${none}, ${isNewest ? 'min' : 'max'}(Timestamp))`;
  const sql = `${ROW}
FROM otel_logs
WHERE ${[...conditions, ...(after ? fromCursor(after, time!, isNewest, parameters) : [])].join('\n  AND ')}
  AND Timestamp ${isNewest ? '>=' : '<='} (
    SELECT ${reach}
    FROM (
      SELECT Timestamp, sum(length(Body)) OVER (ORDER BY Timestamp ${direction} ROWS UNBOUNDED PRECEDING) - length(Body) AS Before
      FROM (
        SELECT Timestamp, Body
        FROM otel_logs
        WHERE ${beyond.join('\n          AND ')}
        ORDER BY Timestamp ${direction}
        LIMIT ${rows}
      )
    )
    WHERE Before < ${PAGE_BYTES}
  )
ORDER BY Timestamp ${direction}, ContentHash ${direction}
LIMIT ${rows} OFFSET ${parameters.add(after?.seen ?? 0, 'UInt32')}
${LIMITS}, ${NO_TOP_K}`;
  return { sql, parameters: parameters.values };
}

/** The record of the cursor, those like it (`OFFSET` leaves out those seen) and all beyond. */
function fromCursor(after: LogPosition, time: string, isNewest: boolean, parameters: SqlParameters): string[] {
  const sign = isNewest ? '<' : '>';
  const hash = parameters.add(after.hash, 'UInt64');
  return [`Timestamp ${sign}= ${time}`, `(Timestamp ${sign} ${time} OR ContentHash ${sign}= ${hash})`];
}

/** At most one more than `bound`. */
export function countLogs(selection: LogSelection, bound: number): Statement {
  const parameters = new SqlParameters();
  const sql = `SELECT count() AS Count
FROM (
  SELECT 1
  FROM otel_logs
  WHERE ${logConditions(selection, parameters).join('\n    AND ')}
  LIMIT ${parameters.add(bound + 1, 'UInt64')}
)
${LIMITS}`;
  return { sql, parameters: parameters.values };
}

/** How many identical records of one nanosecond have ids of their own: counted up from the hash. */
export const MAX_IDENTICAL = 4096;

/** The record of an id. */
export function findLog({ timeUnixNano, hash }: LogIdentity): Statement {
  const parameters = new SqlParameters();
  const sql = `${ROW}
FROM otel_logs
WHERE Timestamp = ${nanoSql(timeUnixNano, parameters)}
  AND bitAnd(${parameters.add(String(hash), 'UInt64')} - ContentHash, 18014398509481983) < ${MAX_IDENTICAL}
LIMIT 1
${LIMITS}`;
  return { sql, parameters: parameters.values };
}
