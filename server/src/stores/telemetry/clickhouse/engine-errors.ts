import { ServiceError } from '../../../model/errors.ts';
import { ConnectionError } from './server-errors.ts';

/** Codes of the engine that callers can do something about; see `ErrorCodes.cpp` of ClickHouse. */
const CODES = {
  tooManyRowsToRead: 158,
  timeout: 159,
  readOnly: 164,
  tooManyQueries: 202,
  aborted: 236,
  memory: 241,
  noSpace: 243,
  tooManyParts: 252,
  tooManyBytes: 307,
  cancelled: 394,
  tooManyRows: 396,
} as const;

const OUT_OF_SPACE = /No space left on device|ENOSPC/;

/** The engine's own code, 0 where there is none. */
function codeOf(error: unknown): number {
  const typed = (error as { clickhouseCode?: unknown } | null)?.clickhouseCode;
  if (typeof typed === 'number') return typed;
  return Number(/Code: (\d+)\./.exec(String((error as Error | null)?.message ?? ''))?.[1] ?? 0);
}

/** An error of our own SQL: what happened in the caller's words, never the SQL, which stays in `cause` for the log. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof ConnectionError) return disconnected(error);
  const code = codeOf(error);
  if (code === CODES.timeout || code === CODES.cancelled) return timedOut(error);
  if (code === CODES.memory) return outOfMemory(error);
  if (code === CODES.noSpace || OUT_OF_SPACE.test(String(error))) {
    return new ServiceError(
      'disk_full',
      'the disk of the telemetry store is full: free space or shorten the retention',
      {
        retryAfterSeconds: 60,
        cause: error,
      },
    );
  }
  if (code === CODES.tooManyParts) {
    return new ServiceError('overloaded', 'the telemetry store cannot merge as fast as data arrives', {
      retryAfterSeconds: 5,
      cause: error,
    });
  }
  if (code === CODES.tooManyQueries) {
    const message = 'the telemetry store runs as many queries as it may';
    return new ServiceError('overloaded', message, { retryAfterSeconds: 2, cause: error });
  }
  return new ServiceError('unavailable', 'the telemetry store could not do this', { cause: error });
}

/** An insert has no query that could be made smaller: where memory is short, the sender comes again. */
export function toInsertError(error: unknown): ServiceError {
  if (codeOf(error) !== CODES.memory) return toServiceError(error);
  const message = 'the telemetry store is short of memory';
  return new ServiceError('overloaded', message, { retryAfterSeconds: 5, cause: error });
}

/** An error of SQL that a user wrote: the engine's message, shortened. `prefix`: characters that we put before it. */
export function toUserError(error: unknown, prefix = 0): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof ConnectionError) return disconnected(error);
  switch (codeOf(error)) {
    case CODES.timeout:
    case CODES.cancelled:
      return timedOut(error);
    case CODES.memory:
      return outOfMemory(error);
    case 0:
    case CODES.aborted:
      return new ServiceError('unavailable', 'the telemetry store could not do this', { cause: error });
    case CODES.readOnly:
      return wrongSql('SQL may only read here: no tables from outside, no changes, no settings', error);
    case CODES.tooManyRows:
    case CODES.tooManyRowsToRead:
    case CODES.tooManyBytes:
      return wrongSql(`the answer is too large: add a LIMIT or aggregate (${shorten(error, prefix)})`, error);
    default:
      return wrongSql(shorten(error, prefix), error);
  }
}

/** The reason may name hosts and settings: that is for the log. */
function disconnected(error: ConnectionError): ServiceError {
  if (error.isTimeout) return timedOut(error);
  const message = 'the telemetry store does not answer';
  return new ServiceError('unavailable', message, { retryAfterSeconds: 5, cause: error });
}

function timedOut(cause: unknown): ServiceError {
  return new ServiceError('query_timeout', 'the query took too long: narrow the time window or filter more', { cause });
}

function outOfMemory(cause: unknown): ServiceError {
  const message = 'the query needs more memory than it may use: narrow the time window or filter more';
  return new ServiceError('invalid', message, { cause });
}

function wrongSql(message: string, cause: unknown): ServiceError {
  return new ServiceError('invalid', `query: ${message}`, { issues: [{ path: 'query', message }], cause });
}

const MOST = 300;

/** The engine's message without codes, versions and the list of everything that could have stood there instead. */
function shorten(error: unknown, prefix: number): string {
  const text = String((error as Error).message)
    .replace(/(?:Code: \d+\. )?DB::Exception: /g, '')
    .replace(/\bdefault: /, '')
    .replace(/ Expected one of:[\s\S]*$/, '')
    .replace(/: while (?:executing|converting)[\s\S]*$/i, '')
    .replace(/ \(version [^)]*\)/g, '')
    .replace(/\.? ?\([A-Z_]+\)\.?\s*$/, '')
    .replace(/at position (\d+)/, (_, position) => `at position ${Math.max(1, Number(position) - prefix)}`)
    .replace(/: \.?\s*$/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > MOST ? `${text.slice(0, MOST)}...` : text;
}
