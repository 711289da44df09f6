import type { AttributePacker } from '../../model/attribute-packer.ts';
import type { Attributes } from '../../model/attributes.ts';

/**
 * What the sender's limits left out is told as an attribute, as the specification says for formats without such fields.
 * https://opentelemetry.io/docs/specs/otel/common/mapping-to-non-otlp/#dropped-attributes-count
 */
export function packDropped(packer: AttributePacker, what: 'attributes' | 'events' | 'links', count: number): void {
  if (count !== 0) packer.set(`otel.dropped_${what}_count`, String(count >>> 0));
}

/** The same for the attributes of a resource or a scope. */
export function withDropped(attributes: Attributes, count: number): Attributes {
  return count === 0 ? attributes : { ...attributes, 'otel.dropped_attributes_count': String(count >>> 0) };
}
