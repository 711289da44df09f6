/** So many texts; when they are full, they begin anew. */
const MOST_TEXTS = 100_000;

/** One string object for equal texts: targets of one job say mostly the same. Bounded. */
export class StringPool {
  #texts = new Map<string, string>();

  /** The text as an own string, which does not keep the longer one that it may be cut from. */
  own(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST_TEXTS) this.#texts = new Map();
    const copy = Buffer.from(text).toString();
    this.#texts.set(copy, copy);
    return copy;
  }
}
