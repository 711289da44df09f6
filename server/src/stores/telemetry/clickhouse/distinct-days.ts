import { invalid } from '../../../model/errors.ts';

const DAY_MS = 86_400_000;

/** A block makes a part for every day that it touches: a batch may touch so many. */
const MOST_DAYS = 400;

/** Throws `ServiceError('invalid')` where one batch touches more days than the store can take at once. */
export class DistinctDays {
  readonly #days = new Set<number>();
  #last = Number.NaN;

  /** Unix nanoseconds. A day more or less does not matter: a double is exact enough. */
  addNano(time: bigint): void {
    this.add(Number(time) / 1e6);
  }

  /** Unix milliseconds. */
  add(time: number): void {
    const day = Math.floor(time / DAY_MS);
    if (day === this.#last) return;
    this.#last = day;
    this.#days.add(day);
    if (this.#days.size > MOST_DAYS) {
      throw invalid({ path: 'timestamp', message: `one request may touch ${MOST_DAYS} days; send it in parts` });
    }
  }
}
