import { ClockJumps } from '../lib/clock-jumps.ts';

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
  readonly #jumps: ClockJumps;
  /** Wall time less elapsed time, as it was before the last jump. */
  #before: { readonly offset: number; readonly until: number } | undefined;

  /** `elapsed`: milliseconds since any moment, of a clock that nobody sets. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
    this.#jumps = new ClockJumps(elapsed);
  }

  range(now: number): NowRange {
    const elapsed = this.#elapsed();
    const jump = this.#jumps.since(now);
    if (jump !== 0) this.#before = { offset: now - elapsed - jump, until: elapsed + GRACE_MS };
    if (this.#before && elapsed > this.#before.until) this.#before = undefined;
    const other = this.#before ? elapsed + this.#before.offset : now;
    return { earliest: Math.min(now, other), latest: Math.max(now, other) };
  }
}
