import { copyValues } from '../value-bits.ts';
import { decodeChunk, encodeChunk, mostBytes } from './chunk-codec.ts';
import { type Chunk, RecentSeries } from './recent-series.ts';
import { SampleBuffer } from './sample-buffer.ts';
import { Segments } from './segments.ts';

export interface HeadOptions {
  /** Unix milliseconds: no sample at or after it was stored before the head began. */
  readonly coverageStart: number;
  /** Samples so much older than the clock go, milliseconds. Default 26 hours: a day, and what looks back from it. */
  readonly windowMs?: number;
  /** When it needs more, the oldest samples go. Default 192 MiB. */
  readonly memoryBytes?: number;
}

/** Samples of one series, in order. */
export interface StoredSamples {
  readonly series: RecentSeries;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

const HOUR = 3_600_000;
const MIB = 1024 * 1024;

/** Samples of a chunk, and the most that the open block of a series holds. */
const CHUNK_SAMPLES = 128;
const LEAST_OPEN_SAMPLES = 16;
/** A chunk that late samples made larger is divided. */
const MOST_CHUNK_SAMPLES = 2 * CHUNK_SAMPLES;
/** A series without samples for so long gives its open block back, milliseconds. */
const IDLE_MS = 900_000;

/** About what the bookkeeping costs, bytes: of a series, of a chunk, of an open block besides its samples. */
const SERIES_BYTES = 200;
const CHUNK_BYTES = 110;
const OPEN_BYTES = 500;

/**
 * The newest samples of all series in memory: every stored sample from `coverageStart` on. The newest of a series
 * stand in plain columns, older ones in compressed chunks; late samples go to their place, and of two with one
 * timestamp the one that was written later counts.
 */
export class Head {
  readonly #series = new Set<RecentSeries>();
  readonly #segments = new Segments();
  readonly #windowMs: number;
  readonly #memoryBytes: number;
  #coverageStart: number;
  /** Samples from before are not taken; earlier than `#coverageStart` while older ones are being loaded. */
  #keepFrom: number;
  #chunks = 0;
  #openSamples = 0;
  #openBlocks = 0;

  constructor({ coverageStart, windowMs = 26 * HOUR, memoryBytes = 192 * MIB }: HeadOptions) {
    this.#coverageStart = coverageStart;
    this.#keepFrom = coverageStart;
    this.#windowMs = windowMs;
    this.#memoryBytes = memoryBytes;
  }

  /** From here on the head knows every stored sample, Unix milliseconds. */
  get coverageStart(): number {
    return this.#coverageStart;
  }

  /** About the memory that it takes. */
  get heldBytes(): number {
    return (
      this.#segments.heldBytes +
      this.#chunks * CHUNK_BYTES +
      this.#series.size * SERIES_BYTES +
      this.#openBlocks * OPEN_BYTES +
      this.#openSamples * 16
    );
  }

