import type { Clock } from '../model/clock.ts';
import {
  type ControlStore,
  countDead,
  type DeadDelivery,
  type DeadFilter,
  listDead,
  requeueDeliveries,
  takeDead,
} from '../stores/control/index.ts';

/** Deliveries of one transaction: others have to write in between. */
const BATCH = 500;
/** Most deliveries of one call. */
const MOST = 10_000;

/** What was given up after many attempts. */
export class DeadLetters {
  readonly #store: ControlStore;
  readonly #clock: Clock;

  constructor(store: ControlStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Newest first. */
  list(filter: DeadFilter, page: Parameters<typeof listDead>[2]): Promise<DeadDelivery[]> {
    return listDead(this.#store.db, filter, page);
  }

  count(filter: DeadFilter): Promise<number> {
    return countDead(this.#store.db, filter);
  }

  /** Puts them back into their lanes, oldest first, each with as much time as it had at first. */
  async replay(filter: DeadFilter): Promise<{ readonly replayed: number; readonly remaining: number }> {
    let replayed = 0;
    while (replayed < MOST) {
      const count = await this.#store.transaction(async (db) => {
        const now = this.#clock.now();
        const rows = await takeDead(db, filter, Math.min(BATCH, MOST - replayed));
        const renewed = rows.map((row) => ({ ...row, deadline_at: now + (row.deadline_at - row.created_at) }));
        await requeueDeliveries(db, renewed, now);
        return rows.length;
      });
      replayed += count;
      if (count < BATCH) break;
    }
    return { replayed, remaining: await this.count(filter) };
  }
}
