/**
 * Blocks in ClickHouse's Native format: rows are appended to columns, then all columns are joined to bytes.
 * https://clickhouse.com/docs/interfaces/formats/Native
 * Per column: name, type, data. Strings: length as LEB128, then UTF-8. Arrays and maps: the end offset of every row as
 * UInt64, then the elements; a map's keys, then its values.
 */

/** A growing run of bytes. */
class Bytes {
  #buffer: Buffer;
  length = 0;

  constructor(capacity = 1024) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.length + count));
    this.#buffer.copy(larger, 0, 0, this.length);
    this.#buffer = larger;
  }

  varint(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.length++] = rest;
  }

  string(text: string): void {
    // Up to 42 UTF-16 units take at most 126 bytes: the length fits one byte and need not be known before.
    if (text.length <= 42) {
      this.#reserve(127);
      const written = this.#buffer.write(text, this.length + 1, 'utf8');
      this.#buffer[this.length] = written;
      this.length += written + 1;
      return;
    }
    const size = Buffer.byteLength(text);
    this.varint(size);
    this.#reserve(size);
    this.length += this.#buffer.write(text, this.length, 'utf8');
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.length++] = value;
  }

  /** Whole numbers from -2^53 to 2^53. */
  int64OfNumber(value: number): void {
    this.#reserve(8);
    const high = Math.floor(value / 0x1_0000_0000);
    this.#buffer.writeUInt32LE(value - high * 0x1_0000_0000, this.length);
    this.length = this.#buffer.writeInt32LE(high, this.length + 4);
  }

  int64(value: bigint): void {
    this.#reserve(8);
    this.length = this.#buffer.writeBigInt64LE(BigInt.asIntN(64, value), this.length);
  }

  /** Two halves of 32 bits, the lower first. */
  words(low: number, high: number): void {
    this.#reserve(8);
    this.length = this.#buffer.writeUInt32LE(low, this.length);
    this.length = this.#buffer.writeUInt32LE(high, this.length);
  }

  float64(value: number): void {
    this.#reserve(8);
    this.length = this.#buffer.writeDoubleLE(value, this.length);
  }

  /** Once more what stands from `start` to `end`. */
  repeat(start: number, end: number): void {
    this.#reserve(end - start);
    this.#buffer.copyWithin(this.length, start, end);
    this.length += end - start;
  }

  view(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }
}

/** One column of a block, or what is inside of one: knows its ClickHouse type and its bytes. */
export interface Column {
  readonly type: string;
  readonly byteLength: number;
  /** The column's bytes in pieces; views that the next append may invalidate. */
  pieces(): Buffer[];
}

abstract class PlainColumn implements Column {
  abstract readonly type: string;
  protected readonly bytes = new Bytes();

  get byteLength(): number {
    return this.bytes.length;
  }

  pieces(): Buffer[] {
    return [this.bytes.view()];
  }
}

export class StringColumn extends PlainColumn {
  readonly type = 'String';

  append(text: string): void {
    this.bytes.string(text);
  }

  repeat(start: number, end: number): void {
    this.bytes.repeat(start, end);
  }
}

export class UInt8Column extends PlainColumn {
  readonly type = 'UInt8';

  append(value: number): void {
    this.bytes.uint8(value);
  }
}

export class UInt64Column extends PlainColumn {
  readonly type = 'UInt64';

  append(value: bigint): void {
    this.bytes.int64(value);
  }

  appendNumber(value: number): void {
    this.bytes.int64OfNumber(value);
  }

  appendWords(low: number, high: number): void {
    this.bytes.words(low, high);
  }
}

export class Float64Column extends PlainColumn {
  readonly type = 'Float64';

  append(value: number): void {
    this.bytes.float64(value);
  }

  /** A double by its bits, the lower half first: NaN with a payload does not always survive as a number. */
  appendWords(low: number, high: number): void {
    this.bytes.words(low, high);
  }
}

/** Unix milliseconds. */
export class MillisecondsColumn extends PlainColumn {
  readonly type = "DateTime64(3, 'UTC')";

  append(unixMilliseconds: number): void {
    this.bytes.int64OfNumber(Math.round(unixMilliseconds));
  }
}

const LEAST_NANO = -(2n ** 63n);
const MOST_NANO = 2n ** 63n - 1n;

/** Unix nanoseconds; the ends of the range stand for what lies beyond (years 1677 and 2262). */
export class NanosecondsColumn extends PlainColumn {
  readonly type = "DateTime64(9, 'UTC')";

  append(unixNanoseconds: bigint): void {
    const clamped =
      unixNanoseconds > MOST_NANO ? MOST_NANO : unixNanoseconds < LEAST_NANO ? LEAST_NANO : unixNanoseconds;
    this.bytes.int64(clamped);
  }
}

type TextMap = Readonly<Record<string, string>>;

export class MapColumn implements Column {
  readonly type = 'Map(String, String)';
  readonly #ends = new UInt64Column();
  readonly #keys = new StringColumn();
  readonly #values = new StringColumn();
  #entries = 0;
  #last: { map: TextMap; count: number; keys: [number, number]; values: [number, number] } | undefined;

  /** The same object as in the row before costs a copy only: records of one resource come one after another. */
  append(map: TextMap): void {
    if (this.#last?.map === map) {
      this.#entries += this.#last.count;
      this.#keys.repeat(...this.#last.keys);
      this.#values.repeat(...this.#last.values);
    } else {
      this.#encode(map);
    }
    this.#ends.appendNumber(this.#entries);
  }

  #encode(map: TextMap): void {
    const keysFrom = this.#keys.byteLength;
    const valuesFrom = this.#values.byteLength;
    let count = 0;
    for (const key in map) {
      this.#keys.append(key);
      this.#values.append(map[key]!);
      count++;
    }
    this.#entries += count;
    this.#last = {
      map,
      count,
      keys: [keysFrom, this.#keys.byteLength],
      values: [valuesFrom, this.#values.byteLength],
    };
  }

  get byteLength(): number {
    return this.#ends.byteLength + this.#keys.byteLength + this.#values.byteLength;
  }

  pieces(): Buffer[] {
    return [...this.#ends.pieces(), ...this.#keys.pieces(), ...this.#values.pieces()];
  }
}

/** A column of arrays; elements are appended to `elements`, `endRow` closes a row. */
export class ArrayColumn<Elements extends Column> implements Column {
  readonly type: string;
  readonly elements: Elements;
  readonly #ends = new UInt64Column();
  #count = 0;

  constructor(elements: Elements) {
    this.elements = elements;
    this.type = `Array(${elements.type})`;
  }

  /** `count`: elements that were appended for this row. */
  endRow(count: number): void {
    this.#count += count;
    this.#ends.appendNumber(this.#count);
  }

  get byteLength(): number {
    return this.#ends.byteLength + this.elements.byteLength;
  }

  pieces(): Buffer[] {
    return [...this.#ends.pieces(), ...this.elements.pieces()];
  }
}

/** The bytes of a block; `columns` in any order, by name. */
export function encodeBlock(columns: Readonly<Record<string, Column>>, rows: number): Buffer {
  const names = Object.keys(columns);
  const head = new Bytes();
  head.varint(names.length);
  head.varint(rows);
  const pieces: Buffer[] = [head.view()];
  for (const name of names) {
    const column = columns[name]!;
    const heading = new Bytes(64);
    heading.string(name);
    heading.string(column.type);
    pieces.push(heading.view(), ...column.pieces());
  }
  return Buffer.concat(pieces);
}
