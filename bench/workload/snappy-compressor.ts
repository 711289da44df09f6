/** Matches are looked for within pieces of this size, as snappy's own compressor does. */
const PIECE = 1 << 16;
const HASH_BITS = 14;
const LEAST_MATCH = 4;
/** A copy element holds at most so many bytes. */
const MOST_COPY = 64;

/**
 * Compresses into one block of snappy's raw format. Compresses like the reference (greedy, one hash table), since
 * senders use that: https://github.com/google/snappy/blob/main/format_description.txt
 */
export class SnappyCompressor {
  readonly #table = new Uint32Array(1 << HASH_BITS);
  #output = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  /** The answer is good until the next call. */
  compress(plain: Buffer): Buffer {
    const most = 32 + plain.length + Math.ceil(plain.length / 6);
    if (this.#output.length < most) this.#output = Buffer.allocUnsafe(2 * most);
    this.#length = 0;
    let rest = plain.length;
    while (rest >= 0x80) {
      this.#output[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#output[this.#length++] = rest;
    const view = new DataView(plain.buffer, plain.byteOffset, plain.length);
    for (let start = 0; start < plain.length; start += PIECE) {
      this.#piece(plain, view, start, Math.min(start + PIECE, plain.length));
    }
    return this.#output.subarray(0, this.#length);
  }

  #piece(plain: Buffer, view: DataView, start: number, end: number): void {
    // Places are kept plus one: 0 is none.
    const table = this.#table.fill(0);
    let literal = start;
    let at = start;
    /** The longer nothing was found, the larger the steps: what cannot be compressed is passed over fast. */
    let misses = 32;
    while (at + LEAST_MATCH <= end) {
      const word = view.getUint32(at, true);
      const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
      const before = table[slot]! - 1;
      table[slot] = at + 1;
      if (before < start || view.getUint32(before, true) !== word) {
        at += misses++ >>> 5;
        continue;
      }
      let length = LEAST_MATCH;
      while (at + length < end && plain[before + length] === plain[at + length]) length++;
      this.#literal(plain, literal, at);
      this.#copy(at - before, length);
      at += length;
      literal = at;
      misses = 32;
    }
    this.#literal(plain, literal, end);
  }

  #literal(plain: Buffer, start: number, end: number): void {
    if (start === end) return;
    const output = this.#output;
    const size = end - start - 1;
    if (size < 60) output[this.#length++] = size << 2;
    else if (size < 0x100) {
      output[this.#length++] = 60 << 2;
      output[this.#length++] = size;
    } else {
      output[this.#length++] = 61 << 2;
      output[this.#length++] = size & 0xff;
      output[this.#length++] = size >>> 8;
    }
    plain.copy(output, this.#length, start, end);
    this.#length += end - start;
  }

  #copy(offset: number, length: number): void {
    const output = this.#output;
    let rest = length;
    while (rest > 0) {
      // What is left over must be a copy of its own again.
      const now = rest > MOST_COPY ? Math.min(MOST_COPY, rest - LEAST_MATCH) : rest;
      if (now < 12 && offset < 2048) {
        output[this.#length++] = 1 | ((now - 4) << 2) | ((offset >>> 8) << 5);
        output[this.#length++] = offset & 0xff;
      } else {
        output[this.#length++] = 2 | ((now - 1) << 2);
        output[this.#length++] = offset & 0xff;
        output[this.#length++] = offset >>> 8;
      }
      rest -= now;
    }
  }
}
