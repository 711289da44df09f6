import type { SeriesMemo } from '../../model/metric.ts';
import type { Identity } from './identity.ts';
import type { Description } from './metadata-cache.ts';

/** A series as it came before, with what its metric's metadata said at that time. */
export interface KnownSeries extends Identity {
  description: Description;
  /** Of the metadata that `description` is from. */
  generation: number;
  readonly memo: SeriesMemo;
  /** The bytes of its labels. */
  key: DataView;
  /** The series that came after it last time: senders keep their order. */
  next: KnownSeries | undefined;
  /** Number of the batch that it came in last, and its place among the series of that batch. */
  batch: number;
  place: number;
}

/** The request, twice. */
export interface LabelBytes {
  readonly bytes: Buffer;
  readonly view: DataView;
}

const PLACES = 65_536;
const NO_KEY = new DataView(new ArrayBuffer(0));

/** A series that came for the first time. */
export function newSeries(identity: Identity, description: Description, generation: number): KnownSeries {
  return { ...identity, description, generation, memo: {}, key: NO_KEY, next: undefined, batch: 0, place: 0 };
}

/**
 * Remembers series by the bytes of their labels: senders repeat the same ones in every request, and to compare bytes is
 * much cheaper than to decode them. Bounded: a fixed number of places, two for each series; the newest ones stay.
 */
export class IdentityCache {
  readonly #series: (KnownSeries | undefined)[] = new Array<KnownSeries | undefined>(PLACES).fill(undefined);

  get(source: LabelBytes, start: number, end: number): KnownSeries | undefined {
    const place = placeOf(source, start, end);
    return this.#at(place, source, start, end) ?? this.#at(place ^ 1, source, start, end);
  }

  #at(place: number, source: LabelBytes, start: number, end: number): KnownSeries | undefined {
    const series = this.#series[place];
    return series && series.key.byteLength === end - start && beginsAt(series, source, start) ? series : undefined;
  }

  set(source: LabelBytes, start: number, end: number, series: KnownSeries): void {
    const key = new Uint8Array(source.bytes.subarray(start, end));
    series.key = new DataView(key.buffer);
    const place = placeOf(source, start, end);
    // The one that was there moves to the place beside.
    const before = this.#series[place];
    if (before) this.#series[place ^ 1] = before;
    this.#series[place] = series;
  }
}

/** True where the labels of the series stand at `start`. Eight bytes at a time; the last eight overlap. */
export function beginsAt({ key }: KnownSeries, { bytes, view }: LabelBytes, start: number): boolean {
  const { byteLength } = key;
  if (start + byteLength > bytes.length) return false;
  if (byteLength < 8) return isSame(key, bytes, start);
  const last = byteLength - 8;
  for (let index = 0; index < last; index += 8) {
    if (key.getBigUint64(index, true) !== view.getBigUint64(start + index, true)) return false;
  }
  return key.getBigUint64(last, true) === view.getBigUint64(start + last, true);
}

function isSame(key: DataView, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < key.byteLength; index++) if (key.getUint8(index) !== bytes[start + index]) return false;
  return true;
}

/** Four bytes at a time: this reads every label of every request. */
function placeOf({ bytes, view }: LabelBytes, start: number, end: number): number {
  let hash = end - start;
  let index = start;
  for (; index + 4 <= end; index += 4) hash = mix(hash ^ view.getInt32(index, true));
  for (; index < end; index++) hash = mix(hash ^ bytes[index]!);
  return (hash ^ (hash >>> 15)) & (PLACES - 1);
}

/** Bits must move downwards too, since a product passes them only upwards. */
function mix(hash: number): number {
  const product = Math.imul(hash, 0x9e3779b1);
  return product ^ (product >>> 15);
}
