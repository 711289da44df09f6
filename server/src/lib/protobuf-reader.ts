import { isUtf8 } from 'node:buffer';
import type { Bytes } from './bytes.ts';

/** A message that breaks the wire format. `message` says what and at which byte. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/** https://protobuf.dev/programming-guides/encoding/ */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const TWO_TO_32 = 4_294_967_296;
const CACHED_LENGTH = 48;
const CACHE_SIZE = 4096;

/**
 * Reads protobuf's wire format in one pass, without an object a message. Every length is checked against the message
 * that it stands in; groups and unknown wire types are refused. A field is read like this:
 *
 *     const outer = reader.enter();
 *     while (reader.next()) {
 *       if (reader.field === 1) name = reader.string();
 *       else reader.skip();
 *     }
 *     reader.leave(outer);
 */
export class ProtobufReader {
  readonly bytes: Buffer;
  readonly #view: DataView;
  readonly #strings: StringCache;
  #position = 0;
  #limit: number;
  #wireType = 0;
  #low = 0;
  #high = 0;
  /** Where `repeatedHex` read last, and what it gave. */
  #lastHex = 0;
  #lastHexEnd = 0;
  #lastHexText = '';
  /** Number of the field that `next` found. */
  field = 0;

  constructor(bytes: Uint8Array, strings: StringCache = new StringCache()) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#strings = strings;
    this.#limit = bytes.byteLength;
  }

  /** Where the reader stands; `rewind` goes to such a place within the same message. */
  get position(): number {
    return this.#position;
  }

  /** Where the present message ends. */
  get limit(): number {
    return this.#limit;
  }

  rewind(position: number): void {
    this.#position = position;
  }

  /** Goes to the next field of the present message; false at its end. */
  next(): boolean {
    if (this.#position >= this.#limit) return false;
    const tag = this.#smallVarint();
    this.field = tag >>> 3;
    this.#wireType = tag & 7;
    if (this.field === 0) throw this.#error('a field has the number 0');
    if (this.#wireType === 3 || this.#wireType === 4) throw this.#error('groups are not supported');
    if (this.#wireType > 5) throw this.#error(`there is no wire type ${this.#wireType}`);
    return true;
  }

  /** Enters the message that the present field holds; the answer goes to `leave`. */
  enter(): number {
    const end = this.#delimitedEnd();
    const outer = this.#limit;
    this.#limit = end;
    return outer;
  }

  leave(outer: number): void {
    this.#position = this.#limit;
    this.#limit = outer;
  }

  skip(): void {
    if (this.#wireType === VARINT) this.#varint();
    else if (this.#wireType === FIXED64) this.#advance(8);
    else if (this.#wireType === FIXED32) this.#advance(4);
    else this.#position = this.#delimitedEnd();
  }

  string(): string {
    const end = this.#delimitedEnd();
    const start = this.#position;
    this.#position = end;
    return this.#text(start, end);
  }

  /** A text; `undefined` where it is not UTF-8, which `string` mends. */
  validString(): string | undefined {
    const end = this.#delimitedEnd();
    const start = this.#position;
    this.#position = end;
    const text = this.#text(start, end);
    // Only what holds the sign for mended characters may have been mended.
    return text.includes('\uFFFD') && !isUtf8(this.bytes.subarray(start, end)) ? undefined : text;
  }

  #text(start: number, end: number): string {
    return end - start <= CACHED_LENGTH
      ? this.#strings.get(this.bytes, start, end)
      : this.bytes.toString('utf8', start, end);
  }

  /** Adds the text to `into`; what is broken of it becomes U+FFFD. */
  textInto(into: Bytes): void {
    const end = this.#delimitedEnd();
    into.utf8(this.bytes, this.#position, end);
    this.#position = end;
  }

  /** Steps over bytes and answers how many they were: they end at `position`. */
  delimited(): number {
    const end = this.#delimitedEnd();
    const size = end - this.#position;
    this.#position = end;
    return size;
  }

  /** Bytes as lower-case hex. */
  hex(): string {
    const end = this.#delimitedEnd();
    const start = this.#position;
    this.#position = end;
    return this.bytes.toString('hex', start, end);
  }

  /** The same, cheap where it is mostly what the call before gave: the trace id of one span after another. */
  repeatedHex(): string {
    const end = this.#delimitedEnd();
    const start = this.#position;
    this.#position = end;
    const { bytes } = this;
    const last = this.#lastHex;
    let index = end - start === this.#lastHexEnd - last ? 0 : -1;
    while (index >= 0 && index < end - start) index = bytes[start + index] === bytes[last + index] ? index + 1 : -1;
    if (index < 0) this.#lastHexText = bytes.toString('hex', start, end);
    this.#lastHex = start;
    this.#lastHexEnd = end;
    return this.#lastHexText;
  }

  base64(): string {
    const end = this.#delimitedEnd();
    const text = this.bytes.toString('base64', this.#position, end);
    this.#position = end;
    return text;
  }

  bool(): boolean {
    this.#expect(VARINT);
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  /** `int32`, `uint32` and enumerations: the low 32 bits, signed. */
  int32(): number {
    this.#expect(VARINT);
    this.#varint();
    return this.#low | 0;
  }

  /** `sint32`: zigzag. */
  sint32(): number {
    this.#expect(VARINT);
    this.#varint();
    return (this.#low >>> 1) ^ -(this.#low & 1);
  }

  /** `uint64` as a number: exact up to 2^53, the nearest double above. */
  uint64(): number {
    this.#expect(VARINT);
    this.#varint();
    return this.#high * TWO_TO_32 + this.#low;
  }

  /** `int64` in decimal digits. */
  int64Text(): string {
    this.#expect(VARINT);
    this.#varint();
    if (this.#high < 0x200000) return String(this.#high * TWO_TO_32 + this.#low);
    return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low)).toString();
  }

  fixed32(): number {
    this.#expect(FIXED32);
    const start = this.#advance(4);
    return this.#view.getUint32(start, true);
  }

  fixed64(): bigint {
    this.#expect(FIXED64);
    const start = this.#advance(8);
    return this.#view.getBigUint64(start, true);
  }

  /** `fixed64` as a number: exact up to 2^53, the nearest double above. */
  fixed64Number(): number {
    this.#expect(FIXED64);
    const start = this.#advance(8);
    return this.#view.getUint32(start + 4, true) * TWO_TO_32 + this.#view.getUint32(start, true);
  }

  /** `sfixed64` as a number: exact up to 2^53 either way, the nearest double beyond. */
  sfixed64Number(): number {
    this.#expect(FIXED64);
    const start = this.#advance(8);
    return this.#view.getInt32(start + 4, true) * TWO_TO_32 + this.#view.getUint32(start, true);
  }

  double(): number {
    this.#expect(FIXED64);
    const start = this.#advance(8);
    return this.#view.getFloat64(start, true);
  }

  /** Puts a double into `into[index]` bit for bit: a number of its own could lose which NaN it is. */
  doubleInto(into: DataView, index: number): void {
    this.#expect(FIXED64);
    const start = this.#advance(8);
    into.setUint32(index * 8, this.#view.getUint32(start, true), true);
    into.setUint32(index * 8 + 4, this.#view.getUint32(start + 4, true), true);
  }

  /** `int64` as a number: exact up to 2^53 either way, the nearest double beyond. */
  int64(): number {
    this.#expect(VARINT);
    this.#varint();
    return (this.#high | 0) * TWO_TO_32 + this.#low;
  }

  /** Appends repeated `sint64` (zigzag) as numbers, packed or not, up to a length of `most`; the rest is stepped over. */
  sint64s(into: number[], most: number): void {
    const outer = this.#wireType === LENGTH_DELIMITED ? this.enter() : undefined;
    do {
      if (outer !== undefined && this.#position >= this.#limit) break;
      if (outer === undefined) this.#expect(VARINT);
      this.#varint();
      const half = Math.floor((this.#high * TWO_TO_32 + this.#low) / 2);
      if (into.length < most) into.push((this.#low & 1) === 0 ? half : -half - 1);
    } while (outer !== undefined);
    if (outer !== undefined) this.leave(outer);
  }

  /** Appends a repeated `double`, packed or not, up to a length of `most`; the rest is stepped over. */
  doubles(into: number[], most: number): void {
    if (this.#wireType !== LENGTH_DELIMITED) {
      const value = this.double();
      if (into.length < most) into.push(value);
      return;
    }
    const end = this.#packedEnd(8);
    for (let at = this.#position; at < end && into.length < most; at += 8) into.push(this.#view.getFloat64(at, true));
    this.#position = end;
  }

  /** Appends a repeated `fixed64` as numbers, packed or not, up to a length of `most`; the rest is stepped over. */
  fixed64Numbers(into: number[], most: number): void {
    if (this.#wireType !== LENGTH_DELIMITED) {
      const value = this.fixed64Number();
      if (into.length < most) into.push(value);
      return;
    }
    const end = this.#packedEnd(8);
    for (let at = this.#position; at < end && into.length < most; at += 8) {
      into.push(this.#view.getUint32(at + 4, true) * TWO_TO_32 + this.#view.getUint32(at, true));
    }
    this.#position = end;
  }

  /** Appends a repeated `uint64` as numbers, packed or not, up to a length of `most`; the rest is stepped over. */
  uint64s(into: number[], most: number): void {
    if (this.#wireType !== LENGTH_DELIMITED) {
      const value = this.uint64();
      if (into.length < most) into.push(value);
      return;
    }
    const outer = this.enter();
    while (this.#position < this.#limit) {
      this.#varint();
      if (into.length < most) into.push(this.#high * TWO_TO_32 + this.#low);
    }
    this.leave(outer);
  }

  #expect(wireType: number): void {
    if (this.#wireType === wireType) return;
    throw this.#error(`field ${this.field} has wire type ${this.#wireType} instead of ${wireType}`);
  }

  /** Steps over `count` bytes and answers where they begin. */
  #advance(count: number): number {
    const start = this.#position;
    if (this.#limit - start < count) throw this.#error('a value ends too early');
    this.#position = start + count;
    return start;
  }

  #delimitedEnd(): number {
    this.#expect(LENGTH_DELIMITED);
    this.#varint();
    if (this.#high !== 0 || this.#low > this.#limit - this.#position) {
      throw this.#error(`field ${this.field} is longer than the message that holds it`);
    }
    return this.#position + this.#low;
  }

  #packedEnd(width: number): number {
    const end = this.#delimitedEnd();
    if ((end - this.#position) % width !== 0) throw this.#error(`field ${this.field} holds part of a value`);
    return end;
  }

  /** A tag: a varint of 32 bits, mostly one byte long. */
  #smallVarint(): number {
    const first = this.bytes[this.#position]!;
    if (first < 0x80) {
      this.#position++;
      return first;
    }
    this.#varint();
    if (this.#high !== 0) throw this.#error('a field number is too large');
    return this.#low;
  }

  /** Reads a varint of up to ten bytes into `#low` and `#high`, both unsigned 32 bits. */
  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#position >= this.#limit) throw this.#error('a varint ends too early');
      const byte = this.bytes[this.#position++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw this.#error('a varint is longer than ten bytes');
  }

  #error(what: string): ProtobufError {
    return new ProtobufError(`${what} (byte ${this.#position})`);
  }
}

/**
 * Remembers short ASCII texts by their bytes, so that the keys and values that come again and again are decoded once
 * and stored once. Bounded: a fixed number of places, the newest text of a place wins.
 */
export class StringCache {
  readonly #texts: string[] = new Array<string>(CACHE_SIZE).fill('');

  get(bytes: Buffer, start: number, end: number): string {
    let hash = end - start;
    for (let index = start; index < end; index++) hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
    const place = (hash ^ (hash >>> 15)) & (CACHE_SIZE - 1);
    const known = this.#texts[place]!;
    if (matches(known, bytes, start, end)) return known;
    const text = bytes.toString('utf8', start, end);
    this.#texts[place] = text;
    return text;
  }
}

/** A text with characters beyond ASCII never matches: it is shorter than its bytes or differs from them. */
function matches(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]!) return false;
  }
  return true;
}
