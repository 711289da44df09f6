import { packEntries } from '../../model/attribute-packer.ts';
import { NO_ATTRIBUTES, type PackedAttributes } from '../../model/packed-attributes.ts';

/** Attributes of any JSON values: text as it is, the rest as JSON. */
export function packJson(entries: readonly (readonly [key: string, value: unknown])[]): PackedAttributes {
  if (entries.length === 0) return NO_ATTRIBUTES;
  return packEntries(
    entries.map(([key, value]) => [key, textOf(value)] as const),
    256,
  );
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
