import type { Random } from './random.ts';

const MOST_BYTES = 128 * 1024;
/** What parsers trip over: separators, ends, lengths, signs, other encodings. */
const PIECES = [
  ...'{}[]",:|#@=\n\r\t\0\\\'-+.eE',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '+Inf',
  '1e999',
  '-9223372036854775809',
  '18446744073709551616',
  '9'.repeat(400),
  '[['.repeat(300),
  '\ud800',
  '\u0000',
  '#EOF\n',
  '|@0|',
].map((text) => Buffer.from(text));
const BYTES = [
  Buffer.from([0xff]),
  Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]),
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.alloc(64),
];

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random.below(copy.length)]! ^= 1 << random.below(8);
    return copy;
  },
  function setByte(bytes, random) {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random.below(copy.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    return copy;
  },
  function cut(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function takeOut(bytes, random) {
    const start = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + random.below(32))]);
  },
  function insert(bytes, random) {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), random.pick([...PIECES, ...BYTES]), bytes.subarray(at)]);
  },
  function repeat(bytes, random) {
    const start = random.below(bytes.length + 1);
    const piece = bytes.subarray(start, start + 1 + random.below(64));
    const copies = new Array<Buffer>(1 + random.below(64)).fill(piece);
    return Buffer.concat([bytes.subarray(0, start), ...copies, bytes.subarray(start)]);
  },
  function splice(bytes, random, other) {
    return Buffer.concat([
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ]);
  },
  function swapNumber(bytes, random) {
    const text = bytes.toString('latin1');
    const numbers = [...text.matchAll(/\d+/g)];
    if (numbers.length === 0) return bytes;
    const { index, 0: found } = random.pick(numbers);
    const number = random.pick(['0', '-1', '1e400', '9007199254740993', '99999999999999999999', '0.0000001', '""']);
    return Buffer.from(text.slice(0, index) + number + text.slice(index + found.length), 'latin1');
  },
];

/** Changes that mostly leave the frame whole, so that what lies deep is reached. */
const GENTLE = MUTATIONS.filter(({ name }) => ['flipBit', 'setByte', 'swapNumber'].includes(name));

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  '',
  'x'.repeat(5000),
  '\ud800',
  '0',
  '-1',
  '1e999',
  0,
  -1,
  0.1,
  1e308,
  2 ** 53,
  [],
  [null],
  [[[[[]]]]],
  {},
  { __proto__: null, stringValue: 5 },
  JSON.parse('{"__proto__": {"a": 1}, "constructor": []}'),
];

/** A JSON value with one place changed: another value there, none, or that of another place. */
function mutateJson(value: unknown, random: Random): unknown {
  const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  if (isLeaf || random.chance(0.1)) return random.pick(ODD_VALUES);
  const key = random.pick(Object.keys(value));
  const child = (value as Record<string, unknown>)[key];
  if (Array.isArray(value)) {
    const changed = random.chance(0.2) ? [child, child] : random.chance(0.1) ? [] : [mutateJson(child, random)];
    return [...value.slice(0, Number(key)), ...changed, ...value.slice(Number(key) + 1)];
  }
  const { [key]: _, ...rest } = value as Record<string, unknown>;
  if (random.chance(0.05)) return rest;
  return { ...rest, [random.chance(0.05) ? random.pick(PIECES).toString() : key]: mutateJson(child, random) };
}

function asJson(bytes: Buffer): unknown {
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** Half of the time a change within the frame, else one to five anywhere; `other` is of the same kind, to take parts from. */
export function mutate(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const isGentle = random.chance(0.5);
  const json = isGentle ? asJson(bytes) : undefined;
  let result = bytes;
  if (json !== undefined) result = Buffer.from(JSON.stringify(mutateJson(json, random)));
  else {
    const mutations = isGentle ? GENTLE : MUTATIONS;
    for (let left = 1 + random.below(isGentle ? 2 : 5); left > 0; left--) {
      result = random.pick(mutations)(result, random, other);
    }
  }
  return result.subarray(0, MOST_BYTES);
}
