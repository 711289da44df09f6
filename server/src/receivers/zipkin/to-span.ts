import { createHash } from 'node:crypto';
import { packAttributes, packEntries } from '../../model/attribute-packer.ts';
import { NO_ATTRIBUTES, type PackedAttributes } from '../../model/packed-attributes.ts';
import { serviceOfResource } from '../../model/service.ts';
import type { Span, SpanEvent, SpanKind, SpanStatus } from '../../model/span.ts';
import type { RejectionReason } from '../../pipeline/index.ts';
import { asFields, asList, asText, type Fields, idOf, nanoOfMicro } from './fields.ts';

const KINDS: Readonly<Record<string, SpanKind>> = {
  CLIENT: 'Client',
  SERVER: 'Server',
  PRODUCER: 'Producer',
  CONSUMER: 'Consumer',
};
const SCOPE_NAMES = ['otel.scope.name', 'otel.library.name'];
const SCOPE_VERSIONS = ['otel.scope.version', 'otel.library.version'];
/** Tags that become something else than an attribute. */
const TAKEN_TAGS = new Set(['otel.status_code', 'otel.status_description', ...SCOPE_NAMES, ...SCOPE_VERSIONS]);

/**
 * The span of a Zipkin v2 span, or why it is refused. Microseconds become nanoseconds, ids of 64 bits are padded,
 * annotations become events, `error` and OpenTelemetry's own tags become the status and the scope.
 * https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/
 */
export function toSpan(value: unknown, resources: Map<string, PackedAttributes>): Span | RejectionReason {
  const fields = asFields(value);
  const traceId = idOf(fields.traceId, 32);
  if (traceId === undefined) return 'invalid_trace_id';
  const id = idOf(fields.id, 16);
  if (id === undefined) return 'invalid_span_id';
  const hasParent = fields.parentId !== undefined && fields.parentId !== null && !/^0*$/.test(asText(fields.parentId));
  const parent = hasParent ? idOf(fields.parentId, 16) : '';
  // Some tracers give a root its own id as its parent; Zipkin takes such a span for a root, too.
  const parentSpanId = parent === id ? '' : parent;
  if (parentSpanId === undefined) return 'invalid_parent_span_id';
  const events = eventsOf(fields);
  const start = nanoOfMicro(fields.timestamp) || (events[0]?.timeUnixNano ?? 0n);
  if (start === 0n) return 'missing_time';
  const tags = asFields(fields.tags);
  const resourceAttributes = resourceOf(asFields(fields.localEndpoint), resources);
  const service = serviceOfResource(resourceAttributes.toRecord());
  const shared = fields.shared === true && fields.kind === 'SERVER';
  return {
    traceId,
    spanId: shared ? sharedSpanId(traceId, id, service) : id,
    parentSpanId: shared ? id : parentSpanId,
    traceState: '',
    name: asText(fields.name),
    kind: KINDS[asText(fields.kind)] ?? 'Internal',
    startTimeUnixNano: start,
    durationNano: nanoOfMicro(fields.duration),
    ...statusOf(tags),
    service,
    resourceAttributes,
    scopeName: firstTag(tags, SCOPE_NAMES),
    scopeVersion: firstTag(tags, SCOPE_VERSIONS),
    attributes: attributesOf(fields, tags),
    events,
    links: [],
  };
}

/**
 * Where client and server share one span id, the server's half gets an id of its own below the client's: always the
 * same one, so that a request that is sent again changes nothing.
 */
export function sharedSpanId(traceId: string, spanId: string, service: string): string {
  return createHash('sha256').update(`${traceId} ${spanId} ${service}`).digest('hex').slice(0, 16);
}

function eventsOf(fields: Fields): SpanEvent[] {
  const events: SpanEvent[] = [];
  for (const annotation of asList(fields.annotations)) {
    const { timestamp, value } = asFields(annotation);
    const timeUnixNano = nanoOfMicro(timestamp);
    if (timeUnixNano !== 0n) events.push({ timeUnixNano, name: asText(value), attributes: NO_ATTRIBUTES });
  }
  return events.sort((a, b) => (a.timeUnixNano < b.timeUnixNano ? -1 : a.timeUnixNano > b.timeUnixNano ? 1 : 0));
}

/** One object for all spans of a service in a request. */
function resourceOf(endpoint: Fields, resources: Map<string, PackedAttributes>): PackedAttributes {
  const name = asText(endpoint.serviceName);
  let resource = resources.get(name);
  if (!resource) {
    resource = packAttributes(name === '' ? {} : { 'service.name': name });
    resources.set(name, resource);
  }
  return resource;
}

function statusOf(tags: Fields): { status: SpanStatus; statusMessage: string } {
  const code = asText(tags['otel.status_code']).toUpperCase();
  const description = asText(tags['otel.status_description']);
  const error = tags.error === true ? 'true' : asText(tags.error);
  const failed = code === 'ERROR' || (tags.error !== undefined && tags.error !== false && error !== 'false');
  if (failed) return { status: 'Error', statusMessage: description || (error === 'true' ? '' : error) };
  return { status: code === 'OK' ? 'Ok' : 'Unset', statusMessage: '' };
}

function firstTag(tags: Fields, names: readonly string[]): string {
  return names.map((name) => asText(tags[name])).find((text) => text !== '') ?? '';
}

function attributesOf(fields: Fields, tags: Fields): PackedAttributes {
  const entries: [string, string][] = [
    ...addressOf(asFields(fields.localEndpoint), 'network.local'),
    ...addressOf(asFields(fields.remoteEndpoint), 'network.peer'),
  ];
  const peer = asText(asFields(fields.remoteEndpoint).serviceName);
  if (peer !== '') entries.push(['peer.service', peer]);
  if (fields.debug === true) entries.push(['zipkin.debug', 'true']);
  for (const [name, value] of Object.entries(tags)) {
    if (!TAKEN_TAGS.has(name)) entries.push([name, typeof value === 'string' ? value : JSON.stringify(value)]);
  }
  return packEntries(entries, 256);
}

function addressOf(endpoint: Fields, prefix: string): [string, string][] {
  const address = asText(endpoint.ipv4) || asText(endpoint.ipv6);
  const entries: [string, string][] = address === '' ? [] : [[`${prefix}.address`, address]];
  if (typeof endpoint.port === 'number' && endpoint.port > 0) entries.push([`${prefix}.port`, String(endpoint.port)]);
  return entries;
}
