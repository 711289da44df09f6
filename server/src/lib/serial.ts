/**
 * Runs tasks one after the other, in the order in which they were given. A task that fails does not stop the next; one
 * that calls `free` lets the next begin before it has ended itself.
 */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();
  #ended: Promise<unknown> = Promise.resolve();

  run<Result>(task: (free: () => void) => Promise<Result>): Promise<Result> {
    const { promise: freed, resolve } = Promise.withResolvers<void>();
    const free = () => resolve();
    const result = this.#last.then(() => task(free));
    const ended = result.then(free, free);
    this.#last = freed;
    this.#ended = Promise.all([this.#ended, ended]);
    return result;
  }

  /** Resolves when everything that was given before has ended. */
  async ended(): Promise<void> {
    await this.#ended;
  }
}
