import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snappyBlock } from '../../../tests/support/snappy-block.ts';
import { decompressSnappy, SnappyError } from './snappy.ts';

const MOST = 1 << 20;
const bytes = (...values: number[]) => Uint8Array.from(values);

describe('snappy blocks', () => {
  it('undoes literals and copies of every form', () => {
    // 'abcd', then 4 of offset 4, 3 of offset 8 in two bytes, 2 of offset 1 in four bytes.
    const block = bytes(13, 0x0c, 97, 98, 99, 100, 0x01, 4, 0x0a, 8, 0, 0x07, 1, 0, 0, 0);
    expect(decompressSnappy(block, MOST).toString()).toBe('abcdabcdabccc');
    expect(decompressSnappy(bytes(0), MOST)).toHaveLength(0);
  });

  it.each([1, 2, 3, 4])('reads the length of a literal from %d bytes', (width) => {
    const text = Buffer.alloc(70, 'x');
    const length = Buffer.alloc(width);
    length[0] = text.length - 1;
    const block = Buffer.concat([bytes(70, (59 + width) << 2), length, text]);
    expect(decompressSnappy(block, MOST)).toEqual(text);
  });

  it('gives back what was compressed', () => {
    const repetitive = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3000 });
    const anything = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.oneof(repetitive, anything), (values) => {
        const plain = Buffer.from(values as ArrayLike<number>);
        expect(decompressSnappy(snappyBlock(plain), MOST).equals(plain)).toBe(true);
      }),
    );
  });

  it.each([
    ['nothing', bytes()],
    ['a length without end', bytes(0x80, 0x80, 0x80, 0x80, 0x80, 0x01)],
    ['a length beyond 32 bits', bytes(0xff, 0xff, 0xff, 0xff, 0x7f)],
    ['less than promised', bytes(5, 0x00, 97)],
    ['more than promised', bytes(1, 0x04, 97, 98)],
    ['a literal beyond the end', bytes(9, 0x20, 97)],
    ['a literal of 4 GiB', bytes(9, 0xfc, 0xff, 0xff, 0xff, 0xff)],
    ['a copy before the beginning', bytes(8, 0x00, 97, 0x01, 2)],
    ['a copy of nothing', bytes(8, 0x00, 97, 0x01, 0)],
    ['a cut copy', bytes(8, 0x00, 97, 0x02, 1)],
    ['a length that cannot be', bytes(0xff, 0xff, 0x3f, 0x00, 97)],
  ])('refuses %s', (_, block) => {
    expect(() => decompressSnappy(block, MOST)).toThrow(SnappyError);
  });

  it('refuses what is larger than allowed before it takes memory', () => {
    expect(() => decompressSnappy(bytes(0xff, 0xff, 0xff, 0xff, 0x0f), 2 ** 32)).toThrow(SnappyError);
    expect(() => decompressSnappy(snappyBlock(Buffer.alloc(2000)), 1999)).toThrow('at most 1999');
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (block) => {
        try {
          expect(decompressSnappy(block, MOST).length).toBeLessThanOrEqual(block.length * 64);
        } catch (error) {
          expect(error).toBeInstanceOf(SnappyError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
