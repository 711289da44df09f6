import { isUtf8 } from 'node:buffer';
import { giveBackBuffer, takeBuffer } from './buffer-pool.ts';

/** Up to so many bytes a loop is faster than a call into the runtime. */
const COPIED_BY_HAND = 48;

const NOTHING = Buffer.alloc(0);

/**
 * A growing run of bytes, little endian, only ever added to. Texts stand as ClickHouse and protobuf write them: the
 * length in bytes as LEB128, then UTF-8.
 */
export class Bytes {
  #buffer: Buffer;
  #view: DataView;
  length = 0;

  constructor(capacity = 1024) {
    this.#buffer = Buffer.allocUnsafe(capacity);
    this.#view = viewOf(this.#buffer);
  }

  #reserve(count: number): void {
    if (this.length + count > this.#buffer.length) this.#grow(count);
  }

  #grow(count: number): void {
    const larger = takeBuffer(Math.max(this.#buffer.length * 2, this.length + count));
    this.#buffer.copy(larger, 0, 0, this.length);
    giveBackBuffer(this.#buffer);
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }

  /** Whole numbers below 2^31. */
  varint(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.length++] = rest;
  }

  text(text: string): void {
    // Up to 42 UTF-16 units take at most 126 bytes: the length fits one byte and need not be known before.
    if (text.length <= 42) {
      this.#reserve(127);
      const size = this.#shortAscii(text) ?? this.#buffer.write(text, this.length + 1, 'utf8');
      this.#buffer[this.length] = size;
      this.length += size + 1;
      return;
    }
    const size = Buffer.byteLength(text);
    this.varint(size);
    this.#reserve(size);
    this.length += this.#buffer.write(text, this.length, 'utf8');
  }

  /** Writes the characters behind the place of the length; undefined where one of them is not ASCII. */
  #shortAscii(text: string): number | undefined {
    const buffer = this.#buffer;
    let at = this.length + 1;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return undefined;
      buffer[at++] = code;
    }
    return text.length;
  }

  /** A text that stands in `source` as UTF-8; what is broken of it becomes U+FFFD. */
  utf8(source: Buffer, start: number, end: number): void {
    this.varint(end - start);
    if (this.#copy(source, start, end) < 0x80) return;
    const copied = this.length - (end - start);
    if (isUtf8(this.#buffer.subarray(copied, this.length))) return;
    this.length = copied - varintSize(end - start);
    this.text(source.toString('utf8', start, end));
  }

  /** Appends bytes; the answer is below 0x80 only where all of them are known to be. */
  #copy(source: Buffer, start: number, end: number): number {
    this.#reserve(end - start);
    const buffer = this.#buffer;
    let at = this.length;
    this.length = at + end - start;
    if (end - start > COPIED_BY_HAND) {
      source.copy(buffer, at, start, end);
      return 0x80;
    }
    let all = 0;
    for (let index = start; index < end; index++) {
      const byte = source[index]!;
      all |= byte;
      buffer[at++] = byte;
    }
    return all;
  }

  /** What stands in another run from `start` to `end`. */
  append(other: Bytes, start: number, end: number): void {
    this.#copy(other.#buffer, start, end);
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.length++] = value;
  }

  uint8s(values: readonly number[]): void {
    this.#reserve(values.length);
    let at = this.length;
    for (let index = 0; index < values.length; index++) this.#buffer[at++] = values[index]!;
    this.length = at;
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.length, value, true);
    this.length += 2;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** Whole numbers from -2^53 to 2^53. */
  int64OfNumber(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    this.words(value - high * 0x1_0000_0000, high);
  }

  int64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigInt64(this.length, value, true);
    this.length += 8;
  }

  /** Two halves of 32 bits, the lower first. */
  words(low: number, high: number): void {
    this.#reserve(8);
    this.#view.setUint32(this.length, low, true);
    this.#view.setUint32(this.length + 4, high, true);
    this.length += 8;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Once more what stands from `start` to `end`. */
  repeat(start: number, end: number): void {
    this.#reserve(end - start);
    this.#buffer.copyWithin(this.length, start, end);
    this.length += end - start;
  }

  /** Forgets what was added after the length was `length`. */
  truncate(length: number): void {
    this.length = length;
  }

  /** Where the text that begins at `at` ends. */
  textEnd(at: number): number {
    const buffer = this.#buffer;
    let size = 0;
    let shift = 0;
    let next = at;
    for (;;) {
      const byte = buffer[next++]!;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) return next + size;
      shift += 7;
    }
  }

  /** The text that begins at `at`. */
  textAt(at: number): string {
    let start = at;
    while (this.#buffer[start]! >= 0x80) start++;
    return this.#buffer.toString('utf8', start + 1, this.textEnd(at));
  }

  /** Empties the run; its memory is used for something else. */
  release(): void {
    giveBackBuffer(this.#buffer);
    this.#buffer = NOTHING;
    this.#view = viewOf(NOTHING);
    this.length = 0;
  }

  /** The bytes so far; a view until the next addition or release. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}
