import { Turns } from '../../../lib/turns.ts';
import type { UserQueryAnswer } from '../click-house.ts';

/** What the engine answers in the format `JSONCompact`, with 64-bit integers and NaN in quotes. */
export interface CompactAnswer {
  readonly meta: readonly { readonly name: string; readonly type: string }[];
  readonly data: readonly (readonly unknown[])[];
  readonly statistics: { readonly elapsed: number; readonly rows_read: number; readonly bytes_read: number };
}

/** The answer to SQL of a user: rows as arrays, and what it cost. */
export async function toUserAnswer(answer: CompactAnswer): Promise<UserQueryAnswer> {
  return {
    columns: answer.meta.map(({ name, type }) => ({ name, type })),
    rows: await convertRows(answer, (row) => row),
    rowsRead: answer.statistics.rows_read,
    bytesRead: answer.statistics.bytes_read,
    elapsedMs: Math.round(answer.statistics.elapsed * 1e6) / 1000,
  };
}

type Convert = (value: unknown) => unknown;

/** Values between two pauses. */
const VALUES_A_TURN = 20_000;

/** What `make` makes of each row, its values in the order of the columns, numbers made numbers again: see `converterOf`. */
async function convertRows<Row>(answer: CompactAnswer, make: (row: unknown[]) => Row): Promise<Row[]> {
  const converters = answer.meta.map((column) => converterOf(column.type));
  const turns = new Turns(VALUES_A_TURN);
  const rows: Row[] = [];
  for (const row of answer.data) {
    rows.push(make(row.map((value, index) => converters[index]?.(value) ?? value)));
    if (turns.spend(row.length)) await turns.pause();
  }
  return rows;
}

/** The rows as objects. */
export async function decodeObjects<Row>(answer: CompactAnswer): Promise<Row[]> {
  const names = answer.meta.map((column) => column.name);
  return await convertRows(
    answer,
    (row) => Object.fromEntries(row.map((value, index) => [names[index], value])) as Row,
  );
}

/**
 * How values of a type are turned into JavaScript's: 64-bit integers into numbers where safe (else they stay text),
 * `"nan"` and `"inf"` into numbers, inside arrays, tuples and maps too. `undefined` where they are right as they are.
 */
function converterOf(type: string): Convert | undefined {
  if (/^U?Int64$/.test(type)) return safeInteger;
  if (/^(B?Float)\d+$/.test(type)) return float;
  const inside = /^(\w+)\((.*)\)$/s.exec(type);
  if (!inside) return undefined;
  const parts = splitTypes(inside[2]!);
  switch (inside[1]) {
    case 'Nullable':
    case 'LowCardinality':
      return nullable(converterOf(parts[0]!));
    case 'SimpleAggregateFunction':
      return converterOf(parts.slice(1).join(', '));
    case 'Array':
      return elements(converterOf(parts[0]!));
    case 'Map':
      return values(converterOf(parts[1]!));
    case 'Tuple':
      return members(parts);
    default:
      return undefined;
  }
}

function safeInteger(value: unknown): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  '-nan': Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};

function float(value: unknown): unknown {
  return typeof value === 'string' ? SPECIAL[value] : value;
}

function nullable(convert: Convert | undefined): Convert | undefined {
  return convert && ((value) => (value === null ? null : convert(value)));
}

function elements(convert: Convert | undefined): Convert | undefined {
  return convert && ((value) => (value as unknown[]).map(convert));
}

function values(convert: Convert | undefined): Convert | undefined {
  if (!convert) return undefined;
  return (value) => Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, convert(item)]));
}

/** Members of a named tuple come as an object, those of an unnamed one as an array. */
function members(parts: readonly string[]): Convert | undefined {
  const named = parts.map((part) => /^(?:`((?:[^`\\]|\\.)*)`|([A-Za-z_]\w*)) (.+)$/s.exec(part));
  const converters = parts.map((part, index) => converterOf(named[index]?.[3] ?? part));
  if (converters.every((convert) => convert === undefined)) return undefined;
  const names = named.map((match) => match?.[1] ?? match?.[2] ?? '');
  const byName = new Map(names.map((name, index) => [name, converters[index]]));
  return (value) => {
    if (Array.isArray(value)) return value.map((item, index) => converters[index]?.(item) ?? item);
    return Object.fromEntries(
      Object.entries(value as object).map(([key, item]) => [key, byName.get(key)?.(item) ?? item]),
    );
  };
}

/** Splits `A, Map(B, C)` at the commas of its own level. */
function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === "'" && text[index - 1] !== '\\') quoted = !quoted;
    if (quoted) continue;
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) {
      parts.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}
