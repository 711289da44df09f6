import type { Window } from '../evaluation/windows.ts';

/**
 * Finds the samples of which something holds against the sample before, once a series instead of once a window: long
 * windows overlap, and mostly there are few such samples or none.
 */
export class RemarkableSamples {
  readonly #holds: (window: Window, index: number) => boolean;
  #values: Float64Array | undefined;
  #indexes: number[] = [];

  /** Of the sample at `index`, which is never the first. */
  constructor(holds: (window: Window, index: number) => boolean) {
    this.#holds = holds;
  }

  /** Ascending indexes of those in the window but for its first sample, which has none before it there. */
  inside(window: Window): readonly number[] {
    const indexes = this.#of(window);
    if (indexes.length === 0) return indexes;
    return indexes.slice(firstAbove(indexes, window.from), firstAbove(indexes, window.to - 1));
  }

  #of(window: Window): readonly number[] {
    const { values } = window;
    if (values === this.#values) return this.#indexes;
    this.#values = values;
    this.#indexes = [];
    for (let index = 1; index < values.length; index++) if (this.#holds(window, index)) this.#indexes.push(index);
    return this.#indexes;
  }
}

/** Position of the first element above `value`. */
function firstAbove(indexes: readonly number[], value: number): number {
  let low = 0;
  let high = indexes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (indexes[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
