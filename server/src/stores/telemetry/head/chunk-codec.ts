import type { SampleBuffer } from './sample-buffer.ts';

/**
 * A run of samples as bytes, without loss, made to be read fast by a loop over bytes.
 *
 * Times (the first stands outside): differences of differences, zigzag, as varints; the lowest bit of each tells that a
 * number of repetitions follows. Values: one byte says how, then
 *   0-9  whole multiples of 10^-n: the first, then differences, both written like the times;
 *   254  the bits of the first, then of each those bytes that differ from the one before, after a byte that says which;
 *   255  one for all, its bits.
 */

const CONSTANT = 255;
const BITS = 254;
const MOST_DECIMALS = 6;
const POWERS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000] as const;
/** So that a difference, zigzag and with its flag, is an exact number. */
const MOST_MULTIPLE = 2 ** 50;

/** Most bytes of `count` samples. */
export function mostBytes(count: number): number {
  return 32 + count * 28;
}

/** Writes the samples `from <= i < to` to `target[0]` and on, and answers how many bytes they took. */
export function encodeChunk(samples: SampleBuffer, from: number, to: number, target: Uint8Array<ArrayBuffer>): number {
  writer.target = target;
  writer.at = 0;
  writeTimes(samples.times, from, to);
  writeValues(samples, from, to);
  return writer.at;
}

