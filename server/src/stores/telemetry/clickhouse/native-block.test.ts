import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestEngine } from '../../../../../tests/support/test-engine.ts';
import { packAttributes } from '../../../model/attribute-packer.ts';
import type { ClickHouseEngine } from '../click-house.ts';
import { AttributesColumn } from './attributes-column.ts';
import { LowCardinalityColumn } from './low-cardinality-column.ts';
import {
  ArrayColumn,
  encodeBlock,
  Float64Column,
  MapColumn,
  MillisecondsColumn,
  NanosecondsColumn,
  StringColumn,
  UInt8Column,
  UInt64Column,
} from './native-block.ts';

const path = mkdtempSync(join(tmpdir(), 'native-block-'));
let engine: ClickHouseEngine;
let blocks = 0;

beforeAll(async () => {
  engine = await openTestEngine(path);
  await engine.command(`CREATE TABLE t (
    row UInt64, text String, word LowCardinality(String), small UInt8, double Float64, bits UInt64,
    milliseconds DateTime64(3, 'UTC'), nanoseconds DateTime64(9, 'UTC'),
    map Map(LowCardinality(String), String),
    nested Nested (time DateTime64(9, 'UTC'), name LowCardinality(String), map Map(LowCardinality(String), String))
  ) ENGINE = MergeTree ORDER BY row`);
});

beforeEach(() => engine.command('TRUNCATE TABLE t'));

afterAll(async () => {
  await engine.close();
  rmSync(path, { recursive: true, force: true });
});

interface Row {
  readonly text: string;
  readonly word: string;
  readonly small: number;
  readonly double: number;
  readonly bits: bigint;
  readonly milliseconds: number;
  readonly nanoseconds: bigint;
  readonly map: Record<string, string>;
  readonly nested: readonly { readonly time: bigint; readonly name: string; readonly map: Record<string, string> }[];
}

async function insert(rows: readonly Row[]): Promise<void> {
  const columns = {
    row: new UInt64Column(),
    text: new StringColumn(),
    word: new LowCardinalityColumn(),
    small: new UInt8Column(),
    double: new Float64Column(),
    bits: new UInt64Column(),
    milliseconds: new MillisecondsColumn(),
    nanoseconds: new NanosecondsColumn(),
    map: new MapColumn(),
    'nested.time': new ArrayColumn(new NanosecondsColumn()),
    'nested.name': new ArrayColumn(new LowCardinalityColumn()),
    'nested.map': new ArrayColumn(new AttributesColumn()),
  };
  for (const [index, row] of rows.entries()) {
    columns.row.appendNumber(index);
    columns.text.append(row.text);
    columns.word.append(row.word);
    columns.small.append(row.small);
    columns.double.append(row.double);
    columns.bits.append(row.bits);
    columns.milliseconds.append(row.milliseconds);
    columns.nanoseconds.append(row.nanoseconds);
    columns.map.append(row.map);
    for (const item of row.nested) {
      columns['nested.time'].elements.append(item.time);
      columns['nested.name'].elements.append(item.name);
      columns['nested.map'].elements.append(packAttributes(item.map));
    }
    for (const name of ['nested.time', 'nested.name', 'nested.map'] as const) columns[name].endRow(row.nested.length);
  }
  await engine.insertBlock('t', encodeBlock(columns, rows.length), `block ${blocks++}`);
}

interface StoredRow {
  readonly text: string;
  readonly word: string;
  readonly small: number;
  readonly double: number;
  readonly bits: string;
  readonly milliseconds: number;
  readonly nanoseconds: string;
  readonly map: Record<string, string>;
  readonly times: string[];
  readonly names: string[];
  readonly maps: Record<string, string>[];
}

async function read(): Promise<Row[]> {
  const rows = await engine.query<StoredRow>(`SELECT text, word, small, double, toString(bits) AS bits,
    toUnixTimestamp64Milli(milliseconds) AS milliseconds, toString(toUnixTimestamp64Nano(nanoseconds)) AS nanoseconds,
    map, arrayMap(time -> toString(toUnixTimestamp64Nano(time)), nested.time) AS times, nested.name AS names,
    nested.map AS maps FROM t ORDER BY row`);
  return rows.map(({ times, names, maps, ...row }) => ({
    ...row,
    bits: BigInt(row.bits),
    nanoseconds: BigInt(row.nanoseconds),
    nested: times.map((time, index) => ({ time: BigInt(time), name: names[index]!, map: maps[index]! })),
  }));
}

const plain: Row = {
  text: '',
  word: '',
  small: 0,
  double: 0,
  bits: 0n,
  milliseconds: 0,
  nanoseconds: 0n,
  map: {},
  nested: [],
};

