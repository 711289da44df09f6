import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtobufError, ProtobufReader, StringCache } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

function read<Value>(bytes: Uint8Array, take: (reader: ProtobufReader) => Value): Value {
  const reader = new ProtobufReader(bytes);
  expect(reader.next()).toBe(true);
  return take(reader);
}

describe('values', () => {
  it('reads 64-bit integers', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const bytes = new ProtobufWriter().varint(1, value).finish();
        expect(read(bytes, (reader) => reader.int64Text())).toBe(String(value));
        const fixed = new ProtobufWriter().fixed64(1, value).finish();
        expect(read(fixed, (reader) => reader.fixed64())).toBe(BigInt.asUintN(64, value));
        expect(read(fixed, (reader) => reader.sfixed64Number())).toBe(Number(value));
      }),
    );
  });

  it('reads the same bytes again and others after them as hex', () => {
    const ids = ['', '0a0b', '0a0b', '0a0c', '', 'ff', 'ff'];
    const writer = new ProtobufWriter();
    for (const id of ids) writer.bytes(1, Buffer.from(id, 'hex'));
    const reader = new ProtobufReader(writer.finish());
    expect(ids.map(() => reader.next() && reader.repeatedHex())).toEqual(ids);
  });

  it('reads zigzag integers, doubles and texts', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double(),
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        (integer, double, text) => {
          const zigzag = (integer << 1) ^ (integer >> 31);
          const bytes = new ProtobufWriter()
            .varint(1, zigzag >>> 0)
            .double(2, double)
            .string(3, text)
            .finish();
          const reader = new ProtobufReader(bytes);
          expect(reader.next() && reader.sint32()).toBe(integer);
          expect(reader.next() && reader.double()).toBe(double);
          expect(reader.next() && reader.string()).toBe(text.toWellFormed());
          expect(reader.next()).toBe(false);
        },
      ),
    );
  });

  it('reads repeated numbers packed, unpacked and mixed, up to a length', () => {
    const packed = new ProtobufWriter()
      .bytes(1, Buffer.from([1, 2, 0xac, 0x02]))
      .varint(1, 9)
      .finish();
    const numbers: number[] = [];
    const reader = new ProtobufReader(packed);
    while (reader.next()) reader.uint64s(numbers, 100);
    expect(numbers).toEqual([1, 2, 300, 9]);
    const doubles: number[] = [];
    const eight = Buffer.alloc(24);
    eight.writeDoubleLE(1.5, 0);
    read(new ProtobufWriter().bytes(1, eight).finish(), (r) => r.doubles(doubles, 2));
    expect(doubles).toEqual([1.5, 0]);
  });

  it('keeps texts of one cache place apart', () => {
    const strings = new StringCache();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 8 }), (text) => {
        const bytes = Buffer.from(text);
        expect(strings.get(bytes, 0, bytes.length)).toBe(bytes.toString());
        expect(strings.get(bytes, 0, bytes.length)).toBe(bytes.toString());
      }),
      { numRuns: 2000 },
    );
  });
});

describe('broken messages', () => {
  it.each([
    ['a varint without end', [0x08, 0x80]],
    ['a varint of eleven bytes', [0x08, ...new Array(10).fill(0x80), 0]],
    ['a length beyond the end', [0x0a, 5, 1]],
    ['a length of 2^32 and more', [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 1]],
    ['half a fixed64', [0x09, 1, 2, 3]],
    ['a group', [0x0b]],
    ['field 0', [0x00, 0]],
    ['wire type 6', [0x0e]],
  ])('%s', (_what, bytes) => {
    const reader = new ProtobufReader(Buffer.from(bytes as number[]));
    expect(() => {
      while (reader.next()) reader.skip();
    }).toThrow(ProtobufError);
  });

  it('does not let an inner message read beyond its end', () => {
    // Field 1, length 1: the tag of a varint whose value would be outside.
    const reader = new ProtobufReader(Buffer.from([0x0a, 1, 0x08, 0x01]));
    reader.next();
    reader.enter();
    reader.next();
    expect(() => reader.int32()).toThrow('ends too early');
  });

  it('refuses a value of another wire type', () => {
    expect(() => read(new ProtobufWriter().varint(1, 1).finish(), (r) => r.string())).toThrow(
      'wire type 0 instead of 2',
    );
  });
});
