import type { PackedAttributes } from '../../model/packed-attributes.ts';
import { serviceOfResource } from '../../model/service.ts';
import type { Span, SpanKind, SpanStatus } from '../../model/span.ts';
import { packJson } from './attribute-text.ts';
import type { SpanItem } from './span-schema.ts';

interface Resource {
  readonly attributes: PackedAttributes;
  readonly service: string;
}

/** The span of an accepted item. `resources` keeps one list for equal resources, as one batch has few. */
export function toSpan(item: SpanItem, resources: Map<string, Resource>): Span {
  const resource = resourceOf(item, resources);
  return {
    traceId: item.trace_id,
    spanId: item.span_id,
    parentSpanId: item.parent_span_id ?? '',
    traceState: '',
    name: item.name,
    kind: capitalised(item.kind) as SpanKind,
    startTimeUnixNano: item.started_at,
    durationNano: BigInt(Math.round(item.duration_ms * 1e6)),
    status: capitalised(item.status) as SpanStatus,
    statusMessage: item.status_message ?? '',
    service: resource.service,
    resourceAttributes: resource.attributes,
    scopeName: item.scope_name,
    scopeVersion: '',
    attributes: packJson(Object.entries(item.attributes ?? {})),
    events: item.events.map(({ name, time, attributes }) => ({
      timeUnixNano: time,
      name,
      attributes: packJson(Object.entries(attributes ?? {})),
    })),
    links: item.links.map((link) => ({
      traceId: link.trace_id,
      spanId: link.span_id,
      traceState: link.trace_state,
      attributes: packJson(Object.entries(link.attributes ?? {})),
    })),
  };
}

/** `service` wins over what the resource says. */
function resourceOf({ service, resource }: SpanItem, resources: Map<string, Resource>): Resource {
  const given = Object.entries(resource ?? {});
  if (service) given.push(['service.name', service]);
  const key = JSON.stringify(given);
  let known = resources.get(key);
  if (!known) {
    const attributes = packJson(given);
    known = { attributes, service: service || serviceOfResource(attributes.toRecord()) };
    resources.set(key, known);
  }
  return known;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
