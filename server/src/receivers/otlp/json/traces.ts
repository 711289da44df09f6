import { AttributePacker } from '../../../model/attribute-packer.ts';
import type { PackedAttributes } from '../../../model/packed-attributes.ts';
import type { Span, SpanEvent, SpanLink } from '../../../model/span.ts';
import { RejectionTally } from '../../../pipeline/index.ts';
import type { Decoded } from '../decoded.ts';
import { packDropped } from '../dropped.ts';
import { ItemBudget } from '../item-budget.ts';
import { Origins } from '../origin.ts';
import { emptySpanDraft, finishSpan, type SpanDraft } from '../span-draft.ts';
import { packAttributesField, readGroups } from './common.ts';
import {
  arrayField,
  asObject,
  enumField,
  hexField,
  type JsonObject,
  objectField,
  stringField,
  unsignedField,
  unsignedIntegerField,
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
  const packer = new AttributePacker(1024);
  const origins = new Origins();
  const budget = new ItemBudget();
  const spans: Span[] = [];
  const rejected = new RejectionTally();
  readGroups(request, NAMES, (resource, scope, envelopes) => {
    const origin = origins.of(resource, scope, envelopes);
    return (item, where) => {
      budget.spend();
      const span = finishSpan(readSpan(item, where, packer, budget), origin);
      if (typeof span === 'string') rejected.add(span);
      else spans.push(span);
    };
  });
  return { items: spans, rejected };
}

function readSpan(item: JsonObject, where: string, packer: AttributePacker, budget: ItemBudget): SpanDraft {
  const draft = emptySpanDraft();
  draft.traceId = hexField(item, 'traceId', where);
  draft.spanId = hexField(item, 'spanId', where);
  draft.parentSpanId = hexField(item, 'parentSpanId', where);
  draft.traceState = stringField(item, 'traceState', where);
  draft.name = stringField(item, 'name', where);
  draft.kind = enumField(item, 'kind', KINDS, where);
  draft.startTimeUnixNano = unsignedField(item, 'startTimeUnixNano', where);
  draft.endTimeUnixNano = unsignedField(item, 'endTimeUnixNano', where);
  draft.flags = unsignedIntegerField(item, 'flags', where);
  packAttributesField(item, packer, where);
  packDropped(packer, 'attributes', unsignedIntegerField(item, 'droppedAttributesCount', where));
  packDropped(packer, 'events', unsignedIntegerField(item, 'droppedEventsCount', where));
  packDropped(packer, 'links', unsignedIntegerField(item, 'droppedLinksCount', where));
  draft.attributes = packer.finish();
  draft.events = arrayField(item, 'events', where).map((event) => {
    budget.spend();
    return readEvent(asObject(event, where, 'events'), `${where}.events`, packer);
  });
  draft.links = arrayField(item, 'links', where).map((link) => {
    budget.spend();
    return readLink(asObject(link, where, 'links'), `${where}.links`, packer);
  });
  const status = objectField(item, 'status', where);
  if (status) {
    draft.statusCode = enumField(status, 'code', STATUS_CODES, `${where}.status`);
    draft.statusMessage = stringField(status, 'message', `${where}.status`);
  }
  return draft;
}

function readEvent(event: JsonObject, where: string, packer: AttributePacker): SpanEvent {
  return {
    timeUnixNano: unsignedField(event, 'timeUnixNano', where),
    name: stringField(event, 'name', where),
    attributes: partAttributes(event, where, packer),
  };
}

function readLink(link: JsonObject, where: string, packer: AttributePacker): SpanLink {
  return {
    traceId: hexField(link, 'traceId', where),
    spanId: hexField(link, 'spanId', where),
    traceState: stringField(link, 'traceState', where),
    attributes: partAttributes(link, where, packer),
  };
}

function partAttributes(part: JsonObject, where: string, packer: AttributePacker): PackedAttributes {
  packAttributesField(part, packer, where);
  packDropped(packer, 'attributes', unsignedIntegerField(part, 'droppedAttributesCount', where));
  return packer.finish();
}
