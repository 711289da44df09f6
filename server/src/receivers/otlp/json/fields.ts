import { ServiceError } from '../../../model/errors.ts';

/**
 * Reads OTLP's JSON encoding: proto3's mapping with hex ids. Names are taken in camelCase and in snake_case, `null` is
 * the same as nothing, unknown fields are passed over.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding, https://protobuf.dev/programming-guides/json/
 */
export type JsonObject = Readonly<Record<string, unknown>>;

const INTEGER = /^-?\d{1,20}$/;
/** As proto3's JSON may write whole numbers as well. */
const SCIENTIFIC = /^(-?)(\d{1,20})(?:\.(\d{1,20}))?(?:[eE]([+-]?\d{1,2}))?$/;

function wrong(where: string, name: string, expected: string): ServiceError {
  const path = where === '' ? name : `${where}.${name}`;
  return new ServiceError('malformed', `${path}: expected ${expected}`);
}

const snakeNames = new Map<string, string>();

function snakeCase(name: string): string {
  let snake = snakeNames.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakeNames.set(name, snake);
  }
  return snake;
}

/** The value of a field of the schema, by its camelCase name; `undefined` where it is left out or null. */
export function field(object: JsonObject, name: string): unknown {
  return object[name] ?? object[snakeCase(name)] ?? undefined;
}

export function asObject(value: unknown, where: string, name: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw wrong(where, name, 'an object');
}

export function objectField(object: JsonObject, name: string, where: string): JsonObject | undefined {
  const value = field(object, name);
  return value === undefined ? undefined : asObject(value, where, name);
}

const EMPTY: readonly unknown[] = [];

export function arrayField(object: JsonObject, name: string, where: string): readonly unknown[] {
  const value = field(object, name);
  if (value === undefined) return EMPTY;
  if (Array.isArray(value)) return value;
  throw wrong(where, name, 'an array');
}

export function stringField(object: JsonObject, name: string, where: string): string {
  const value = field(object, name);
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw wrong(where, name, 'a string');
}

/** Ids as plain proto3 mappers write them: 16 or 8 bytes in base64. The padding tells them from hex. */
const BASE64_ID = /^(?:[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{11}=)$/;

/**
 * An id in hex, any case, or in base64, which OTLP forbids and some senders write all the same. The answer is in
 * lower-case hex, and `?` (no valid id) where it is neither.
 */
export function hexField(object: JsonObject, name: string, where: string): string {
  const text = stringField(object, name, where);
  if (BASE64_ID.test(text)) return Buffer.from(text, 'base64').toString('hex');
  const id = text.toLowerCase();
  return /^[0-9a-f]*$/.test(id) ? id : '?';
}

export function boolField(object: JsonObject, name: string, where: string): boolean {
  const value = field(object, name);
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  throw wrong(where, name, 'true or false');
}

/** A number, its decimal text, or one of `NaN`, `Infinity`, `-Infinity`. */
export function asDouble(value: unknown, where: string, name: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') {
    if (value === 'NaN') return Number.NaN;
    const parsed = value.trim() === '' ? Number.NaN : Number(value);
    if (!Number.isNaN(parsed)) return parsed;
  }
  throw wrong(where, name, 'a number');
}

export function doubleField(object: JsonObject, name: string, where: string): number | undefined {
  const value = field(object, name);
  return value === undefined ? undefined : asDouble(value, where, name);
}

/** A 64-bit integer as decimal digits; numbers are taken as JSON reads them, exact up to 2^53. */
export function asIntegerText(value: unknown, where: string, name: string): string {
  if (typeof value === 'string' && INTEGER.test(value)) return value;
  if (typeof value === 'number' && Number.isInteger(value)) {
    return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString();
  }
  const text = typeof value === 'string' ? wholeText(value) : undefined;
  if (text !== undefined) return text;
  throw wrong(where, name, 'an integer, as a number or as decimal text');
}

/** `1.5e3` as `1500`; `undefined` where it is not whole, or no number. */
function wholeText(text: string): string | undefined {
  const [found, sign = '', whole = '', fraction = '', exponent = '0'] = SCIENTIFIC.exec(text) ?? [];
  if (found === undefined) return undefined;
  const places = Number(exponent);
  const digits = whole + fraction.padEnd(places, '0');
  const cut = whole.length + places;
  if (cut < 0 || /[1-9]/.test(digits.slice(cut))) return undefined;
  const integer = sign + (digits.slice(0, cut).replace(/^0+(?=\d)/, '') || '0');
  return INTEGER.test(integer) ? integer : undefined;
}

/** `int64` and `sfixed64` as a number. */
export function asInteger(value: unknown, where: string, name: string): number {
  return Number(asIntegerText(value, where, name));
}

export function integerField(object: JsonObject, name: string, where: string): number | undefined {
  const value = field(object, name);
  return value === undefined ? undefined : asInteger(value, where, name);
}

/** `uint32` and `fixed32`. */
export function unsignedIntegerField(object: JsonObject, name: string, where: string): number {
  const value = integerField(object, name, where) ?? 0;
  if (value < 0 || value > 0xffff_ffff) throw wrong(where, name, 'an integer from 0 to 2^32-1');
  return value;
}

/** `fixed64`: a time in nanoseconds, or a count. */
export function unsignedField(object: JsonObject, name: string, where: string): bigint {
  const value = field(object, name);
  if (value === undefined) return 0n;
  const number = BigInt(asIntegerText(value, where, name));
  if (number < 0n || number > 0xffff_ffff_ffff_ffffn) throw wrong(where, name, 'an integer from 0 to 2^64-1');
  return number;
}

/** An enumeration by number or by name; an unknown name is 0, as an unknown number is to those who read it. */
export function enumField(object: JsonObject, name: string, names: readonly string[], where: string): number {
  const value = field(object, name);
  if (value === undefined) return 0;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'string') return INTEGER.test(value) ? Number(value) : Math.max(0, names.indexOf(value));
  throw wrong(where, name, 'a number or a name');
}
