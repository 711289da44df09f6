/** Texts that were made of objects, kept for as long as the objects live and there are not too many. */
export class KeptTexts<Of extends object> {
  readonly #make: (of: Of) => string;
  readonly #most: number;
  #texts = new WeakMap<Of, string>();
  #count = 0;

  constructor(make: (of: Of) => string, most: number) {
    this.#make = make;
    this.#most = most;
  }

  get(of: Of): string {
    const known = this.#texts.get(of);
    if (known !== undefined) return known;
    if (this.#count === this.#most) {
      this.#texts = new WeakMap();
      this.#count = 0;
    }
    const text = this.#make(of);
    this.#texts.set(of, text);
    this.#count++;
    return text;
  }
}
