/** Seconds of the rate that may come at once after a pause. */
const BURST_SECONDS = 5;

/**
 * Allows a rate on average. A batch is taken whole while there is anything in the bucket, which may leave it in debt:
 * a batch that is larger than the bucket passes too, and is paid for by waiting.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #most: number;
  #tokens: number;
  #filledAt: number | undefined;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#most = perSecond * BURST_SECONDS;
    this.#tokens = this.#most;
  }

  /** 0 where a batch may come. `now` in Unix milliseconds; a clock that is set back adds nothing. */
  secondsUntilReady(now: number): number {
    const elapsed = Math.max(0, now - (this.#filledAt ?? now));
    this.#filledAt = now;
    this.#tokens = Math.min(this.#most, this.#tokens + (elapsed / 1000) * this.#perSecond);
    // One token at least: the smallest wait that lets an item in.
    return this.#tokens > 0 ? 0 : (1 - this.#tokens) / this.#perSecond;
  }

  take(tokens: number): void {
    this.#tokens = Math.min(this.#most, this.#tokens - tokens);
  }
}
