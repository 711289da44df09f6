import { Bytes } from '../lib/bytes.ts';
import { AttributeKeys, KeyPath } from './attribute-keys.ts';
import type { Attributes } from './attributes.ts';
import { NO_ATTRIBUTES, PackedAttributes } from './packed-attributes.ts';

let root = KeyPath.root();

function newPath(): KeyPath {
  if (root.isOvergrown) root = KeyPath.root();
  return root;
}

/**
 * Packs attribute lists one after another; all lists of a packer share its bytes. A key that comes twice keeps its
 * last value at its first place. A pair is a value, then `endPair` with its key; a list is pairs, then `finish`.
 */
export class AttributePacker {
  /** Values are added here, one a pair, by `Bytes.text` and `Bytes.utf8`. */
  readonly values: Bytes;
  #path = newPath();
  #start = 0;
  /** Where the value of the pair begins. */
  #pair = 0;
  /** Pairs with a key that came twice, or more than are shared: kept as texts until the list is finished. */
  #loose: Map<string, string> | undefined;

  constructor(capacity: number) {
    this.values = new Bytes(capacity);
  }

  /** Begins anew in the same memory: lists that were packed before no longer hold. */
  restart(): void {
    this.values.truncate(0);
    this.#start = 0;
    this.#pair = 0;
  }

  set(key: string, value: string): void {
    this.values.text(value);
    this.endPair(key);
  }

  /** Drops the value that was added for the pair: another comes. */
  dropValue(): void {
    this.values.truncate(this.#pair);
  }

  endPair(key: string): void {
    if (this.values.length === this.#pair) this.values.uint8(0);
    const next = this.#loose ? undefined : this.#path.step(key);
    if (next) this.#advance(next);
    else this.#endLoosePair(key);
  }

  /** The same with a key that stands in `source` as UTF-8. */
  endPairBytes(source: Buffer, start: number, end: number): void {
    if (this.values.length === this.#pair) this.values.uint8(0);
    const next = this.#loose ? undefined : this.#path.stepBytes(source, start, end);
    if (next) this.#advance(next);
    else this.#endLoosePair(source.toString('utf8', start, end));
  }

  #advance(path: KeyPath): void {
    this.#path = path;
    this.#pair = this.values.length;
  }

  #endLoosePair(key: string): void {
    const value = this.values.textAt(this.#pair);
    this.values.truncate(this.#pair);
    this.#loose ??= new Map(this.#packed());
    this.#loose.set(key, value);
    this.values.truncate(this.#start);
    this.#pair = this.#start;
  }

  #packed(): PackedAttributes {
    return new PackedAttributes(this.#path.keys, this.values, this.#start, this.values.length);
  }

  finish(): PackedAttributes {
    const packed = this.#loose ? this.#packLoose(this.#loose) : this.#packed();
    this.#loose = undefined;
    this.#path = newPath();
    this.#start = this.values.length;
    this.#pair = this.#start;
    return packed.size === 0 ? NO_ATTRIBUTES : packed;
  }

  #packLoose(entries: ReadonlyMap<string, string>): PackedAttributes {
    let path: KeyPath | undefined = newPath();
    for (const [key, value] of entries) {
      path = path?.step(key);
      this.values.text(value);
    }
    const keys = path?.keys ?? new AttributeKeys([...entries.keys()]);
    return new PackedAttributes(keys, this.values, this.#start, this.values.length);
  }
}

export function packAttributes(attributes: Attributes): PackedAttributes {
  return packEntries(Object.entries(attributes), 256);
}

/**
 * A copy with some attributes set: in their place where the key is there, at the end where it is not. Those whose new
 * value is `undefined` are left out.
 */
export function changeAttributes(
  attributes: PackedAttributes,
  changes: Iterable<readonly [key: string, value: string | undefined]>,
): PackedAttributes {
  const entries = new Map<string, string>(attributes);
  for (const [key, value] of changes) {
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
  }
  return packEntries(entries, attributes.end - attributes.start + 256);
}

/** `capacity`: about how many bytes the values take. */
export function packEntries(
  entries: Iterable<readonly [key: string, value: string]>,
  capacity: number,
): PackedAttributes {
  const packer = new AttributePacker(capacity);
  for (const [key, value] of entries) packer.set(key, value);
  return packer.finish();
}
