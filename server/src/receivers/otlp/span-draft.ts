import { NO_ATTRIBUTES, type PackedAttributes } from '../../model/packed-attributes.ts';
import type { Span, SpanEvent, SpanKind, SpanLink, SpanStatus } from '../../model/span.ts';
import type { RejectionReason } from '../../pipeline/index.ts';
import { isSpanId, isTraceId, NO_SPAN } from './ids.ts';
import type { Origin } from './origin.ts';

const KINDS: readonly SpanKind[] = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const STATUSES: readonly SpanStatus[] = ['Unset', 'Ok', 'Error'];
/** The store's times are signed 64-bit nanoseconds. */
const MOST_NANO = 2n ** 63n - 1n;

/** A span as it stands in the request, in either encoding. Ids are lower-case hex. */
export interface SpanDraft {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  traceState: string;
  name: string;
  kind: number;
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  statusCode: number;
  statusMessage: string;
  flags: number;
  attributes: PackedAttributes;
  events: SpanEvent[];
  links: SpanLink[];
}

const NONE: readonly never[] = [];

/** Empties a draft, to be filled for the next span of a request. */
export function clearSpanDraft(draft: SpanDraft): void {
  draft.traceId = '';
  draft.spanId = '';
  draft.parentSpanId = '';
  draft.traceState = '';
  draft.name = '';
  draft.kind = 0;
  draft.startTimeUnixNano = 0n;
  draft.endTimeUnixNano = 0n;
  draft.statusCode = 0;
  draft.statusMessage = '';
  draft.flags = 0;
  draft.attributes = NO_ATTRIBUTES;
  draft.events = NONE as unknown as SpanEvent[];
  draft.links = NONE as unknown as SpanLink[];
}

export function emptySpanDraft(): SpanDraft {
  return {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    name: '',
    kind: 0,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    statusCode: 0,
    statusMessage: '',
    flags: 0,
    attributes: NO_ATTRIBUTES,
    events: NONE as unknown as SpanEvent[],
    links: NONE as unknown as SpanLink[],
  };
}

/**
 * The span, or why it is refused. A parent id of zeros marks a root; an end before the start is a duration of 0; links
 * to ids that cannot be are left out; events without a usable time happened at the start.
 */
export function finishSpan(draft: SpanDraft, origin: Origin): Span | RejectionReason {
  if (!isTraceId(draft.traceId)) return 'invalid_trace_id';
  if (!isSpanId(draft.spanId)) return 'invalid_span_id';
  const parentSpanId = draft.parentSpanId === NO_SPAN ? '' : draft.parentSpanId;
  if (parentSpanId !== '' && !isSpanId(parentSpanId)) return 'invalid_parent_span_id';
  const start = draft.startTimeUnixNano;
  if (start === 0n) return 'missing_time';
  const end = draft.endTimeUnixNano;
  return {
    traceId: draft.traceId,
    spanId: draft.spanId,
    parentSpanId,
    traceState: draft.traceState,
    name: draft.name,
    kind: KINDS[draft.kind] ?? 'Unspecified',
    startTimeUnixNano: start,
    durationNano: end > start ? end - start : 0n,
    status: STATUSES[draft.statusCode] ?? 'Unset',
    statusMessage: draft.statusMessage,
    service: origin.service,
    resourceAttributes: origin.resourceAttributes,
    scopeName: origin.scopeName,
    scopeVersion: origin.scopeVersion,
    scopeAttributes: origin.scopeAttributes,
    resourceSchemaUrl: origin.resourceSchemaUrl,
    scopeSchemaUrl: origin.scopeSchemaUrl,
    flags: draft.flags,
    attributes: draft.attributes,
    events: draft.events.length === 0 ? NONE : draft.events.map((event) => withTime(event, start)),
    links: draft.links.length === 0 ? NONE : draft.links.filter(isUsable),
  };
}

function withTime(event: SpanEvent, start: bigint): SpanEvent {
  const usable = event.timeUnixNano > 0n && event.timeUnixNano <= MOST_NANO;
  return usable ? event : { ...event, timeUnixNano: start };
}

function isUsable(link: SpanLink): boolean {
  return isTraceId(link.traceId) && isSpanId(link.spanId);
}
