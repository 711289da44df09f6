/** The keys of an attribute list, in their order. Lists with the same keys mostly share one such object. */
export class AttributeKeys {
  readonly list: readonly string[];
  /** UTF-16 units of the longest key. */
  readonly longest: number;
  #places: Map<string, number> | undefined;

  constructor(list: readonly string[]) {
    this.list = list;
    this.longest = list.reduce((most, key) => Math.max(most, key.length), 0);
  }

  /** The place of a key in the list; -1 where it is not there. */
  indexOf(key: string): number {
    this.#places ??= new Map(this.list.map((each, index) => [each, index]));
    return this.#places.get(key) ?? -1;
  }
}

/** Longer lists and longer keys (UTF-16 units) are not shared. */
const MOST_KEYS = 256;
const MOST_KEY_LENGTH = 512;
/** A tree of so many paths is given up for a new one: keys that never come again must not stay. */
const MOST_PATHS = 10_000;

/**
 * A way through the tree of keys that came one after another: whoever sends the same keys in the same order walks the
 * same way, and pays a comparison a key.
 */
export class KeyPath {
  readonly #tree: { paths: number };
  readonly #parent: KeyPath | undefined;
  readonly key: string;
  readonly #bytes: Buffer;
  readonly #depth: number;
  readonly #children = new Map<string, KeyPath>();
  #last: KeyPath | undefined;
  #keys: AttributeKeys | undefined;

  private constructor(parent: KeyPath | undefined, key: string) {
    this.#tree = parent === undefined ? { paths: 0 } : parent.#tree;
    this.#parent = parent;
    this.key = key;
    this.#bytes = Buffer.from(key);
    this.#depth = parent === undefined ? 0 : parent.#depth + 1;
    this.#tree.paths++;
  }

  static root(): KeyPath {
    return new KeyPath(undefined, '');
  }

  /** True where a new tree should be begun. */
  get isOvergrown(): boolean {
    return this.#tree.paths > MOST_PATHS;
  }

  get keys(): AttributeKeys {
    this.#keys ??= new AttributeKeys(this.#list());
    return this.#keys;
  }

  #list(): string[] {
    const list: string[] = [];
    for (let path: KeyPath = this; path.#parent !== undefined; path = path.#parent) list.push(path.key);
    return list.reverse();
  }

  /** The path with one key more; `undefined` where the key is on it already or what would be shared is too long. */
  step(key: string): KeyPath | undefined {
    if (this.#last?.key === key) return this.#last;
    let next = this.#children.get(key);
    if (next === undefined) {
      if (this.#depth >= MOST_KEYS || key.length > MOST_KEY_LENGTH || this.#holds(key)) return undefined;
      next = new KeyPath(this, key);
      this.#children.set(key, next);
    }
    this.#last = next;
    return next;
  }

  /** The same for a key that stands in `source` as UTF-8. */
  stepBytes(source: Buffer, start: number, end: number): KeyPath | undefined {
    const last = this.#last;
    if (last?.endsWith(source, start, end)) return last;
    return this.step(source.toString('utf8', start, end));
  }

  /** True where the path's last key stands in `source` from `start` to `end`. */
  endsWith(source: Buffer, start: number, end: number): boolean {
    const bytes = this.#bytes;
    const size = bytes.length;
    if (size !== end - start) return false;
    for (let index = 0; index < size; index++) if (bytes[index] !== source[start + index]) return false;
    return true;
  }

  #holds(key: string): boolean {
    for (let path: KeyPath = this; path.#parent !== undefined; path = path.#parent) {
      if (path.key === key) return true;
    }
    return false;
  }
}
