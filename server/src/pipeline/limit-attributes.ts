import type { Attributes } from '../model/attributes.ts';
import type { StageContext } from './stage.ts';
import { truncate } from './truncate.ts';

/** The attributes within their limits: the very same object where nothing had to change. */
export function limitAttributes(attributes: Attributes, context: StageContext): Attributes {
  return fits(attributes, context) ? attributes : shortened(attributes, context);
}

function fits(attributes: Attributes, { limits }: StageContext): boolean {
  let count = 0;
  for (const key in attributes) {
    if (++count > limits.attributeCount) return false;
    if (key.length > limits.attributeKeyLength || attributes[key]!.length > limits.attributeValueLength) return false;
  }
  return true;
}

function shortened(attributes: Attributes, { limits, onTruncated }: StageContext): Attributes {
  const entries = Object.entries(attributes);
  for (let index = limits.attributeCount; index < entries.length; index++) onTruncated();
  // `fromEntries` defines properties, so that a key such as `__proto__` is a key like any other.
  return Object.fromEntries(
    entries
      .slice(0, limits.attributeCount)
      .map(([key, value]) => [
        truncate(key, limits.attributeKeyLength, onTruncated),
        truncate(value, limits.attributeValueLength, onTruncated),
      ]),
  );
}

/**
 * Spans and records of one resource share its attribute object: the answer is remembered for the batch, so that it is
 * checked once and stays shared.
 */
export function limitShared(context: StageContext): (attributes: Attributes) => Attributes {
  let last: Attributes | undefined;
  let answer: Attributes = {};
  return (attributes) => {
    if (attributes !== last) {
      answer = limitAttributes(attributes, context);
      last = attributes;
    }
    return answer;
  };
}
