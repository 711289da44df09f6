import type { LogRecord } from '../../server/src/model/log-record.ts';

/** A log record in a few words; `at` is Unix milliseconds. */
export interface LogWords extends Partial<Omit<LogRecord, 'timeUnixNano'>> {
  readonly at: number;
  /** Nanoseconds beside. */
  readonly nanos?: number;
}

export function logOf({ at, nanos = 0, ...fields }: LogWords): LogRecord {
  return {
    timeUnixNano: BigInt(at) * 1_000_000n + BigInt(nanos),
    traceId: '',
    spanId: '',
    severityNumber: 9,
    severityText: 'INFO',
    service: 'shop',
    body: 'hello',
    resourceAttributes: {},
    scopeName: '',
    scopeVersion: '',
    attributes: {},
    ...fields,
  };
}
