import { joinBuffers } from '../../../lib/buffer-pool.ts';
import { Bytes } from '../../../lib/bytes.ts';

/**
 * Blocks in ClickHouse's Native format: rows are appended to columns, then all columns are joined to bytes.
 * https://clickhouse.com/docs/interfaces/formats/Native
 * Per column: name, type, data. Strings: length as LEB128, then UTF-8. Arrays and maps: the end offset of every row as
 * UInt64, then the elements; a map's keys, then its values.
 */

/** One column of a block, or what is inside of one: knows its ClickHouse type and its bytes. */
export interface Column {
  readonly type: string;
  readonly byteLength: number;
  /** Goes before the data of the whole column, wherever in it the type that wants it stands. */
  readonly prefix: Buffer;
  /** The column's bytes in pieces; views until the next append or `release`. */
  pieces(): Buffer[];
  /** Empties the column. */
  release(): void;
  /** Remembers how far the column is; what the answer does is to forget all that was appended since. */
  mark(): () => void;
}

export const NO_PREFIX = Buffer.alloc(0);

abstract class PlainColumn implements Column {
  abstract readonly type: string;
  readonly prefix = NO_PREFIX;
  protected readonly bytes = new Bytes();

  get byteLength(): number {
    return this.bytes.length;
  }

  pieces(): Buffer[] {
    return [this.bytes.view()];
  }

  release(): void {
    this.bytes.release();
  }

  mark(): () => void {
    const { length } = this.bytes;
    return () => this.bytes.truncate(length);
  }
}

export class StringColumn extends PlainColumn {
  readonly type = 'String';

  append(text: string): void {
    this.bytes.text(text);
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

export class UInt32Column extends PlainColumn {
  readonly type = 'UInt32';

  append(value: number): void {
    this.bytes.uint32(value);
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
  readonly prefix = NO_PREFIX;
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

  release(): void {
    this.#ends.release();
    this.#keys.release();
    this.#values.release();
    this.#entries = 0;
    this.#last = undefined;
  }

  mark(): () => void {
    const entries = this.#entries;
    const rewinds = [this.#ends.mark(), this.#keys.mark(), this.#values.mark()];
    return () => {
      for (const rewind of rewinds) rewind();
      this.#entries = entries;
      this.#last = undefined;
    };
  }
}

/** A column of arrays; elements are appended to `elements`, `endRow` closes a row. */
export class ArrayColumn<Elements extends Column> implements Column {
  readonly type: string;
  readonly prefix: Buffer;
  readonly elements: Elements;
  readonly #ends = new UInt64Column();
  #count = 0;

  constructor(elements: Elements) {
    this.elements = elements;
    this.prefix = elements.prefix;
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

  release(): void {
    this.#ends.release();
    this.elements.release();
    this.#count = 0;
  }

  mark(): () => void {
    const count = this.#count;
    const rewinds = [this.#ends.mark(), this.elements.mark()];
    return () => {
      for (const rewind of rewinds) rewind();
      this.#count = count;
    };
  }
}

/**
 * The bytes of a block; `columns` in any order, by name. The columns are empty afterwards. Who is done with the bytes
 * gives them back to the pool of buffers.
 */
export function encodeBlock(columns: Readonly<Record<string, Column>>, rows: number): Buffer {
  const names = Object.keys(columns);
  const head = new Bytes();
  head.varint(names.length);
  head.varint(rows);
  const pieces: Buffer[] = [head.view()];
  for (const name of names) {
    const column = columns[name]!;
    const heading = new Bytes(64);
    heading.text(name);
    heading.text(column.type);
    pieces.push(heading.view(), column.prefix, ...column.pieces());
  }
  const block = joinBuffers(pieces);
  for (const name of names) columns[name]!.release();
  return block;
}
