/** Protobuf's wire format into one growing buffer: fast enough to make hundreds of megabytes. */
export class WireWriter {
  #buffer = Buffer.allocUnsafe(1 << 20);
  length = 0;

  #reserve(count: number): void {
    if (this.length + count <= this.#buffer.length) return;
    this.#buffer = Buffer.concat([this.#buffer], 2 * this.#buffer.length + count);
  }

  varint(field: number, value: number): void {
    this.#reserve(16);
    this.#buffer[this.length++] = field << 3;
    this.#number(value);
  }

  double(field: number, value: number): void {
    this.#reserve(9);
    this.#buffer[this.length++] = (field << 3) | 1;
    this.length = this.#buffer.writeDoubleLE(value, this.length);
  }

  fixed64(field: number, value: bigint): void {
    this.#reserve(9);
    this.#buffer[this.length++] = (field << 3) | 1;
    this.length = this.#buffer.writeBigUInt64LE(value, this.length);
  }

  text(field: number, value: string): void {
    const mark = this.begin(field);
    this.#reserve(3 * value.length);
    this.length += this.#buffer.write(value, this.length, 'utf8');
    this.end(mark);
  }

  bytes(field: number, value: Uint8Array): void {
    const mark = this.begin(field);
    this.raw(value);
    this.end(mark);
  }

  /** Fields that are written already. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.length);
    this.length += value.length;
  }

  /** What is written until `end` with the answer is a message of its own. */
  begin(field: number): number {
    this.#reserve(2);
    this.#buffer[this.length++] = (field << 3) | 2;
    return ++this.length;
  }

  end(mark: number): void {
    const size = this.length - mark;
    let more = 0;
    for (let rest = size >>> 7; rest > 0; rest >>>= 7) more++;
    if (more > 0) {
      this.#reserve(more);
      this.#buffer.copyWithin(mark + more, mark, this.length);
    }
    const end = this.length + more;
    this.length = mark - 1;
    this.#number(size);
    this.length = end;
  }

  #number(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.length++] = rest;
  }

  /** Everything so far, and begins again. The answer is good until the next write. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(0, this.length);
    this.length = 0;
    return bytes;
  }
}
