/** A block that breaks the format, or is longer than what was allowed. */
export class SnappyError extends Error {
  override readonly name = 'SnappyError';
}

/** From here on the engine's own copy is faster than a loop. */
const LONG_COPY = 24;

/**
 * Decompresses one block of snappy's raw format (no frames, no checksums). Memory is taken only after the length that
 * the block says to have was checked: against `most`, and against what so many bytes can hold at best.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function decompressSnappy(block: Uint8Array, most: number): Buffer {
  const { length, start } = readPreamble(block);
  if (length > most) throw new SnappyError(`the block has ${length} bytes; at most ${most} are taken`);
  // No element makes more than 64 bytes of 3.
  if (length > (block.length - start) * 64) throw new SnappyError('the block says to be longer than it can be');
  const output = Buffer.allocUnsafe(length);
  const written = expand(block, start, output);
  if (written !== length) throw new SnappyError(`the block ends after ${written} of ${length} bytes`);
  return output;
}

/** The length is a varint of at most 32 bits. */
function readPreamble(block: Uint8Array): { length: number; start: number } {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = block[index];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) {
      if (length > 0xffff_ffff) break;
      return { length, start: index + 1 };
    }
  }
  throw new SnappyError('the block does not begin with its length');
}

function expand(block: Uint8Array, start: number, output: Buffer): number {
  const end = block.length;
  let from = start;
  let to = 0;
  while (from < end) {
    const tag = block[from++]!;
    let length: number;
    let offset: number;
    if ((tag & 3) === 0) {
      length = (tag >>> 2) + 1;
      if (length > 60) {
        const extra = length - 60;
        length = littleEndian(block, from, extra) + 1;
        from += extra;
      }
      if (length > end - from || length > output.length - to) throw new SnappyError('a literal is too long');
      copyLiteral(block, from, length, output, to);
      from += length;
      to += length;
      continue;
    }
    if ((tag & 3) === 1) {
      length = ((tag >>> 2) & 7) + 4;
      offset = ((tag >>> 5) << 8) | littleEndian(block, from, 1);
      from += 1;
    } else {
      const width = (tag & 3) === 2 ? 2 : 4;
      length = (tag >>> 2) + 1;
      offset = littleEndian(block, from, width);
      from += width;
    }
    if (offset === 0 || offset > to) throw new SnappyError('a copy points before the beginning');
    if (length > output.length - to) throw new SnappyError('a copy is too long');
    copyWithin(output, to, offset, length);
    to += length;
  }
  return to;
}

function littleEndian(block: Uint8Array, at: number, width: number): number {
  if (at + width > block.length) throw new SnappyError('the block ends inside of an element');
  let value = block[at]!;
  if (width > 1) value |= block[at + 1]! << 8;
  if (width > 2) value |= block[at + 2]! << 16;
  if (width > 3) value |= block[at + 3]! << 24;
  return value >>> 0;
}

function copyLiteral(block: Uint8Array, from: number, length: number, output: Buffer, to: number): void {
  if (length > LONG_COPY) output.set(block.subarray(from, from + length), to);
  else for (let index = 0; index < length; index++) output[to + index] = block[from + index]!;
}

/** A copy may reach into what it writes itself: `offset` 1 repeats one byte. */
function copyWithin(output: Buffer, to: number, offset: number, length: number): void {
  if (offset >= length && length > LONG_COPY) output.copyWithin(to, to - offset, to - offset + length);
  else for (let index = 0; index < length; index++) output[to + index] = output[to + index - offset]!;
}
