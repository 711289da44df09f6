/** The sum so far of a series, and since when. */
interface Sum<Value> {
  readonly value: Value;
  readonly grid: string;
  /** Unix milliseconds of the newest point. */
  readonly time: number;
  /** Since when it counts, Unix milliseconds, 0 where nobody said. */
  readonly startTime: number;
  /** Only until the second point: the first may come again. */
  readonly zeroAt: number | undefined;
}

export interface Cumulated<Value> {
  readonly value: Value;
  /** Since when it counts, Unix milliseconds, 0 where nobody said. */
  readonly startTime: number;
  /** Where a new sum begins: the moment at which it was zero. */
  readonly zeroAt: number | undefined;
}

/**
 * Turns deltas into sums since their first. The sums live in memory only: after a restart, or when a series was
 * forgotten for a newer one, a new sum begins, which readers see as a counter's reset. So that they see it even when
 * the first delta is larger than the last sum, a new sum begins with a zero just after the start of its first delta;
 * `rate` and `increase` lose nothing.
 *
 * A point that comes again (a sender that got no answer) has the time of the newest one and is not added twice; an
 * older one is refused.
 */
export class DeltaSums<Value> {
  readonly #most: number;
  readonly #add: (a: Value, b: Value) => Value;
  readonly #sums = new Map<string, Sum<Value>>();

  constructor(most: number, add: (a: Value, b: Value) => Value) {
    this.#most = most;
    this.#add = add;
  }

  get size(): number {
    return this.#sums.size;
  }

  /**
   * The sum with `delta` in it; `undefined` where the point is older than the newest one. Values of another `grid`
   * (other bucket bounds) begin a new sum.
   */
  cumulate(key: string, delta: Value, grid: string, startTime: number, time: number): Cumulated<Value> | undefined {
    const known = this.#sums.get(key);
    if (known && time < known.time) return undefined;
    const sum = known?.grid === grid ? this.#extend(known, delta, time) : begin(delta, grid, startTime, time);
    this.#keep(key, sum);
    return sum;
  }

  #extend(sum: Sum<Value>, delta: Value, time: number): Sum<Value> {
    return time === sum.time ? sum : { ...sum, value: this.#add(sum.value, delta), time, zeroAt: undefined };
  }

  forget(key: string): void {
    this.#sums.delete(key);
  }

  /** Puts a series last in the order of being forgotten. */
  #keep(key: string, sum: Sum<Value>): void {
    this.#sums.delete(key);
    this.#sums.set(key, sum);
    if (this.#sums.size <= this.#most) return;
    const oldest = this.#sums.keys().next();
    if (!oldest.done) this.#sums.delete(oldest.value);
  }
}

function begin<Value>(value: Value, grid: string, startTime: number, time: number): Sum<Value> {
  const known = startTime < time ? startTime : 0;
  return {
    value,
    grid,
    time,
    startTime: known,
    zeroAt: startTime > 0 && startTime + 1 < time ? startTime + 1 : undefined,
  };
}
