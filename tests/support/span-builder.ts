import type { Span, StoredSpan } from '../../server/src/model/span.ts';
import { packSpan } from './packed-signals.ts';

/** A span as a test says it: what it leaves out is usual. */
export interface SpanWords extends Partial<Omit<StoredSpan, 'startTimeUnixNano' | 'durationNano'>> {
  /** Unix milliseconds. */
  readonly at: number;
  readonly ms?: number;
  readonly environment?: string;
}

let made = 0;

/** A successful server span of 100 ms that is the root of a trace of its own. */
export function spanOf({ at, ms = 100, environment, ...fields }: SpanWords): Span {
  made++;
  return packSpan({
    traceId: made.toString(16).padStart(32, '0'),
    spanId: made.toString(16).padStart(16, '0'),
    parentSpanId: '',
    traceState: '',
    name: 'GET /',
    kind: 'Server',
    startTimeUnixNano: BigInt(Math.round(at * 1000)) * 1000n,
    durationNano: BigInt(Math.round(ms * 1e6)),
    status: 'Unset',
    statusMessage: '',
    service: 'shop',
    resourceAttributes: environment === undefined ? {} : { 'deployment.environment.name': environment },
    scopeName: '',
    scopeVersion: '',
    attributes: {},
    events: [],
    links: [],
    ...fields,
  });
}
