import { changeAttributes } from '../../model/attribute-packer.ts';
import type { LogRecord } from '../../model/log-record.ts';
import { NO_ATTRIBUTES, type PackedAttributes } from '../../model/packed-attributes.ts';
import { isSpanId, isTraceId } from './ids.ts';
import type { Origin } from './origin.ts';

/** A log record as it stands in the request, in either encoding. */
export interface LogDraft {
  timeUnixNano: bigint;
  observedTimeUnixNano: bigint;
  severityNumber: number;
  severityText: string;
  body: string;
  attributes: PackedAttributes;
  flags: number;
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
    attributes: NO_ATTRIBUTES,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
  };
}

/** The store's times are signed 64-bit nanoseconds. */
const MOST_NANO = 2n ** 63n - 1n;

/**
 * The record. Without a time of its own it has the time at which it was observed, else the time of its arrival. Ids
 * that cannot be are left out: the text is worth keeping without them. The event name becomes the attribute
 * `event.name` too, where the logs bridge had it before it became a field and where searches look.
 */
export function finishLog(draft: LogDraft, origin: Origin, receivedUnixNano: bigint): LogRecord {
  const { severityNumber, observedTimeUnixNano, eventName } = draft;
  const record = {
    timeUnixNano: draft.timeUnixNano || observedTimeUnixNano || receivedUnixNano,
    observedTimeUnixNano:
      observedTimeUnixNano === 0n || observedTimeUnixNano > MOST_NANO ? receivedUnixNano : observedTimeUnixNano,
    traceId: isTraceId(draft.traceId) ? draft.traceId : '',
    spanId: isSpanId(draft.spanId) ? draft.spanId : '',
    traceFlags: draft.flags & 0xff,
    severityNumber: severityNumber >= 1 && severityNumber <= 24 ? severityNumber : 0,
    severityText: draft.severityText,
    service: origin.service,
    body: draft.body,
    resourceAttributes: origin.resourceAttributes,
    resourceSchemaUrl: origin.resourceSchemaUrl,
    scopeName: origin.scopeName,
    scopeVersion: origin.scopeVersion,
    scopeAttributes: origin.scopeAttributes,
    scopeSchemaUrl: origin.scopeSchemaUrl,
    attributes: withEventName(draft.attributes, eventName),
    eventName,
  };
  return record;
}

function withEventName(attributes: PackedAttributes, eventName: string): PackedAttributes {
  if (eventName === '' || attributes.has('event.name')) return attributes;
  return changeAttributes(attributes, [['event.name', eventName]]);
}