  /** True where more samples would soon drive others out. */
  get isNearlyFull(): boolean {
    return this.heldBytes > (this.#memoryBytes / 4) * 3;
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  /** A place for the samples of a series. */
  newSeries(): RecentSeries {
    return new RecentSeries();
  }

  /** Takes stored samples; those from before `coverageStart` are left to the table. */
  append(series: RecentSeries, timestamps: ArrayLike<number>, values: ArrayLike<number>): void {
    if (this.#appendBehind(series.open, timestamps, values)) return;
    const { length } = timestamps;
    incoming.length = 0;
    incoming.reserve(length);
    copyValues(values, incoming.values, incoming.words, 0);
    for (let index = 0; index < length; index++) {
      const time = Math.round(timestamps[index]!);
      if (time >= this.#keepFrom) this.#put(series, time, index);
    }
  }

  /** The short way for samples that all come behind those of the open block, and have room there. False: not so. */
  #appendBehind(open: SampleBuffer | undefined, timestamps: ArrayLike<number>, values: ArrayLike<number>): boolean {
    if (!open || open.length === 0 || open.length + timestamps.length > open.times.length) return false;
    let last = Math.max(open.times[open.length - 1]!, this.#keepFrom - 1);
    for (let index = 0; index < timestamps.length; index++) {
      const time = Math.round(timestamps[index]!);
      if (time <= last) return false;
      open.times[open.length + index] = time;
      last = time;
    }
    copyValues(values, open.values, open.words, open.length);
    open.length += timestamps.length;
    return true;
  }

  /** Keeps what comes from now on if it is from `start` or later, so that `extend` may bring the rest. */
  keepFrom(start: number): void {
    this.#keepFrom = Math.min(start, this.#coverageStart);
  }

  /** Takes all samples in `start <= t < coverageStart` that were stored before `keepFrom` was called. */
  extend(start: number, stored: readonly StoredSamples[]): void {
    for (const { series, timestamps, values } of stored) this.#prepend(series, timestamps, values);
    this.#coverageStart = start;
  }

  #prepend(series: RecentSeries, timestamps: Float64Array, values: Float64Array): void {
    const { length } = timestamps;
    if (length === 0) return;
    incoming.length = 0;
    incoming.reserve(length);
    incoming.times.set(timestamps);
    incoming.values.set(values);
    if (timestamps[length - 1]! >= series.first) {
      // What was written in the meantime counts more.
      for (let index = 0; index < length; index++) {
        if (!series.read(timestamps[index]!, timestamps[index]!)) this.#put(series, timestamps[index]!, index);
      }
      return;
    }
    if (series.isEmpty) this.#series.add(series);
    const chunks: Chunk[] = [];
    for (let from = 0; from < length; from += CHUNK_SAMPLES) {
      chunks.push(this.#seal(incoming, from, Math.min(length, from + CHUNK_SAMPLES)));
    }
    series.chunks = [...chunks, ...series.chunks];
  }

  /** The value is `incoming.values[index]`. */
  #put(series: RecentSeries, time: number, index: number): void {
    const { open } = series;
    if (open && open.length > 0 && time > open.times[open.length - 1]!) {
      if (open.length < open.times.length) {
        open.times[open.length] = time;
        open.words[2 * open.length] = incoming.words[2 * index]!;
        open.words[2 * open.length + 1] = incoming.words[2 * index + 1]!;
        open.length++;
        return;
      }
      this.#grow(series, open);
      this.#put(series, time, index);
      return;
    }
    this.#putSlowly(series, time, incoming.words[2 * index]!, incoming.words[2 * index + 1]!);
  }

  /** What begins an open block, or comes late. */
  #putSlowly(series: RecentSeries, time: number, low: number, high: number): void {
    const { open, chunks } = series;
    const sealedUntil = chunks.at(-1)?.last ?? Number.NEGATIVE_INFINITY;
    if (time <= sealedUntil) this.#putIntoChunk(series, time, low, high);
    else if (!open) {
      this.#openBlock(series).insert(time, low, high);
    } else if (open.length < open.times.length || open.times[lowerPlace(open, time)] === time) {
      open.insert(time, low, high);
    } else {
      this.#grow(series, open);
      this.#putSlowly(series, time, low, high);
    }
  }

  #openBlock(series: RecentSeries): SampleBuffer {
    if (series.isEmpty) this.#series.add(series);
    const block = new SampleBuffer(LEAST_OPEN_SAMPLES);
    this.#openBlocks++;
    this.#openSamples += LEAST_OPEN_SAMPLES;
    series.open = block;
    return block;
  }

  /** Makes room in a full open block: by more memory, as long as all series together take little, or by a chunk. */
  #grow(series: RecentSeries, open: SampleBuffer): void {
    const capacity = open.times.length;
    const share = this.#memoryBytes / 4 / 16 / Math.max(1, this.#openBlocks);
    if (capacity < CHUNK_SAMPLES && capacity * 2 <= Math.max(share, 2 * LEAST_OPEN_SAMPLES)) {
      open.reserve(capacity);
      this.#openSamples += open.times.length - capacity;
      return;
    }
    series.chunks.push(this.#seal(open, 0, open.length));
    open.length = 0;
    if (this.heldBytes > this.#memoryBytes) this.#evict();
  }

  #seal(samples: SampleBuffer, from: number, to: number): Chunk {
    if (encoded.length < mostBytes(to - from)) encoded = new Uint8Array(mostBytes(to - from));
    const size = encodeChunk(samples, from, to, encoded);
    const last = samples.times[to - 1]!;
    const { segment, offset } = this.#segments.take(size, last);
    segment.bytes.set(encoded.subarray(0, size), offset);
    this.#chunks++;
    return { segment, offset, size, count: to - from, first: samples.times[from]!, last };
  }

  #drop(chunk: Chunk): void {
    chunk.segment.dead += chunk.size;
    this.#chunks--;
  }

