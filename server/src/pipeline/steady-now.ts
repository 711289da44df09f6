/** Wall clocks drift and are slewed; what is larger than this is a jump. */
const JUMP_MS = 5000;
/** So long after a jump of the clock, the time before it is still held possible. */
const GRACE_MS = 3_600_000;

/** What the time may be, Unix milliseconds: one and the same but for some time after the clock has jumped. */
export interface NowRange {
  readonly earliest: number;
  readonly latest: number;
}

/**
 * Knows when the wall clock has been set, and holds both times possible for an hour: senders whose clocks are right
 * are not refused because ours was, or is, wrong.
 */
export class SteadyNow {
  readonly #elapsed: () => number;
  /** Wall time less elapsed time, as it was when last looked at. */
  #offset: number | undefined;
  #before: { readonly offset: number; readonly until: number } | undefined;

  /** `elapsed`: milliseconds since any moment, of a clock that nobody sets. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  range(now: number): NowRange {
    const elapsed = this.#elapsed();
    const offset = now - elapsed;
    if (this.#offset !== undefined && Math.abs(offset - this.#offset) > JUMP_MS) {
      this.#before = { offset: this.#offset, until: elapsed + GRACE_MS };
    }
    this.#offset = offset;
    if (this.#before && elapsed > this.#before.until) this.#before = undefined;
    const other = this.#before ? elapsed + this.#before.offset : now;
    return { earliest: Math.min(now, other), latest: Math.max(now, other) };
  }
}
