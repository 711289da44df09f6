import { Bytes } from '../../../lib/bytes.ts';
import type { AttributeKeys } from '../../../model/attribute-keys.ts';
import type { PackedAttributes } from '../../../model/packed-attributes.ts';
import { LowCardinalityColumn } from './low-cardinality-column.ts';
import { type Column, UInt64Column } from './native-block.ts';

/** Packed attributes as a map: the keys by their places in a dictionary, the values copied as they stand. */
export class AttributesColumn implements Column {
  readonly type = 'Map(LowCardinality(String), String)';
  readonly #ends = new UInt64Column();
  readonly #keys = new LowCardinalityColumn();
  readonly #values = new Bytes();
  readonly prefix = this.#keys.prefix;
  readonly #placesOf = new Map<AttributeKeys, number[]>();
  #last: AttributeKeys | undefined;
  #lastPlaces: readonly number[] = [];
  #entries = 0;

  append(attributes: PackedAttributes): void {
    const { keys } = attributes;
    if (keys !== this.#last) {
      this.#lastPlaces = this.#places(keys);
      this.#last = keys;
    }
    this.#keys.appendPlaces(this.#lastPlaces);
    this.#values.append(attributes.values, attributes.start, attributes.end);
    this.#entries += this.#lastPlaces.length;
    this.#ends.appendNumber(this.#entries);
  }

  #places(keys: AttributeKeys): readonly number[] {
    let places = this.#placesOf.get(keys);
    if (places === undefined) {
      places = keys.list.map((key) => this.#keys.place(key));
      this.#placesOf.set(keys, places);
    }
    return places;
  }

  get byteLength(): number {
    return this.#ends.byteLength + this.#keys.byteLength + this.#values.length;
  }

  pieces(): Buffer[] {
    return [...this.#ends.pieces(), ...this.#keys.pieces(), this.#values.view()];
  }

  release(): void {
    this.#ends.release();
    this.#keys.release();
    this.#values.release();
    this.#placesOf.clear();
    this.#last = undefined;
    this.#entries = 0;
  }

  mark(): () => void {
    const entries = this.#entries;
    const { length } = this.#values;
    const rewinds = [this.#ends.mark(), this.#keys.mark()];
    return () => {
      for (const rewind of rewinds) rewind();
      this.#values.truncate(length);
      this.#entries = entries;
    };
  }
}