/** Where the next byte goes: one for all, since encoding is never interrupted. */
const writer = {
  target: new Uint8Array(0),
  at: 0,

  varint(value: number): void {
    let rest = value;
    while (rest >= 0x8000_0000) {
      const next = Math.floor(rest / 128);
      this.target[this.at++] = (rest - next * 128) | 0x80;
      rest = next;
    }
    while (rest >= 0x80) {
      this.target[this.at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.target[this.at++] = rest;
  },

  /** `step` so many times. */
  run(step: number, count: number): void {
    if (count === 0) return;
    const zigzag = step >= 0 ? step * 2 : step * -2 - 1;
    this.varint(zigzag * 2 + (count > 1 ? 1 : 0));
    if (count > 1) this.varint(count);
  },
};

function writeTimes(times: Float64Array, from: number, to: number): void {
  let previous = times[from]!;
  let difference = 0;
  let step = 0;
  let count = 0;
  for (let index = from + 1; index < to; index++) {
    const next = times[index]! - previous;
    if (count === 0 || next - difference !== step) {
      writer.run(step, count);
      step = next - difference;
      count = 0;
    }
    count++;
    difference = next;
    previous = times[index]!;
  }
  writer.run(step, count);
}

function writeValues(samples: SampleBuffer, from: number, to: number): void {
  if (isConstant(samples.words, from, to)) {
    writer.target[writer.at++] = CONSTANT;
    writeBits(samples.bytes, from);
    return;
  }
  const decimals = decimalsOf(samples.values, from, to);
  if (decimals === undefined) {
    writer.target[writer.at++] = BITS;
    writeBits(samples.bytes, from);
    for (let index = from + 1; index < to; index++) writeChange(samples.bytes, index);
    return;
  }
  writer.target[writer.at++] = decimals;
  writeMultiples(samples.values, from, to, POWERS[decimals]!);
}

function isConstant(words: Uint32Array, from: number, to: number): boolean {
  for (let at = 2 * from + 2; at < 2 * to; at += 2) {
    if (words[at] !== words[at - 2] || words[at + 1] !== words[at - 1]) return false;
  }
  return true;
}

/** With so many decimals every value is written exactly; `undefined` where there is no such number. */
function decimalsOf(values: Float64Array, from: number, to: number): number | undefined {
  let decimals = 0;
  for (let index = from; index < to; index++) {
    const value = values[index]!;
    while (!isMultiple(value, POWERS[decimals]!)) if (++decimals > MOST_DECIMALS) return undefined;
  }
  // More decimals than a value needs make it larger.
  const power = POWERS[decimals]!;
  for (let index = from; index < to; index++) if (!isMultiple(values[index]!, power)) return undefined;
  return decimals;
}

function isMultiple(value: number, power: number): boolean {
  const multiple = Math.round(value * power);
  return multiple / power === value && Math.abs(multiple) <= MOST_MULTIPLE && (value !== 0 || !Object.is(value, -0));
}

function writeMultiples(values: Float64Array, from: number, to: number, power: number): void {
  let previous = Math.round(values[from]! * power);
  writer.run(previous, 1);
  let step = 0;
  let count = 0;
  for (let index = from + 1; index < to; index++) {
    const multiple = Math.round(values[index]! * power);
    if (count === 0 || multiple - previous !== step) {
      writer.run(step, count);
      step = multiple - previous;
      count = 0;
    }
    count++;
    previous = multiple;
  }
  writer.run(step, count);
}

function writeBits(bytes: Uint8Array, index: number): void {
  for (let byte = 0; byte < 8; byte++) writer.target[writer.at++] = bytes[8 * index + byte]!;
}

/** The bytes that differ: the position of the lowest one, with their number times 16. */
function writeChange(bytes: Uint8Array, index: number): void {
  const start = 8 * index;
  let low = 0;
  while (low < 8 && bytes[start + low] === bytes[start + low - 8]) low++;
  if (low === 8) {
    writer.target[writer.at++] = 0;
    return;
  }
  let high = 7;
  while (bytes[start + high] === bytes[start + high - 8]) high--;
  writer.target[writer.at++] = low | ((high - low + 1) << 4);
  for (let byte = low; byte <= high; byte++) writer.target[writer.at++] = bytes[start + byte]!;
}

/** Where the next byte comes from: one for all, since decoding is never interrupted. */
const reader = {
  source: new Uint8Array(0),
  at: 0,
  /** Of the run that was read last. */
  step: 0,
  count: 0,

  varint(): number {
    const first = this.source[this.at++]!;
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.source[this.at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    let scale = 2 ** 28;
    for (;;) {
      const byte = this.source[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  },

  run(): void {
    const token = this.varint();
    if (token < 2 ** 31) {
      this.step = (token >>> 2) ^ -((token >>> 1) & 1);
      this.count = (token & 1) === 0 ? 1 : this.varint();
      return;
    }
    const zigzag = Math.floor(token / 2);
    this.step = zigzag % 2 === 0 ? zigzag / 2 : (zigzag + 1) / -2;
    this.count = token % 2 === 0 ? 1 : this.varint();
  },
};

/** Appends the `count` samples whose bytes begin at `source[at]` and whose first time is `first`. */
export function decodeChunk(
  source: Uint8Array<ArrayBuffer>,
  at: number,
  first: number,
  count: number,
  target: SampleBuffer,
): void {
  target.reserve(count);
  reader.source = source;
  reader.at = at;
  const from = target.length;
  readTimes(target.times, from, from + count, first);
  readValues(target, from, from + count);
  target.length = from + count;
}

function readTimes(times: Float64Array, from: number, to: number, first: number): void {
  let time = first;
  let difference = 0;
  times[from] = first;
  for (let index = from + 1; index < to; ) {
    reader.run();
    const { step } = reader;
    for (const end = index + reader.count; index < end; index++) {
      difference += step;
      time += difference;
      times[index] = time;
    }
  }
}

function readValues({ values, words, bytes }: SampleBuffer, from: number, to: number): void {
  const kind = reader.source[reader.at++]!;
  if (kind < BITS) {
    readMultiples(values, from, to, POWERS[kind]!);
    return;
  }
  for (let byte = 0; byte < 8; byte++) bytes[8 * from + byte] = reader.source[reader.at++]!;
  for (let index = from + 1; index < to; index++) {
    words[2 * index] = words[2 * index - 2]!;
    words[2 * index + 1] = words[2 * index - 1]!;
    if (kind === CONSTANT) continue;
    const change = reader.source[reader.at++]!;
    const start = 8 * index + (change & 0xf);
    const end = start + (change >>> 4);
    for (let byte = start; byte < end; byte++) bytes[byte] = reader.source[reader.at++]!;
  }
}

function readMultiples(values: Float64Array, from: number, to: number, power: number): void {
  reader.run();
  let multiple = reader.step;
  values[from] = multiple / power;
  for (let index = from + 1; index < to; ) {
    reader.run();
    const { step } = reader;
    for (const end = index + reader.count; index < end; index++) {
      multiple += step;
      values[index] = multiple / power;
    }
  }
}
