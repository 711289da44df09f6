import type { Identity } from './identity.ts';
import type { Description } from './metadata-cache.ts';

/** A series as it came before, with what its metric's metadata said at that time. */
export interface KnownSeries extends Identity {
  description: Description;
  /** Of the metadata that `description` is from. */
  generation: number;
}

/** The request, twice. */
export interface LabelBytes {
  readonly bytes: Buffer;
  readonly view: DataView;
}

const PLACES = 65_536;

/**
 * Remembers series by the bytes of their labels: senders repeat the same ones in every request, and to compare bytes is
 * much cheaper than to decode them. Bounded: a fixed number of places, the newest series of a place wins.
 */
export class IdentityCache {
  readonly #keys: (Buffer | undefined)[] = new Array<Buffer | undefined>(PLACES).fill(undefined);
  readonly #series: (KnownSeries | undefined)[] = new Array<KnownSeries | undefined>(PLACES).fill(undefined);

  get(source: LabelBytes, start: number, end: number): KnownSeries | undefined {
    const place = placeOf(source, start, end);
    const key = this.#keys[place];
    if (key === undefined || key.length !== end - start) return undefined;
    return key.compare(source.bytes, start, end) === 0 ? this.#series[place] : undefined;
  }

  set(source: LabelBytes, start: number, end: number, series: KnownSeries): void {
    const place = placeOf(source, start, end);
    this.#keys[place] = Buffer.from(source.bytes.subarray(start, end));
    this.#series[place] = series;
  }
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
