import { ServiceError } from '../../model/errors.ts';

const MOST_ITEMS = 500_000;

/**
 * Counts what a request makes in memory. Two bytes of protobuf can be an empty log record of a hundred bytes: the body
 * limit alone does not bound the memory.
 */
export class ItemBudget {
  #left: number;

  constructor(most = MOST_ITEMS) {
    this.#left = most;
  }

  /** Throws `too_large` when the request has used up its items. */
  spend(count = 1): void {
    this.#left -= count;
    if (this.#left >= 0) return;
    throw new ServiceError('too_large', `the request holds more than ${MOST_ITEMS} items; send smaller batches`);
  }
}
