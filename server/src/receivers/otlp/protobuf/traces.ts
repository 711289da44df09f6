import type { ProtobufReader, StringCache } from '../../../lib/protobuf-reader.ts';
import { AttributePacker } from '../../../model/attribute-packer.ts';
import type { Span, SpanEvent, SpanLink } from '../../../model/span.ts';
import { RejectionTally } from '../../../pipeline/index.ts';
import type { Decoded } from '../decoded.ts';
import { packDropped } from '../dropped.ts';
import { ItemBudget } from '../item-budget.ts';
import { Origins } from '../origin.ts';
import { clearSpanDraft, emptySpanDraft, finishSpan, type SpanDraft } from '../span-draft.ts';
import { packKeyValue } from './common.ts';
import { ItemFlow } from './item-flow.ts';

/** Spans of an `ExportTraceServiceRequest`, read while they are gone through. Throws `malformed` where the bytes are none. */
export function decodeTraces(bytes: Uint8Array, strings: StringCache): Decoded<Span> {
  const packers = { ofSpans: new AttributePacker(1024), ofParts: new AttributePacker(1024) };
  const origins = new Origins();
  const budget = new ItemBudget();
  const rejected = new RejectionTally();
  const draft = emptySpanDraft();
  const items = new ItemFlow<Span>(bytes, strings, (reader, take) => (resource, scope, envelopes) => {
    const origin = origins.of(resource, scope, envelopes);
    return () => {
      budget.spend();
      packers.ofSpans.restart();
      packers.ofParts.restart();
      readSpan(reader, packers, budget, draft);
      const span = finishSpan(draft, origin);
      if (typeof span === 'string') rejected.add(span);
      else take(span);
    };
  });
  return { items, rejected };
}

/** Events and links come between the attributes of their span: they have a packer of their own. */
interface Packers {
  readonly ofSpans: AttributePacker;
  readonly ofParts: AttributePacker;
}

/** opentelemetry/proto/trace/v1/trace.proto: into `draft`, whatever it held. */
function readSpan(reader: ProtobufReader, { ofSpans, ofParts }: Packers, budget: ItemBudget, draft: SpanDraft): void {
  clearSpanDraft(draft);
  let droppedAttributes = 0;
  let droppedEvents = 0;
  let droppedLinks = 0;
  const outer = reader.enter();
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        draft.traceId = reader.repeatedHex();
        break;
      case 2:
        draft.spanId = reader.hex();
        break;
      case 3:
        draft.traceState = reader.string();
        break;
      case 4:
        draft.parentSpanId = reader.hex();
        break;
      case 5:
        draft.name = reader.string();
        break;
      case 6:
        draft.kind = reader.int32();
        break;
      case 7:
        draft.startTimeUnixNano = reader.fixed64();
        break;
      case 8:
        draft.endTimeUnixNano = reader.fixed64();
        break;
      case 9:
        packKeyValue(reader, ofSpans);
        break;
      case 10:
        droppedAttributes = reader.int32();
        break;
      case 11:
        budget.spend();
        if (draft.events.length === 0) draft.events = [];
        draft.events.push(readEvent(reader, ofParts));
        break;
      case 12:
        droppedEvents = reader.int32();
        break;
      case 13:
        budget.spend();
        if (draft.links.length === 0) draft.links = [];
        draft.links.push(readLink(reader, ofParts));
        break;
      case 14:
        droppedLinks = reader.int32();
        break;
      case 15:
        readStatus(reader, draft);
        break;
      case 16:
        draft.flags = reader.fixed32();
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  packDropped(ofSpans, 'attributes', droppedAttributes);
  packDropped(ofSpans, 'events', droppedEvents);
  packDropped(ofSpans, 'links', droppedLinks);
  draft.attributes = ofSpans.finish();
}

function readEvent(reader: ProtobufReader, packer: AttributePacker): SpanEvent {
  let timeUnixNano = 0n;
  let name = '';
  let dropped = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) timeUnixNano = reader.fixed64();
    else if (reader.field === 2) name = reader.string();
    else if (reader.field === 3) packKeyValue(reader, packer);
    else if (reader.field === 4) dropped = reader.int32();
    else reader.skip();
  }
  reader.leave(outer);
  packDropped(packer, 'attributes', dropped);
  return { timeUnixNano, name, attributes: packer.finish() };
}

function readLink(reader: ProtobufReader, packer: AttributePacker): SpanLink {
  let traceId = '';
  let spanId = '';
  let traceState = '';
  let dropped = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) traceId = reader.hex();
    else if (reader.field === 2) spanId = reader.hex();
    else if (reader.field === 3) traceState = reader.string();
    else if (reader.field === 4) packKeyValue(reader, packer);
    else if (reader.field === 5) dropped = reader.int32();
    else reader.skip();
  }
  reader.leave(outer);
  packDropped(packer, 'attributes', dropped);
  return { traceId, spanId, traceState, attributes: packer.finish() };
}

function readStatus(reader: ProtobufReader, draft: SpanDraft): void {
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 2) draft.statusMessage = reader.string();
    else if (reader.field === 3) draft.statusCode = reader.int32();
    else reader.skip();
  }
  reader.leave(outer);
}
