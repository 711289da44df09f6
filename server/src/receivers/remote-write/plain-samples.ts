import type { SeriesSamples } from '../../model/metric.ts';
import { beginsAt, type IdentityCache, type KnownSeries, type LabelBytes } from './identity-cache.ts';

/** Tags of `prometheus.WriteRequest`: a series; of `prometheus.TimeSeries`: a label, a sample; of `Sample`: the value, the timestamp. */
const SERIES = 0x0a;
const LABEL = 0x0a;
const SAMPLE = 0x12;
const VALUE = 0x09;
const TIMESTAMP = 0x10;
/** Tag, value, tag, timestamp. */
const MOST_SAMPLE_BYTES = 17;
/** Up to 2^49: exact, and far beyond any time. */
const MOST_TIMESTAMP_BYTES = 7;
/** So many of its bits are put together at first. */
const LOW_BITS = 28;

/** So many values and fewer are cheaper in an array than as a view of common memory. */
const FEW = 2;

/** Samples that there is room for after a large request. */
const MOST_KEPT = 65_536;

/**
 * The short way for what nearly every series of nearly every request is: labels that came before, then samples of a
 * value and a timestamp, nothing else. All samples of a request are read into the same columns, and those of one
 * series, which may come in many pieces, are put together in the end.
 */
export class PlainSamples {
  readonly #known: IdentityCache;
  #times = new Float64Array(4096);
  #values = new Float64Array(4096);
  #words = new Uint32Array(this.#values.buffer);
  /** Of each sample, the place of its series. */
  #places = new Uint32Array(4096);
  #length = 0;
  #series: KnownSeries[] = [];
  #batch = 0;
  /** The series that was read last, also of other requests. */
  #last: KnownSeries | undefined;

  constructor(known: IdentityCache) {
    this.#known = known;
  }

