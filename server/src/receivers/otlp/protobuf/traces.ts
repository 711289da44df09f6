import { ProtobufReader, type StringCache } from '../../../lib/protobuf-reader.ts';
import type { Span, SpanEvent, SpanLink } from '../../../model/span.ts';
import { RejectionTally } from '../../../pipeline/index.ts';
import type { Decoded } from '../decoded.ts';
import { ItemBudget } from '../item-budget.ts';
import { originOf } from '../origin.ts';
import { emptySpanDraft, finishSpan, type SpanDraft } from '../span-draft.ts';
import { readGroups, readKeyValue } from './common.ts';

/** Spans of an `ExportTraceServiceRequest`. Throws `ProtobufError` where the bytes are none. */
export function decodeTraces(bytes: Uint8Array, strings: StringCache): Decoded<Span> {
  const reader = new ProtobufReader(bytes, strings);
  const budget = new ItemBudget();
  const spans: Span[] = [];
  const rejected = new RejectionTally();
  readGroups(reader, (resource, scope) => {
    const origin = originOf(resource, scope);
    return () => {
      budget.spend();
      const span = finishSpan(readSpan(reader, budget), origin);
      if (typeof span === 'string') rejected.add(span);
      else spans.push(span);
    };
  });
  return { items: spans, rejected: rejected.list() };
}

/** opentelemetry/proto/trace/v1/trace.proto */
function readSpan(reader: ProtobufReader, budget: ItemBudget): SpanDraft {
  const draft = emptySpanDraft();
  const attributes: Record<string, string> = {};
  draft.attributes = attributes;
  const outer = reader.enter();
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        draft.traceId = reader.hex();
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
        readKeyValue(reader, attributes);
        break;
      case 11:
        budget.spend();
        if (draft.events.length === 0) draft.events = [];
        draft.events.push(readEvent(reader));
        break;
      case 13:
        budget.spend();
        if (draft.links.length === 0) draft.links = [];
        draft.links.push(readLink(reader));
        break;
      case 15:
        readStatus(reader, draft);
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  return draft;
}

function readEvent(reader: ProtobufReader): SpanEvent {
  let timeUnixNano = 0n;
  let name = '';
  const attributes: Record<string, string> = {};
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) timeUnixNano = reader.fixed64();
    else if (reader.field === 2) name = reader.string();
    else if (reader.field === 3) readKeyValue(reader, attributes);
    else reader.skip();
  }
  reader.leave(outer);
  return { timeUnixNano, name, attributes };
}

function readLink(reader: ProtobufReader): SpanLink {
  let traceId = '';
  let spanId = '';
  let traceState = '';
  const attributes: Record<string, string> = {};
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) traceId = reader.hex();
    else if (reader.field === 2) spanId = reader.hex();
    else if (reader.field === 3) traceState = reader.string();
    else if (reader.field === 4) readKeyValue(reader, attributes);
    else reader.skip();
  }
  reader.leave(outer);
  return { traceId, spanId, traceState, attributes };
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
