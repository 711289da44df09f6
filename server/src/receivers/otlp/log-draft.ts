import type { LogRecord } from '../../model/log-record.ts';
import { setAttribute } from './attribute-text.ts';
import { isSpanId, isTraceId } from './ids.ts';
import type { Origin } from './origin.ts';

/** A log record as it stands in the request, in either encoding. */
export interface LogDraft {
  timeUnixNano: bigint;
  observedTimeUnixNano: bigint;
  severityNumber: number;
  severityText: string;
  body: string;
  attributes: Record<string, string>;
  traceId: string;
  spanId: string;
  eventName: string;
}

export function emptyLogDraft(): LogDraft {
  return {
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: '',
    body: '',
    attributes: {},
    traceId: '',
    spanId: '',
    eventName: '',
  };
}

/**
 * The record. Without a time of its own it has the time at which it was observed, else the time of its arrival. Ids
 * that cannot be are left out: the text is worth keeping without them. The event name becomes the attribute
 * `event.name`, where the logs bridge had it before it became a field.
 */
export function finishLog(draft: LogDraft, origin: Origin, receivedUnixNano: bigint): LogRecord {
  const { severityNumber, attributes } = draft;
  if (draft.eventName !== '' && attributes['event.name'] === undefined) {
    setAttribute(attributes, 'event.name', draft.eventName);
  }
  return {
    timeUnixNano: draft.timeUnixNano || draft.observedTimeUnixNano || receivedUnixNano,
    traceId: isTraceId(draft.traceId) ? draft.traceId : '',
    spanId: isSpanId(draft.spanId) ? draft.spanId : '',
    severityNumber: severityNumber >= 1 && severityNumber <= 24 ? severityNumber : 0,
    severityText: draft.severityText,
    service: origin.service,
    body: draft.body,
    resourceAttributes: origin.resourceAttributes,
    scopeName: origin.scopeName,
    scopeVersion: origin.scopeVersion,
    attributes,
  };
}
