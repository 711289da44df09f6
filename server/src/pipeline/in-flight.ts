import { ServiceError } from '../model/errors.ts';

/**
 * Bounds what is on its way to the store at once, so that a store slower than its senders costs them a retry instead
 * of our memory. A batch larger than the bound passes when it is alone.
 */
export class InFlight {
  readonly #most: number;
  readonly #what: string;
  #count = 0;

  constructor(most: number, what: string) {
    this.#most = most;
    this.#what = what;
  }

  get count(): number {
    return this.#count;
  }

  /** Runs `write` with `items` counted; throws `overloaded` where they are too many. */
  async run<Answer>(items: number, write: () => Promise<Answer>): Promise<Answer> {
    if (this.#count > 0 && this.#count + items > this.#most) {
      throw new ServiceError(
        'overloaded',
        `the store is slower than its senders: ${this.#count} ${this.#what} are waiting; send again later`,
        { retryAfterSeconds: 2 },
      );
    }
    this.#count += items;
    try {
      return await write();
    } finally {
      this.#count -= items;
    }
  }
}
