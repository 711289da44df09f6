import type { Exemplar } from '../../model/metric.ts';

/** Characters of all names and values; OpenMetrics says 128, and few senders count. */
const MOST_CHARACTERS = 1024;

/** Collects the labels of an exemplar. */
export class ExemplarLabels {
  readonly #labels = new Map<string, string>();
  #characters = 0;
  #valid = true;

  /** `undefined` stands for a text that is not UTF-8. */
  add(name: string | undefined, value: string | undefined): void {
    if (name === undefined || value === undefined) {
      this.#valid = false;
      return;
    }
    this.#characters += name.length + value.length;
    if (value !== '' && this.#characters <= MOST_CHARACTERS) this.#labels.set(name, value);
  }

  /** `undefined` where the labels are too long or not UTF-8. */
  finish(value: number, timestamp: number): Exemplar | undefined {
    if (!this.#valid || this.#characters > MOST_CHARACTERS) return undefined;
    return { labels: Object.fromEntries(this.#labels), value, timestamp };
  }
}
