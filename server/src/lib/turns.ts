import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Work in pieces: after so much of it everybody else has a turn. What it costs is for the caller to count, in a unit of
 * which a turn takes some milliseconds.
 */
export class Turns {
  readonly #perTurn: number;
  #done = 0;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  /** True when `pause` is due. */
  spend(cost: number): boolean {
    this.#done += cost;
    return this.#done >= this.#perTurn;
  }

  async pause(): Promise<void> {
    this.#done = 0;
    await nextTurn();
  }
}
