import { formatShort } from '../go-float.ts';

/**
 * What templates work on: `number` is Go's float64, `bigint` its int, a `Map` a map with texts as keys (what is not in
 * it counts as its zero value, as with `missingkey=zero`), a `Struct` a struct, whose fields must be there.
 */
export type Value = null | boolean | string | number | bigint | readonly Value[] | ReadonlyMap<string, Value> | Struct;

export class Struct {
  readonly type: string;
  readonly fields: Readonly<Record<string, Value>>;
  /** How it prints. */
  readonly text: string | undefined;

  constructor(type: string, fields: Readonly<Record<string, Value>>, text?: string) {
    this.type = type;
    this.fields = fields;
    this.text = text;
  }
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

/** Go's name of the type, for messages. */
export function typeName(value: Value): string {
  if (value === null) return 'nil';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof Struct) return value.type;
  return isMap(value) ? 'map[string]string' : '[]interface {}';
}

/** False for the zero values, and for what is empty. */
export function isTrue(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return false;
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  return true;
}

/** As `%v` prints it. */
export function show(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return formatShort(value);
  if (isList(value)) return `[${value.map(show).join(' ')}]`;
  if (isMap(value)) {
    const entries = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, each]) => `${key}:${show(each)}`).join(' ')}]`;
  }
  if (value instanceof Struct) return value.text ?? `{${Object.values(value.fields).map(show).join(' ')}}`;
  return String(value);
}
