/** Reads values whose kind nobody has checked: what has another kind counts as absent. */
export type Fields = Readonly<Record<string, unknown>>;

export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const MOST_MICROSECONDS = 9_223_372_036_854_000;

/** Nanoseconds of a whole number of microseconds; 0 where it is none. */
export function nanoOfMicro(value: unknown): bigint {
  if (typeof value !== 'number' || !(value > 0) || value > MOST_MICROSECONDS) return 0n;
  return BigInt(Math.trunc(value)) * 1000n;
}

/** Hex digits in lower case, padded at the left to `digits`; `undefined` where the value is none or zero. */
export function idOf(value: unknown, digits: 16 | 32): string | undefined {
  const text = asText(value).toLowerCase();
  if (!/^[\da-f]+$/.test(text) || text.length > digits || /^0+$/.test(text)) return undefined;
  return text.padStart(digits, '0');
}
