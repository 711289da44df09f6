/** Nested deeper than this, a value is no longer data: the request is refused. */
export const MOST_NESTED = 64;

/** A double as attributes show it: JSON's form, and a word for what JSON cannot say. */
export function doubleText(value: number): string {
  return String(value);
}

/** A double inside of JSON text. */
export function doubleJson(value: number): string {
  return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
}

/** Sets an attribute; a plain assignment of `__proto__` would set no property. */
export function setAttribute(attributes: Record<string, string>, key: string, value: string): void {
  if (key === '__proto__') {
    Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true });
  } else attributes[key] = value;
}
