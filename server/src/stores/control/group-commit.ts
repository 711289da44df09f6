import type { Transaction } from 'kysely';
import type { ControlStore } from './control-store.ts';
import type { ControlDatabase } from './schema/index.ts';

type Work<T> = (executor: Transaction<ControlDatabase>) => Promise<T>;

interface Waiting {
  readonly work: Work<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Works of one transaction: what comes later has to wait for all of them. */
const MOST = 64;

/**
 * Runs small transactions that arrive together as one, so that the disk is synchronised once for all of them. Each is
 * durable when it resolves, as by `transaction`; where one fails, each runs in a transaction of its own. Work may
 * therefore run twice: what it does outside of the database must bear that. PostgreSQL has several writers and does
 * this by itself.
 */
export class GroupCommit {
  readonly #store: ControlStore;
  #waiting: Waiting[] = [];
  #running = false;

  constructor(store: ControlStore) {
    this.#store = store;
  }

  run<T>(work: Work<T>): Promise<T> {
    if (this.#store.kind === 'postgres') return this.#store.transaction(work);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    // What arrives in the same turn of the event loop goes together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, MOST));
    this.#running = false;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#store.transaction(async (db) => {
        const values: unknown[] = [];
        for (const { work } of batch) values.push(await work(db));
        return values;
      });
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]);
    } catch (error) {
      if (batch.length === 1) return batch[0]!.reject(error);
      for (const one of batch) await this.#store.transaction(one.work).then(one.resolve, one.reject);
    }
  }
}
