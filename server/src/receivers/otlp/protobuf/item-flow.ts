import { ProtobufReader, type StringCache } from '../../../lib/protobuf-reader.ts';
import type { Flow } from '../../../model/flow.ts';
import { countItems, readGroups, type StartScope } from './common.ts';
import { asMalformed } from './malformed.ts';

/** Makes what reads the items of a request and hands each on. */
type Reading<Item> = (reader: ProtobufReader, take: (item: Item) => void) => StartScope;

/** The items of a request, each read when its turn comes. */
export class ItemFlow<Item> implements Flow<Item> {
  readonly #bytes: Uint8Array;
  readonly #strings: StringCache;
  readonly #reading: Reading<Item>;
  readonly length: number;

  /** Throws `malformed` where the bytes do not hold such a request at all. */
  constructor(bytes: Uint8Array, strings: StringCache, reading: Reading<Item>) {
    this.#bytes = bytes;
    this.#strings = strings;
    this.#reading = reading;
    this.length = asMalformed(() => countItems(this.#reader()));
  }

  /** Throws `malformed` at the first item that cannot be read. */
  forEach(take: (item: Item) => void): void {
    const reader = this.#reader();
    asMalformed(() => readGroups(reader, this.#reading(reader, take)));
  }

  #reader(): ProtobufReader {
    return new ProtobufReader(this.#bytes, this.#strings);
  }
}
