import { TemplateError } from './nodes.ts';
import { sprintf } from './printf.ts';
import { isList, isMap, isTrue, Struct, show, typeName, type Value } from './values.ts';

/** Throws `TemplateError`, or any error, where the arguments do not fit. */
export type TemplateFunction = (...values: Value[]) => Value;

export function fail(message: string): never {
  throw new TemplateError(message);
}

const HTML: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

/** The functions that every template has, but for `and` and `or`, which do not look at all of their arguments. */
export const BUILTINS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['not', (value = missing('not')) => !isTrue(value)],
  ['len', (value = missing('len')) => BigInt(lengthOf(value))],
  ['index', (item = missing('index'), ...keys) => keys.reduce(indexOne, item)],
  ['slice', slice],
  ['print', (...values) => print(values)],
  ['println', (...values) => `${values.map(show).join(' ')}\n`],
  ['printf', (format, ...values) => (typeof format === 'string' ? sprintf(format, values) : badFormat(format))],
  ['html', (...values) => print(values).replace(/[\0"'&<>]/g, (character) => HTML[character]!)],
  ['js', (...values) => JSON.stringify(print(values)).slice(1, -1).replaceAll("'", "\\'")],
  ['urlquery', (...values) => queryEscape(print(values))],
  ['eq', (first = missing('eq'), ...others) => anyEqual(first, others)],
  ['ne', (a = missing('ne'), b = missing('ne')) => !areEqual(a, b)],
  ['lt', (a = missing('lt'), b = missing('lt')) => compare(a, b) < 0],
  ['le', (a = missing('le'), b = missing('le')) => compare(a, b) <= 0],
  ['gt', (a = missing('gt'), b = missing('gt')) => compare(a, b) > 0],
  ['ge', (a = missing('ge'), b = missing('ge')) => compare(a, b) >= 0],
]);

function missing(name: string): never {
  return fail(`wrong number of args for ${name}`);
}

function badFormat(format: Value | undefined): never {
  return fail(`wrong type for value; expected string; got ${typeName(format ?? null)}`);
}

/** Go puts spaces between operands of which neither is a text. */
function print(values: readonly Value[]): string {
  return values
    .map((value, index) => {
      const before = values[index - 1];
      const isSpaced = index > 0 && typeof value !== 'string' && typeof before !== 'string';
      return (isSpaced ? ' ' : '') + show(value);
    })
    .join('');
}

/** As Go's `url.QueryEscape`. */
export function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (isList(value)) return value.length;
  if (isMap(value)) return value.size;
  return fail(`len of type ${typeName(value)}`);
}

function indexOne(item: Value, key: Value): Value {
  if (isMap(item)) {
    if (typeof key !== 'string') return fail(`value has type ${typeName(key)}; should be string`);
    return item.get(key) ?? '';
  }
  if (!isList(item) && typeof item !== 'string') return fail(`can't index item of type ${typeName(item)}`);
  if (typeof key !== 'bigint') return fail(`cannot index slice/array with type ${typeName(key)}`);
  const at = Number(key);
  const size = typeof item === 'string' ? Buffer.byteLength(item) : item.length;
  if (at < 0 || at >= size) return fail(`index out of range: ${at}`);
  return typeof item === 'string' ? BigInt(Buffer.from(item)[at]!) : item[at]!;
}

function slice(item: Value = missing('slice'), ...bounds: Value[]): Value {
  const [from = 0n, to] = bounds;
  if (typeof from !== 'bigint' || (to !== undefined && typeof to !== 'bigint'))
    return fail('cannot slice by such bounds');
  if (typeof item === 'string') {
    const bytes = Buffer.from(item);
    return bytes.toString('utf8', ...within(from, to, bytes.length));
  }
  if (isList(item)) return item.slice(...within(from, to, item.length));
  return fail(`can't slice item of type ${typeName(item)}`);
}

function within(from: bigint, to: bigint | undefined, size: number): [number, number] {
  const end = to === undefined ? size : Number(to);
  if (from < 0n || end > size || Number(from) > end) return fail(`index out of range: ${from}:${end}`);
  return [Number(from), end];
}

function anyEqual(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) return fail('missing argument for comparison');
  return others.some((other) => areEqual(first, other));
}

function areEqual(a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  if (typeof a !== typeof b) return fail(`incompatible types for comparison`);
  if (isList(a) || isMap(a) || a instanceof Struct) return fail('non-comparable type');
  return a === b;
}

function compare(a: Value, b: Value): number {
  if (typeof a !== typeof b) return fail('incompatible types for comparison');
  if (typeof a === 'string') {
    const other = b as string;
    return a === other ? 0 : a < other ? -1 : 1;
  }
  if (typeof a !== 'number' && typeof a !== 'bigint') return fail('invalid type for comparison');
  const other = b as number | bigint;
  if (a === other) return 0;
  if (a < other) return -1;
  // NaN is neither less than, nor equal to, nor greater than anything.
  return a > other ? 1 : Number.NaN;
}
