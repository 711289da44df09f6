/**
 * Reads ClickHouse's RowBinary format, value by value.
 * https://clickhouse.com/docs/interfaces/formats/RowBinary
 */
export class RowBinaryReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  int8(): number {
    return this.#view.getInt8(this.#at++);
  }

  uint8(): number {
    return this.#view.getUint8(this.#at++);
  }

  int32(): number {
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4, true);
  }

  uint64(): bigint {
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8, true);
  }

  /** As a number: exact up to 2^53 either way. Times in milliseconds (`DateTime64(3)`) are stored like this. */
  int64(): number {
    this.#at += 8;
    return this.#view.getInt32(this.#at - 4, true) * 0x1_0000_0000 + this.#view.getUint32(this.#at - 8, true);
  }

  float64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  string(): string {
    const length = this.#length();
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  /** Elements of an array or map. */
  array(element: () => number): number[] {
    const length = this.#length();
    const values: number[] = [];
    for (let index = 0; index < length; index++) values.push(element());
    return values;
  }

  textMap(): Record<string, string> {
    const entries: [string, string][] = [];
    for (let rest = this.#length(); rest > 0; rest--) entries.push([this.string(), this.string()]);
    return Object.fromEntries(entries);
  }

  #length(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }
}
