import type { Span, SpanEvent, SpanLink } from '../../../model/span.ts';
import { RejectionTally } from '../../../pipeline/index.ts';
import type { Decoded } from '../decoded.ts';
import { ItemBudget } from '../item-budget.ts';
import { originOf } from '../origin.ts';
import { emptySpanDraft, finishSpan, type SpanDraft } from '../span-draft.ts';
import { attributesField, readGroups } from './common.ts';
import {
  arrayField,
  asObject,
  enumField,
  hexField,
  type JsonObject,
  objectField,
  stringField,
  unsignedField,
} from './fields.ts';

const NAMES = { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' };
const KINDS = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const STATUS_CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/** Spans of an `ExportTraceServiceRequest`, parsed from JSON. Throws `malformed` naming the wrong place. */
export function decodeTraces(request: unknown): Decoded<Span> {
  const budget = new ItemBudget();
  const spans: Span[] = [];
  const rejected = new RejectionTally();
  readGroups(request, NAMES, (resource, scope) => {
    const origin = originOf(resource, scope);
    return (item, where) => {
      budget.spend();
      const span = finishSpan(readSpan(item, where, budget), origin);
      if (typeof span === 'string') rejected.add(span);
      else spans.push(span);
    };
  });
  return { items: spans, rejected: rejected.list() };
}

function readSpan(item: JsonObject, where: string, budget: ItemBudget): SpanDraft {
  const draft = emptySpanDraft();
  draft.traceId = hexField(item, 'traceId', where);
  draft.spanId = hexField(item, 'spanId', where);
  draft.parentSpanId = hexField(item, 'parentSpanId', where);
  draft.traceState = stringField(item, 'traceState', where);
  draft.name = stringField(item, 'name', where);
  draft.kind = enumField(item, 'kind', KINDS, where);
  draft.startTimeUnixNano = unsignedField(item, 'startTimeUnixNano', where);
  draft.endTimeUnixNano = unsignedField(item, 'endTimeUnixNano', where);
  draft.attributes = attributesField(item, 'attributes', where);
  draft.events = arrayField(item, 'events', where).map((event) => {
    budget.spend();
    return readEvent(asObject(event, where, 'events'), `${where}.events`);
  });
  draft.links = arrayField(item, 'links', where).map((link) => {
    budget.spend();
    return readLink(asObject(link, where, 'links'), `${where}.links`);
  });
  const status = objectField(item, 'status', where);
  if (status) {
    draft.statusCode = enumField(status, 'code', STATUS_CODES, `${where}.status`);
    draft.statusMessage = stringField(status, 'message', `${where}.status`);
  }
  return draft;
}

function readEvent(event: JsonObject, where: string): SpanEvent {
  return {
    timeUnixNano: unsignedField(event, 'timeUnixNano', where),
    name: stringField(event, 'name', where),
    attributes: attributesField(event, 'attributes', where),
  };
}

function readLink(link: JsonObject, where: string): SpanLink {
  return {
    traceId: hexField(link, 'traceId', where),
    spanId: hexField(link, 'spanId', where),
    traceState: stringField(link, 'traceState', where),
    attributes: attributesField(link, 'attributes', where),
  };
}
