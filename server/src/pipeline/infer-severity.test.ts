import { describe, expect, it } from 'vitest';
import { type LogRecord, levelOfSeverityNumber } from '../model/log-record.ts';
import { NO_ATTRIBUTES } from '../model/packed-attributes.ts';
import { inferSeverity } from './infer-severity.ts';
import { DEFAULT_LIMITS } from './limits.ts';

const infer = inferSeverity({
  limits: DEFAULT_LIMITS,
  now: { earliest: 0, latest: 0 },
  source: 'test',
  batchSize: 1,
  onTruncated: () => {},
  onRedacted: () => {},
  explain: () => {},
  refusePart: () => {},
});

function record(fields: Partial<LogRecord>): LogRecord {
  return {
    timeUnixNano: 1n,
    traceId: '',
    spanId: '',
    severityNumber: 0,
    severityText: '',
    service: 'a',
    body: '',
    resourceAttributes: NO_ATTRIBUTES,
    scopeName: '',
    scopeVersion: '',
    attributes: NO_ATTRIBUTES,
    ...fields,
  };
}

function levelOf(fields: Partial<LogRecord>): string | undefined {
  return levelOfSeverityNumber((infer(record(fields)) as LogRecord).severityNumber);
}

describe('severity of records without a number', () => {
  it.each([
    ['ERROR: disk is gone', 'error'],
    ['2026-11-23T10:00:00Z [FATAL] this error is a huge problem', 'fatal'],
    ['[thread-1] critical: disk', 'fatal'],
    ['err 00019: something', 'error'],
    ['ERRORS detected', 'error'],
    ['warning: low', 'warn'],
    ['level=debug msg=started', 'debug'],
    ['this is a trace through logic', 'trace'],
    ['Forewarn systems check passed', undefined],
    ['Request backtraced to origin', undefined],
    ['trace_id=4bf92f x-error-count: 0', undefined],
    ['GET /orders 200', undefined],
    [`${'x'.repeat(300)} error`, undefined],
    ['{"level":"warning","msg":"error budget"}', 'warn'],
    ['{"log":{"level":"fatal"},"message":"nested"}', 'fatal'],
    ['{"error":null,"message":"all well"}', undefined],
    ['{"msg":"this had an error happen"}', 'error'],
    ['{"level":"error"', 'error'],
  ])('%s', (body, level) => {
    expect(levelOf({ body })).toBe(level);
  });

  it('takes the severity text before the body, and leaves an unknown one alone', () => {
    expect(levelOf({ severityText: 'Debug', body: 'ERROR' })).toBe('debug');
    expect(levelOf({ severityText: 'bogus', body: 'ERROR' })).toBeUndefined();
  });

  it('never changes what the sender said', () => {
    const sent = record({ severityNumber: 9, body: 'ERROR' });
    expect(infer(sent)).toBe(sent);
  });
});
