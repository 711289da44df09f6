const NEWLINE = 10;

/** A line of the body, counted from 1. `undefined` text: it was longer than may be, and its rest was passed over. */
export interface Line {
  readonly number: number;
  readonly text: string | undefined;
}

/** Cuts a stream of UTF-8 bytes into lines, holding no more of it than one line. Empty lines are counted only. */
export class LineSplitter {
  readonly #mostBytes: number;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #number = 0;
  #isTooLong = false;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  push(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#finish(lines);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return lines;
  }

  /** The last line, where no newline ended it. */
  end(): Line[] {
    const lines: Line[] = [];
    if (this.#restBytes > 0 || this.#isTooLong) this.#finish(lines);
    return lines;
  }

  #keep(bytes: Buffer): void {
    if (this.#isTooLong || bytes.length === 0) return;
    this.#isTooLong = this.#restBytes + bytes.length > this.#mostBytes;
    if (this.#isTooLong) this.#forget();
    else {
      this.#rest.push(bytes);
      this.#restBytes += bytes.length;
    }
  }

  #finish(lines: Line[]): void {
    this.#number++;
    if (this.#isTooLong) lines.push({ number: this.#number, text: undefined });
    else if (this.#restBytes > 0) {
      const whole = this.#rest.length === 1 ? this.#rest[0]! : Buffer.concat(this.#rest);
      const text = whole.toString('utf8').trim();
      if (text !== '') lines.push({ number: this.#number, text });
    }
    this.#forget();
    this.#isTooLong = false;
  }

  #forget(): void {
    this.#rest = [];
    this.#restBytes = 0;
  }
}
