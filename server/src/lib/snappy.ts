/** A block that breaks the format, or is longer than what was allowed. */
export class SnappyError extends Error {
  override readonly name = 'SnappyError';
}

/** From here on the engine's own copy is faster than a loop. */
const LONG_LITERAL = 64;

/** Bytes that are moved at a time. */
const WORD = 8;
/** So that a copy may write whole words beyond its end. */
const SLACK = WORD - 1;
/** Memory that is kept for the next block. */
const MOST_KEPT = 4 * 1024 * 1024;

/** Decompresses one block after the other, into the same memory as far as they are not large. */
export class SnappyDecompressor {
  #kept = Buffer.alloc(0);

  /** Like `decompressSnappy`; the answer is good until the next call. */
  decompress(block: Uint8Array, most: number): Buffer {
    const { length, start } = checkedPreamble(block, most);
    if (length + SLACK > this.#kept.length && length + SLACK <= MOST_KEPT) {
      this.#kept = Buffer.allocUnsafeSlow(Math.min(MOST_KEPT, 2 * (length + SLACK)));
    }
    return fill(
      block,
      start,
      length,
      length + SLACK <= MOST_KEPT ? this.#kept : Buffer.allocUnsafeSlow(length + SLACK),
    );
  }
}

/**
 * Decompresses one block of snappy's raw format (no frames, no checksums). Memory is taken only after the length that
 * the block says to have was checked: against `most`, and against what so many bytes can hold at best.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function decompressSnappy(block: Uint8Array, most: number): Buffer {
  const { length, start } = checkedPreamble(block, most);
  return fill(block, start, length, Buffer.allocUnsafe(length + SLACK));
}

function checkedPreamble(block: Uint8Array, most: number): { length: number; start: number } {
  const { length, start } = readPreamble(block);
  if (length > most) throw new SnappyError(`the block has ${length} bytes; at most ${most} are taken`);
  // No element makes more than 64 bytes of 3.
  if (length > (block.length - start) * 64) throw new SnappyError('the block says to be longer than it can be');
  return { length, start };
}

function fill(block: Uint8Array, start: number, length: number, memory: Buffer): Buffer {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  const written = expand(block, start, memory, length, view);
  if (written !== length) throw new SnappyError(`the block ends after ${written} of ${length} bytes`);
  return memory.subarray(0, length);
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

/** Fills the first `size` bytes of `output`, which is a little longer; `view` is its memory. */
function expand(block: Uint8Array, start: number, output: Buffer, size: number, view: DataView): number {
  const source = new DataView(block.buffer, block.byteOffset, block.length);
  const end = block.length;
  let from = start;
  let to = 0;
  while (from < end) {
    const tag = block[from++]!;
    let length = (tag >>> 2) + 1;
    let offset: number;
    switch (tag & 3) {
      case 0:
        if (length > 60) {
          const extra = length - 60;
          length = littleEndian(block, from, extra) + 1;
          from += extra;
        }
        if (length > end - from || length > size - to) throw new SnappyError('a literal is too long');
        copyLiteral(source, from, length, view, to);
        from += length;
        to += length;
        continue;
      case 1:
        if (from >= end) throw cutOff();
        length = ((tag >>> 2) & 7) + 4;
        offset = ((tag >>> 5) << 8) | block[from]!;
        from += 1;
        break;
      case 2:
        if (from + 2 > end) throw cutOff();
        offset = block[from]! | (block[from + 1]! << 8);
        from += 2;
        break;
      default:
        offset = littleEndian(block, from, 4);
        from += 4;
    }
    if (offset === 0 || offset > to) throw new SnappyError('a copy points before the beginning');
    if (length > size - to) throw new SnappyError('a copy is too long');
    copyWithin(output, view, to, offset, length);
    to += length;
  }
  return to;
}

function cutOff(): SnappyError {
  return new SnappyError('the block ends inside of an element');
}

function littleEndian(block: Uint8Array, at: number, width: number): number {
  if (at + width > block.length) throw cutOff();
  let value = block[at]!;
  if (width > 1) value |= block[at + 1]! << 8;
  if (width > 2) value |= block[at + 2]! << 16;
  if (width > 3) value |= block[at + 3]! << 24;
  return value >>> 0;
}

function copyLiteral(source: DataView, from: number, length: number, output: DataView, to: number): void {
  if (length > LONG_LITERAL) {
    bytesOf(output).set(bytesOf(source).subarray(from, from + length), to);
  } else if (from + length + SLACK <= source.byteLength) {
    copyWords(source, from, output, to, length);
  } else {
    for (let index = 0; index < length; index++) output.setUint8(to + index, source.getUint8(from + index));
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A copy may reach into what it writes itself: `offset` 1 repeats one byte. */
function copyWithin(output: Buffer, view: DataView, to: number, offset: number, length: number): void {
  if (offset >= WORD) copyWords(view, to - offset, view, to, length);
  else for (let index = to; index < to + length; index++) output[index] = output[index - offset]!;
}

/** Whole words, the last one beyond the end. As integers: a double might change its bits on the way. */
function copyWords(source: DataView, from: number, target: DataView, to: number, length: number): void {
  for (let index = 0; index < length; index += WORD) {
    target.setBigUint64(to + index, source.getBigUint64(from + index, true), true);
  }
}
