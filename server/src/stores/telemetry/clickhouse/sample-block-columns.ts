import { copyValues } from '../value-bits.ts';
import { type Column, NO_PREFIX } from './native-block.ts';

const TWO_TO_32 = 0x1_0000_0000;

/** A growing column of 64 bits a row, each as two words, the lower first. */
abstract class WordsColumn implements Column {
  abstract readonly type: string;
  readonly prefix = NO_PREFIX;
  protected words = new Uint32Array(0);
  protected rows = 0;

  /** Makes room for so many more rows. */
  reserve(rows: number): void {
    const needed = (this.rows + rows) * 2;
    if (needed <= this.words.length) return;
    const larger = new Uint32Array(Math.max(needed, this.words.length * 2));
    larger.set(this.words.subarray(0, this.rows * 2));
    this.words = larger;
  }

  get byteLength(): number {
    return this.rows * 8;
  }

  pieces(): Buffer[] {
    return [Buffer.from(this.words.buffer, 0, this.byteLength)];
  }

  release(): void {
    this.words = new Uint32Array(0);
    this.rows = 0;
  }

  mark(): () => void {
    const { rows } = this;
    return () => {
      this.rows = rows;
    };
  }
}

/** The same UInt64 for runs of rows. */
export class RepeatedUInt64Column extends WordsColumn {
  readonly type = 'UInt64';

  append(low: number, high: number, rows: number): void {
    this.reserve(rows);
    const { words } = this;
    const end = (this.rows + rows) * 2;
    for (let at = this.rows * 2; at < end; at += 2) {
      words[at] = low;
      words[at + 1] = high;
    }
    this.rows += rows;
  }

  /** Whole numbers up to 2^53. */
  appendNumber(value: number, rows: number): void {
    const high = Math.floor(value / TWO_TO_32);
    this.append(value - high * TWO_TO_32, high, rows);
  }
}

/** Unix milliseconds, rounded. */
export class TimestampColumn extends WordsColumn {
  readonly type = "DateTime64(3, 'UTC')";

  append(timestamps: ArrayLike<number>): void {
    this.reserve(timestamps.length);
    const { words } = this;
    let at = this.rows * 2;
    for (let index = 0; index < timestamps.length; index++) {
      const time = Math.round(timestamps[index]!);
      const high = Math.floor(time / TWO_TO_32);
      words[at++] = time - high * TWO_TO_32;
      words[at++] = high;
    }
    this.rows += timestamps.length;
  }
}

/** Doubles, bit for bit. */
export class ValueColumn extends WordsColumn {
  readonly type = 'Float64';
  #doubles = new Float64Array(this.words.buffer);

  append(values: ArrayLike<number>): void {
    this.reserve(values.length);
    if (this.#doubles.buffer !== this.words.buffer) this.#doubles = new Float64Array(this.words.buffer);
    copyValues(values, this.#doubles, this.words, this.rows);
    this.rows += values.length;
  }
}
