import { Bytes } from '../lib/bytes.ts';
import { AttributeKeys } from './attribute-keys.ts';
import type { Attributes } from './attributes.ts';

/**
 * Attributes on their way to the store. The keys are shared by all lists that have the same ones; the values stand one
 * after another in a run of bytes that the lists of a request share, in the form in which the store takes them.
 * Never changed: `changeAttributes` makes a new list.
 */
export class PackedAttributes implements Iterable<readonly [key: string, value: string]> {
  readonly keys: AttributeKeys;
  /** Texts as `Bytes` writes them, from `start` to `end`, one a key. */
  readonly values: Bytes;
  readonly start: number;
  readonly end: number;

  constructor(keys: AttributeKeys, values: Bytes, start: number, end: number) {
    this.keys = keys;
    this.values = values;
    this.start = start;
    this.end = end;
  }

  get size(): number {
    return this.keys.list.length;
  }

  has(key: string): boolean {
    return this.keys.indexOf(key) >= 0;
  }

  /** The value of a key; `undefined` where it is not there. Cheap: other values are stepped over. */
  get(key: string): string | undefined {
    const index = this.keys.indexOf(key);
    if (index < 0) return undefined;
    let at = this.start;
    for (let step = 0; step < index; step++) at = this.values.textEnd(at);
    return this.values.textAt(at);
  }

  *[Symbol.iterator](): IterableIterator<readonly [key: string, value: string]> {
    let at = this.start;
    for (const key of this.keys.list) {
      yield [key, this.values.textAt(at)];
      at = this.values.textEnd(at);
    }
  }

  toRecord(): Attributes {
    // `fromEntries` defines properties, so that a key such as `__proto__` is a key like any other.
    return Object.fromEntries(this);
  }
}

export const NO_ATTRIBUTES = new PackedAttributes(new AttributeKeys([]), new Bytes(0), 0, 0);