  /** A new request; what is left of one that broke is forgotten. */
  begin(): void {
    this.#series = [];
    this.#length = 0;
    this.#batch++;
    if (this.#times.length > MOST_KEPT) this.#resize(MOST_KEPT);
  }

  /** Reads the series that stand at `at` and behind it in the message, as far as they are plain; answers where they end. */
  readAll(source: LabelBytes, at: number): number {
    const { bytes } = source;
    let end = at;
    while (bytes[end] === SERIES) {
      const length = bytes[end + 1]!;
      const isLong = length >= 0x80;
      const start = end + (isLong ? 3 : 2);
      // Two bytes at most: three are no small series, and a message that ends here has none.
      if (!(start < bytes.length) || (isLong && bytes[end + 2]! >= 0x80)) break;
      const stop = start + (isLong ? (length & 0x7f) | (bytes[end + 2]! << 7) : length);
      if (stop > bytes.length || !this.#read(source, start, stop)) break;
      end = stop;
    }
    return end;
  }

  /** Reads the series that fills `start <= i < end`. False, and nothing read, where it is not so plain. */
  #read(source: LabelBytes, start: number, end: number): boolean {
    const series = this.#seriesAt(source, start, end);
    if (!series) return false;
    const before = this.#length;
    const place = this.#placeOf(series);
    for (let at = start + series.key.byteLength; at < end; ) {
      at = this.#readSample(source, at, end, place);
      if (at < 0) {
        this.#length = before;
        return false;
      }
    }
    return true;
  }

  /** Told of a series that is read the long way. False where samples of it wait here, or may. */
  passes(series: KnownSeries): boolean {
    // One that is not remembered by its bytes cannot be expected.
    if (series.key.byteLength > 0) {
      if (this.#last) this.#last.next = series;
      this.#last = series;
    }
    const isNew = series.batch === 0;
    if (isNew) series.batch = -1;
    return !isNew && series.batch !== this.#batch;
  }

  /** First the one that came next the last time. */
  #seriesAt(source: LabelBytes, start: number, end: number): KnownSeries | undefined {
    const { bytes } = source;
    const expected = this.#last?.next;
    if (expected && bytes[start + expected.key.byteLength] === SAMPLE && beginsAt(expected, source, start)) {
      this.#last = expected;
      return start + expected.key.byteLength < end ? expected : undefined;
    }
    let labels = start;
    while (labels + 1 < end && bytes[labels] === LABEL && bytes[labels + 1]! < 0x80) labels += 2 + bytes[labels + 1]!;
    if (labels >= end || bytes[labels] !== SAMPLE) return undefined;
    const found = this.#known.get(source, start, labels);
    if (found) {
      if (this.#last) this.#last.next = found;
      this.#last = found;
    }
    return found;
  }

  #placeOf(series: KnownSeries): number {
    if (series.batch !== this.#batch) {
      series.batch = this.#batch;
      series.place = this.#series.length;
      this.#series.push(series);
    }
    return series.place;
  }

  /** Answers where the sample ends; -1 where it is no plain one. */
  #readSample({ bytes, view }: LabelBytes, at: number, end: number, place: number): number {
    if (at + 2 >= end || bytes[at] !== SAMPLE) return -1;
    const stop = at + 2 + bytes[at + 1]!;
    if (bytes[at + 1]! > MOST_SAMPLE_BYTES || stop > end) return -1;
    // A value of zero is left out.
    const hasValue = bytes[at + 2] === VALUE;
    const tag = at + (hasValue ? 11 : 2);
    if (tag + 1 >= stop || bytes[tag] !== TIMESTAMP) return -1;
    const time = readTime(bytes, tag + 1, stop);
    if (time < 0) return -1;
    if (this.#length === this.#times.length) this.#resize(this.#length * 2);
    const index = this.#length++;
    this.#times[index] = time;
    this.#words[2 * index] = hasValue ? view.getUint32(at + 3, true) : 0;
    this.#words[2 * index + 1] = hasValue ? view.getUint32(at + 7, true) : 0;
    this.#places[index] = place;
    return stop;
  }

  #resize(capacity: number): void {
    const [times, values, places] = [new Float64Array(capacity), new Float64Array(capacity), new Uint32Array(capacity)];
    times.set(this.#times.subarray(0, this.#length));
    values.set(this.#values.subarray(0, this.#length));
    places.set(this.#places.subarray(0, this.#length));
    this.#times = times;
    this.#values = values;
    this.#words = new Uint32Array(values.buffer);
    this.#places = places;
  }

  /** Hands out what was read, in the order of the request, a series at a time; begins anew. */
  drain(take: (series: KnownSeries, samples: Pick<SeriesSamples, 'timestamps' | 'values'>) => void): void {
    const series = this.#series;
    const length = this.#length;
    if (length === 0) return;
    this.#series = [];
    this.#length = 0;
    this.#batch++;
    const ends = this.#ends(series.length, length);
    const sorted = newSorted(length);
    const { times, words } = sorted;
    for (let index = length - 1; index >= 0; index--) {
      const to = --ends[this.#places[index]!]!;
      times[to] = this.#times[index]!;
      words[2 * to] = this.#words[2 * index]!;
      words[2 * to + 1] = this.#words[2 * index + 1]!;
    }
    let timestamps: ArrayLike<number> = [];
    for (let place = 0; place < series.length; place++) {
      const [from, to] = [ends[place]!, place + 1 < series.length ? ends[place + 1]! : length];
      if (from === to) continue;
      // The series of one target share their times.
      if (!isSame(timestamps, times, from, to)) timestamps = cut(times, from, to);
      take(series[place]!, { timestamps, values: cut(sorted.values, from, to) });
    }
  }

  /** Where the samples of each series will end. */
  #ends(series: number, length: number): Uint32Array {
    const ends = new Uint32Array(series);
    for (let index = 0; index < length; index++) ends[this.#places[index]!]!++;
    for (let place = 1; place < series; place++) ends[place]! += ends[place - 1]!;
    return ends;
  }
}

/**
 * The varint that fills `from <= i < end`. -1 where it is no plain timestamp: there is more, it is cut off, or it is
 * from before 1970, which takes ten bytes.
 */
function readTime(bytes: Uint8Array, from: number, end: number): number {
  const last = end - 1;
  if (last - from >= MOST_TIMESTAMP_BYTES || bytes[last]! >= 0x80) return -1;
  let [low, high] = [0, 0];
  for (let at = from, shift = 0; at < last; at++, shift += 7) {
    const byte = bytes[at]!;
    if (byte < 0x80) return -1;
    if (shift < LOW_BITS) low |= (byte & 0x7f) << shift;
    else high |= (byte & 0x7f) << (shift - LOW_BITS);
  }
  const shift = 7 * (last - from);
  if (shift < LOW_BITS) return low | (bytes[last]! << shift);
  return low + (high | (bytes[last]! << (shift - LOW_BITS))) * 2 ** LOW_BITS;
}

interface Sorted {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly words: Uint32Array;
}

function newSorted(length: number): Sorted {
  const values = new Float64Array(length);
  return { times: new Float64Array(length), values, words: new Uint32Array(values.buffer) };
}

/** NaN stays in its memory: as a number it may lose which one it is. */
function cut(column: Float64Array, from: number, to: number): ArrayLike<number> {
  const isFew = to - from <= FEW && !Number.isNaN(column[from]) && !Number.isNaN(column[to - 1]);
  if (!isFew) return column.subarray(from, to);
  return to - from === 1 ? [column[from]!] : [column[from]!, column[from + 1]!];
}

function isSame(list: ArrayLike<number>, column: Float64Array, from: number, to: number): boolean {
  if (list.length !== to - from) return false;
  for (let index = 0; index < list.length; index++) if (list[index] !== column[from + index]) return false;
  return true;
}