  #putIntoChunk(series: RecentSeries, time: number, low: number, high: number): void {
    const at = series.chunkAt(time);
    const chunk = series.chunks[at]!;
    late.length = 0;
    decodeChunk(chunk.segment.bytes, chunk.offset, chunk.first, chunk.count, late);
    late.insert(time, low, high);
    this.#drop(chunk);
    const middle = late.length > MOST_CHUNK_SAMPLES ? late.length >>> 1 : late.length;
    const made = [this.#seal(late, 0, middle)];
    if (middle < late.length) made.push(this.#seal(late, middle, late.length));
    series.chunks.splice(at, 1, ...made);
    this.#compactWhenDue();
  }

  /** Late samples leave chunks behind: their memory is won back when it is a good part of all. */
  #compactWhenDue(): void {
    const { list } = this.#segments;
    if (list.length < 8 || list.at(-1)!.dead < list.at(-1)!.used / 2) return;
    const dead = list.reduce((sum, segment) => sum + segment.dead, 0);
    if (dead < this.#segments.heldBytes / 3) return;
    const emptied = new Set(list.filter((segment) => segment.dead > segment.used / 4));
    for (const { chunks } of this.#series) {
      for (const chunk of chunks) {
        if (!emptied.has(chunk.segment)) continue;
        const { segment, offset } = this.#segments.take(chunk.size, chunk.last);
        segment.bytes.set(chunk.segment.bytes.subarray(chunk.offset, chunk.offset + chunk.size), offset);
        Object.assign(chunk, { segment, offset });
      }
    }
    this.#segments.release((segment) => emptied.has(segment));
  }

  /** Lets the oldest go until a sixteenth of the memory is free again, or nothing is left that could go. */
  #evict(): void {
    const goal = (this.#memoryBytes / 16) * 15;
    for (let held = this.heldBytes; held > goal; ) {
      const ends = this.#segments.list.map(({ last }) => last).sort((a, b) => a - b);
      if (ends.length < 2) return;
      this.#startAt(ends[Math.ceil(ends.length / 16) - 1]! + 1);
      if (this.heldBytes >= held) return;
      held = this.heldBytes;
    }
  }

  #startAt(time: number): void {
    if (time <= this.#coverageStart) return;
    this.#coverageStart = time;
    this.#keepFrom = time;
    for (const series of this.#series) this.#dropOld(series);
    this.#segments.release((segment) => segment.last < time);
  }

  #dropOld(series: RecentSeries): void {
    const { chunks } = series;
    let count = 0;
    while (count < chunks.length && chunks[count]!.last < this.#coverageStart) this.#drop(chunks[count++]!);
    if (count > 0) chunks.splice(0, count);
    if (series.last < this.#coverageStart) this.#close(series);
    if (series.isEmpty) this.#series.delete(series);
  }

  /** Gives the open block back. */
  #close(series: RecentSeries): void {
    const { open } = series;
    if (!open) return;
    this.#openBlocks--;
    this.#openSamples -= open.times.length;
    series.open = undefined;
  }

  /** To be called now and then: forgets what is older than the window, and compresses what is no longer written. */
  tidy(now: number): void {
    for (const series of this.#series) {
      const { open } = series;
      if (!open || series.last > now - IDLE_MS) continue;
      if (open.length > 0) series.chunks.push(this.#seal(open, 0, open.length));
      this.#close(series);
    }
    this.#startAt(now - this.#windowMs);
    if (this.heldBytes > this.#memoryBytes) this.#evict();
  }
}

function lowerPlace({ times, length }: SampleBuffer, time: number): number {
  let at = length;
  while (at > 0 && times[at - 1]! >= time) at--;
  return at;
}

/** One each for all: nothing here is ever interrupted. */
const incoming = new SampleBuffer(1024);
const late = new SampleBuffer(2 * MOST_CHUNK_SAMPLES);
let encoded = new Uint8Array(mostBytes(MOST_CHUNK_SAMPLES));
