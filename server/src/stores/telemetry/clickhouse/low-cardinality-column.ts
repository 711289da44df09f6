import { Bytes } from '../../../lib/bytes.ts';
import { type Column, StringColumn } from './native-block.ts';

/** Version of the dictionary: one for each block. */
const PREFIX = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
/** Flags before the dictionary, with the index type (0, 1, 2 for 1, 2, 4 bytes): the keys follow, all of them new. */
const OWN_KEYS = 0x600;

/**
 * Texts of which few differ: a dictionary, and a place in it for each row. The engine takes it as it is, without
 * looking at the text of every row.
 * https://github.com/ClickHouse/ClickHouse/blob/master/src/DataTypes/Serializations/SerializationLowCardinality.cpp
 */
export class LowCardinalityColumn implements Column {
  readonly type = 'LowCardinality(String)';
  readonly prefix = PREFIX;
  readonly #places = new Map<string, number>();
  readonly #dictionary = new StringColumn();
  #rows = new PlaceList(0);
  #last = '';
  #lastPlace = -1;

  append(text: string): void {
    if (this.#lastPlace < 0 || text !== this.#last) {
      this.#lastPlace = this.place(text);
      this.#last = text;
    }
    this.#rows.add(this.#lastPlace);
  }

  appendRepeated(text: string, rows: number): void {
    if (rows === 0) return;
    this.append(text);
    for (let row = 1; row < rows; row++) this.#rows.add(this.#lastPlace);
  }

  /** Where the text stands in the dictionary; it is added where it is new. */
  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(text, place);
    this.#dictionary.append(text);
    if (place > this.#rows.highest) this.#rows = this.#rows.widened();
    return place;
  }

  /** A row for each of the places, which `place` gave. */
  appendPlaces(places: readonly number[]): void {
    this.#rows.addAll(places);
  }

  get byteLength(): number {
    return this.#dictionary.byteLength + this.#rows.byteLength;
  }

  pieces(): Buffer[] {
    if (this.#rows.count === 0) return [];
    const head = new Bytes(16);
    head.words(OWN_KEYS | this.#rows.widthCode, 0);
    head.int64OfNumber(this.#places.size);
    const count = new Bytes(8);
    count.int64OfNumber(this.#rows.count);
    return [head.view(), ...this.#dictionary.pieces(), count.view(), this.#rows.view()];
  }

  release(): void {
    this.#dictionary.release();
    this.#places.clear();
    this.#rows.release();
    this.#rows = new PlaceList(0);
    this.#lastPlace = -1;
  }

  /** New texts stay in the dictionary. */
  mark(): () => void {
    const { count } = this.#rows;
    return () => this.#rows.truncate(count);
  }
}

/** Places in 1, 2 or 4 bytes each. */
class PlaceList {
  /** 0, 1 or 2. */
  readonly widthCode: number;
  readonly highest: number;
  readonly #bytes = new Bytes();

  constructor(widthCode: number) {
    this.widthCode = widthCode;
    this.highest = [0xff, 0xffff, 0xffff_ffff][widthCode]!;
  }

  add(place: number): void {
    if (this.widthCode === 0) this.#bytes.uint8(place);
    else if (this.widthCode === 1) this.#bytes.uint16(place);
    else this.#bytes.uint32(place);
  }

  addAll(places: readonly number[]): void {
    if (this.widthCode === 0) this.#bytes.uint8s(places);
    else for (const place of places) this.add(place);
  }

  get count(): number {
    return this.#bytes.length >> this.widthCode;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  view(): Buffer {
    return this.#bytes.view();
  }

  truncate(count: number): void {
    this.#bytes.truncate(count << this.widthCode);
  }

  release(): void {
    this.#bytes.release();
  }

  /** The same places in the next wider form. */
  widened(): PlaceList {
    const wider = new PlaceList(this.widthCode + 1);
    const narrow = this.view();
    for (let at = 0; at < narrow.length; at += 1 << this.widthCode) {
      wider.add(this.widthCode === 0 ? narrow[at]! : narrow.readUInt16LE(at));
    }
    this.release();
    return wider;
  }
}
