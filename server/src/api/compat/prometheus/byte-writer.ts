import { putInteger, putSeconds, putText, secondsText } from './digits.ts';

const FIRST_BYTES = 16 * 1024;
const LONGEST_PENDING = 4096;
/** More than any number or point takes. */
const LONGEST_POINT = 400;
/** `-8640000000000.000`, and a little more. */
const LONGEST_TIME = 24;
const COMMA = 44;
const OPENING = 91;
const CLOSING = 93;
const QUOTE = 34;

/** Thrown by `ByteWriter` beyond its limit. */
export class TooManyBytesError extends Error {
  override readonly name = 'TooManyBytesError';
}

/**
 * Text written straight into one growing buffer. Points of series are most of a large answer: their whole numbers are
 * written without making strings, and a value that repeats is copied.
 */
export class ByteWriter {
  readonly #mostBytes: number;
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;
  /** Text that is not among the bytes yet: many small writes cost more than one large one. */
  #pending = '';
  #times: EncodedTimes | undefined;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  text(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= LONGEST_PENDING) this.#flush();
  }

  #flush(): void {
    const text = this.#pending;
    if (text === '') return;
    this.#pending = '';
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  /** `[1435781451.781,"1.5"]` of each point, with commas between; those that `isLeftOut` are not written. */
  points(milliseconds: Float64Array, values: Float64Array, isLeftOut?: (position: number) => boolean): void {
    if (this.#times?.of !== milliseconds) this.#times = encodeTimes(milliseconds);
    const { texts, ends } = this.#times;
    this.#flush();
    let isFirst = true;
    let last = Number.NaN;
    let lastStart = 0;
    let lastEnd = 0;
    for (let i = 0; i < milliseconds.length; i++) {
      if (isLeftOut?.(i)) continue;
      this.#reserve(LONGEST_POINT);
      const bytes = this.#bytes;
      let at = this.#length;
      if (!isFirst) bytes[at++] = COMMA;
      isFirst = false;
      bytes[at++] = OPENING;
      for (let from = i === 0 ? 0 : ends[i - 1]!; from < ends[i]!; from++) bytes[at++] = texts[from]!;
      bytes[at++] = COMMA;
      bytes[at++] = QUOTE;
      const value = values[i]!;
      const start = at;
      // Zeros are left to the other way: there are two.
      if (value === last && value !== 0) for (let from = lastStart; from < lastEnd; from++) bytes[at++] = bytes[from]!;
      else at = putValue(bytes, at, value);
      last = value;
      lastStart = start;
      lastEnd = at;
      bytes[at++] = QUOTE;
      bytes[at++] = CLOSING;
      this.#length = at;
    }
  }

  /** Seconds with as many decimals as Prometheus gives: none or three. */
  timestamp(milliseconds: number): void {
    this.text(secondsText(milliseconds));
  }

  /** A number in quotes, in Prometheus' form. */
  value(value: number): void {
    this.text(`"${sampleText(value)}"`);
  }

  finish(): Buffer {
    this.#flush();
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count > this.#bytes.length) this.#grow(this.#length + count);
  }

  #grow(needed: number): void {
    if (needed > this.#mostBytes) throw new TooManyBytesError(`the answer is larger than ${this.#mostBytes} bytes`);
    const grown = Buffer.allocUnsafe(Math.min(this.#mostBytes, Math.max(needed, this.#bytes.length * 2)));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** The times of a column, which the series of a range query share, as they stand in the answer. */
interface EncodedTimes {
  readonly of: Float64Array;
  readonly texts: Buffer;
  readonly ends: Uint32Array;
}

function encodeTimes(milliseconds: Float64Array): EncodedTimes {
  const texts = Buffer.allocUnsafe(milliseconds.length * LONGEST_TIME);
  const ends = new Uint32Array(milliseconds.length);
  let at = 0;
  for (let i = 0; i < milliseconds.length; i++) {
    at = putSeconds(texts, at, milliseconds[i]!);
    ends[i] = at;
  }
  return { of: milliseconds, texts, ends };
}

function putValue(bytes: Buffer, at: number, value: number): number {
  const integer = value | 0;
  return integer === value && integer !== 0 ? putInteger(bytes, at, integer) : putText(bytes, at, sampleText(value));
}

/** A sample's value as Prometheus writes it: shortest digits, from 1e21 and below 1e-6 with an exponent (`1e-07`). */
export function sampleText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  const text = String(value);
  const size = Math.abs(value);
  return size < 1e-6 && size > 1e-10 ? text.replace(/e-(\d)$/, 'e-0$1') : text;
}
