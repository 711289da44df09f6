import { packEntries } from '../model/attribute-packer.ts';
import { NO_ATTRIBUTES, type PackedAttributes } from '../model/packed-attributes.ts';
import type { StageContext } from './stage.ts';
import { truncate } from './truncate.ts';

/** The attributes within their limits: the very same object where nothing had to change. */
export function limitAttributes(attributes: PackedAttributes, context: StageContext): PackedAttributes {
  return fits(attributes, context) ? attributes : shortened(attributes, context);
}

function fits(attributes: PackedAttributes, { limits }: StageContext): boolean {
  if (attributes.size > limits.attributeCount || attributes.keys.longest > limits.attributeKeyLength) return false;
  // No text has more UTF-16 units than bytes: mostly all values together are shorter than one may be.
  if (attributes.end - attributes.start <= limits.attributeValueLength) return true;
  for (const [, value] of attributes) if (value.length > limits.attributeValueLength) return false;
  return true;
}

function shortened(attributes: PackedAttributes, { limits, onTruncated }: StageContext): PackedAttributes {
  for (let index = limits.attributeCount; index < attributes.size; index++) onTruncated();
  const kept = [...attributes]
    .slice(0, limits.attributeCount)
    .map(
      ([key, value]) =>
        [
          truncate(key, limits.attributeKeyLength, onTruncated),
          truncate(value, limits.attributeValueLength, onTruncated),
        ] as const,
    );
  return packEntries(kept, 1024);
}

/**
 * Spans and records of one resource share its attribute object: the answer is remembered for the batch, so that it is
 * checked once and stays shared.
 */
export function limitShared(context: StageContext): (attributes: PackedAttributes) => PackedAttributes {
  let last = NO_ATTRIBUTES;
  let answer = NO_ATTRIBUTES;
  return (attributes) => {
    if (attributes !== last) {
      answer = limitAttributes(attributes, context);
      last = attributes;
    }
    return answer;
  };
}
