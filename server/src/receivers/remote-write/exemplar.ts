import type { Exemplar } from '../../model/metric.ts';

/** Characters of all names and values; OpenMetrics says 128, and few senders count. */
const MOST_CHARACTERS = 1024;

/** Collects the labels of an exemplar. */
export class ExemplarLabels {
  readonly #labels = new Map<string, string>();
  #characters = 0;

  add(name: string, value: string): void {
    this.#characters += name.length + value.length;
    if (value !== '' && this.#characters <= MOST_CHARACTERS) this.#labels.set(name, value);
  }

  /** `undefined` where the labels are too long. */
  finish(value: number, timestamp: number): Exemplar | undefined {
    if (this.#characters > MOST_CHARACTERS) return undefined;
    return { labels: Object.fromEntries(this.#labels), value, timestamp };
  }
}