const wellFormed = fc.string({ unit: 'grapheme', maxLength: 200 });
// What is no identifier or number: JavaScript would put such keys into another order, or keep them to itself.
const map = fc
  .dictionary(
    wellFormed.map((key) => `k${key}`),
    wellFormed,
    { maxKeys: 4 },
  )
  .map((object) => ({ ...object }));
const nano = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const row: fc.Arbitrary<Row> = fc.record({
  text: wellFormed,
  word: fc.constantFrom('', 'a', 'b', 'ü'),
  small: fc.nat(255),
  double: fc.double(),
  bits: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  milliseconds: fc.integer({ min: -1e12, max: 9e12 }),
  nanoseconds: nano,
  map,
  nested: fc.array(fc.record({ time: nano, name: wellFormed, map }), { maxLength: 3 }),
});

describe('native blocks', () => {
  it('come back as they went in', async () => {
    await fc.assert(
      fc
        .asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
          await insert(rows);
          expect(await read()).toEqual(rows.map((given) => ({ ...given, double: given.double })));
        })
        .beforeEach(() => engine.command('TRUNCATE TABLE t')),
      { numRuns: 25 },
    );
  });

  it('hold texts of all lengths at which their prefix changes', async () => {
    const lengths = [1, 41, 42, 43, 126, 127, 128, 129, 16_383, 16_384, 300_000];
    const rows = lengths.flatMap((length) =>
      ['x', 'é', '\u{1F600}'].map((unit) => ({ ...plain, text: unit.repeat(length) })),
    );
    await insert(rows);
    expect(await read()).toEqual(rows);
  });

  it('repeat a map that is the same object as in the row before', async () => {
    const shared = { a: '1', b: 'zwei' };
    const rows = [shared, shared, {}, shared, { c: '3' }, shared].map((value) => ({ ...plain, map: value }));
    await insert(rows);
    expect(await read()).toEqual(rows);
  });

  it('clamp times that the column cannot hold, and mend broken UTF-16', async () => {
    await insert([{ ...plain, nanoseconds: 2n ** 70n, text: 'a\ud800b' }]);
    expect(await read()).toMatchObject([{ nanoseconds: 2n ** 63n - 1n, text: 'a\ufffdb' }]);
  });

  it('keep the bits of a NaN', async () => {
    const double = new Float64Column();
    double.appendWords(2, 0x7ff00000);
    await engine.insertBlock('t', encodeBlock({ double }, 1), `block ${blocks++}`);
    const [stored] = await engine.query('SELECT hex(reinterpretAsUInt64(double)) AS bits FROM t');
    expect(stored).toEqual({ bits: '7FF0000000000002' });
  });

  it('forget what was appended since a mark', async () => {
    const word = new LowCardinalityColumn();
    const map = new AttributesColumn();
    const list = new ArrayColumn(new MapColumn());
    const times = new ArrayColumn(new NanosecondsColumn());
    const names = new ArrayColumn(new LowCardinalityColumn());
    const row = (text: string) => {
      word.append(text);
      times.elements.append(1n);
      times.endRow(1);
      names.elements.append(text);
      names.endRow(1);
      map.append(packAttributes({ key: text }));
      list.elements.append({ key: text });
      list.endRow(1);
    };
    row('one');
    const rewinds = [word, map, list, times, names].map((column) => column.mark());
    // So many that places become wider.
    for (let index = 0; index < 300; index++) row(`forgotten ${index}`);
    for (const rewind of rewinds) rewind();
    row('two');
    const nested = { 'nested.time': times, 'nested.name': names, 'nested.map': list };
    const columns = { row: new UInt64Column(), word, map, ...nested };
    for (const number of [1, 2]) columns.row.appendNumber(number);
    await engine.insertBlock('t', encodeBlock(columns, 2), `block ${blocks++}`);
    expect(await engine.query('SELECT word, map, nested.map AS maps FROM t ORDER BY row')).toEqual(
      ['one', 'two'].map((text) => ({ word: text, map: { key: text }, maps: [{ key: text }] })),
    );
  });

  it.each([255, 256, 257, 65_536, 65_537])('takes %i different words', async (count) => {
    const rows = Array.from({ length: count + 2 }, (_, index) => ({ ...plain, word: `word ${index % count}` }));
    await insert(rows);
    const [answer] = await engine.query<{ differ: number; wrong: number }>(
      `SELECT uniqExact(word) AS differ, countIf(word != concat('word ', toString(row % ${count}))) AS wrong FROM t`,
    );
    expect(answer).toEqual({ differ: count, wrong: 0 });
  });
});
