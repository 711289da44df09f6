import { formatLogId, parseLogId } from '../../../model/log-id.ts';
import type { ClickHouse } from '../click-house.ts';
import type {
  LogCount,
  LogGroup,
  LogGroupOptions,
  LogListOptions,
  LogPage,
  LogPosition,
  LogSelection,
  LogStore,
  LogVolume,
  LogVolumeOptions,
  StoredLog,
} from '../log-store.ts';
import { countLogs, findLog, type LogRow, listLogs, MAX_IDENTICAL, PAGE_BYTES } from './log-sql.ts';
import { countLogsByFields, countLogsOverTime, type GroupRow, type VolumeRow } from './log-volume-sql.ts';

/** Reads log records from `otel_logs`. */
export class ClickHouseLogStore implements LogStore {
  readonly #clickHouse: ClickHouse;

  constructor(clickHouse: ClickHouse) {
    this.#clickHouse = clickHouse;
  }

  async list(selection: LogSelection, options: LogListOptions): Promise<LogPage> {
    const { sql, parameters } = listLogs(selection, options);
    const rows = await this.#clickHouse.query<LogRow>(sql, { parameters, ...abortedBy(options.signal) });
    const page = firstPage(rows, options.limit);
    const seen = countSeen(page.rows, options.after);
    const records = page.rows.map((row, index) => toStoredLog(row, seen[index]! - 1));
    const last = page.rows.at(-1);
    if (!page.hasMore || !last) return { records };
    return { records, next: { time: last.Time, hash: last.Hash, seen: seen.at(-1)! } };
  }

  async count(selection: LogSelection, bound: number, signal?: AbortSignal): Promise<LogCount> {
    const { sql, parameters } = countLogs(selection, bound);
    const [row] = await this.#clickHouse.query<{ Count: number }>(sql, { parameters, ...abortedBy(signal) });
    const found = row?.Count ?? 0;
    return { count: Math.min(found, bound), isExact: found <= bound };
  }

  async volume(selection: LogSelection, options: LogVolumeOptions): Promise<LogVolume> {
    const { sql, parameters } = countLogsOverTime(selection, options);
    const rows = await this.#clickHouse.query<VolumeRow>(sql, { parameters, ...abortedBy(options.signal) });
    return {
      total: rows[0]?.Total ?? 0,
      groups: rows.map(({ Value, Count, Points }) => ({ value: Value, count: Count, points: Points })),
    };
  }

  async groups(selection: LogSelection, options: LogGroupOptions): Promise<LogGroup[]> {
    const { sql, parameters } = countLogsByFields(selection, options);
    const pool = options.pool && { pool: options.pool };
    const rows = await this.#clickHouse.query<GroupRow>(sql, { parameters, ...pool, ...abortedBy(options.signal) });
    return rows.map(({ Values, Count, LastAt, Points }) => ({
      values: Values,
      count: Count,
      lastAt: LastAt,
      points: Points,
    }));
  }

  async get(id: string): Promise<StoredLog | undefined> {
    const identity = parseLogId(id);
    if (!identity) return undefined;
    const { sql, parameters } = findLog(identity);
    const [row] = await this.#clickHouse.query<LogRow>(sql, { parameters });
    return row && { ...toStoredLog(row, 0), id: id.toLowerCase() };
  }
}

function abortedBy(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/** The rows of a page: up to the limit, and up to the one that fills its bytes, after which there may be more. */
function firstPage(rows: readonly LogRow[], limit: number): { rows: readonly LogRow[]; hasMore: boolean } {
  let bytes = 0;
  for (const [index, row] of rows.slice(0, limit).entries()) {
    bytes += Buffer.byteLength(row.Body);
    if (bytes >= PAGE_BYTES) return { rows: rows.slice(0, index + 1), hasMore: true };
  }
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
}

/** For each row, how many of its time and content the listing has held so far, this one included. */
function countSeen(rows: readonly LogRow[], after: LogPosition | undefined): number[] {
  let time = after?.time;
  let hash = after?.hash;
  let seen = after?.seen ?? 0;
  return rows.map((row) => {
    seen = row.Time === time && row.Hash === hash ? seen + 1 : 1;
    time = row.Time;
    hash = row.Hash;
    return seen;
  });
}

/** `ordinal` counts identical records from 0. */
function toStoredLog(row: LogRow, ordinal: number): StoredLog {
  const timeUnixNano = BigInt(row.Time);
  return {
    id: formatLogId({ timeUnixNano, hash: BigInt(row.Hash) + BigInt(Math.min(ordinal, MAX_IDENTICAL - 1)) }),
    timeUnixNano,
    traceId: row.TraceId,
    spanId: row.SpanId,
    severityNumber: row.SeverityNumber,
    severityText: row.SeverityText,
    service: row.ServiceName,
    body: row.Body,
    resourceAttributes: row.ResourceAttributes,
    scopeName: row.ScopeName,
    scopeVersion: row.ScopeVersion,
    attributes: row.LogAttributes,
  };
}
