import type { Attributes } from '../../server/src/model/attributes.ts';
import type { LogRecord } from '../../server/src/model/log-record.ts';
import { packLog } from './packed-signals.ts';

/** A log record in a few words; `at` is Unix milliseconds. */
export interface LogWords extends Partial<Omit<LogRecord<Attributes>, 'timeUnixNano'>> {
  readonly at: number;
  /** Nanoseconds beside. */
  readonly nanos?: number;
}

export function logOf({ at, nanos = 0, ...fields }: LogWords): LogRecord {
  return packLog({
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
  });
}
