import { packAttributes } from '../../server/src/model/attribute-packer.ts';
import type { Attributes } from '../../server/src/model/attributes.ts';
import type { LogRecord } from '../../server/src/model/log-record.ts';
import type { PackedAttributes } from '../../server/src/model/packed-attributes.ts';
import type { Span, StoredSpan } from '../../server/src/model/span.ts';

type Read = Attributes;
type Written = PackedAttributes;

function mapLog<From, To>(record: LogRecord<From>, map: (attributes: From) => To): LogRecord<To> {
  const { scopeAttributes, ...rest } = record;
  return {
    ...rest,
    resourceAttributes: map(record.resourceAttributes),
    attributes: map(record.attributes),
    ...(scopeAttributes && { scopeAttributes: map(scopeAttributes) }),
  };
}

function mapSpan<From, To>(span: Span<From>, map: (attributes: From) => To): Span<To> {
  const { scopeAttributes, ...rest } = span;
  return {
    ...rest,
    resourceAttributes: map(span.resourceAttributes),
    attributes: map(span.attributes),
    ...(scopeAttributes && { scopeAttributes: map(scopeAttributes) }),
    events: span.events.map((event) => ({ ...event, attributes: map(event.attributes) })),
    links: span.links.map((link) => ({ ...link, attributes: map(link.attributes) })),
  };
}

/** A span as receivers make it, from one that is easy to write down. */
export function packSpan(span: StoredSpan): Span {
  return mapSpan<Read, Written>(span, packAttributes);
}

export function packLog(record: LogRecord<Attributes>): LogRecord {
  return mapLog<Read, Written>(record, packAttributes);
}

/** A span as tests expect it, from one that a receiver made. */
export function unpackSpan(span: Span): StoredSpan {
  return mapSpan<Written, Read>(span, (attributes) => attributes.toRecord());
}

export function unpackLog(record: LogRecord): LogRecord<Attributes> {
  return mapLog<Written, Read>(record, (attributes) => attributes.toRecord());
}
