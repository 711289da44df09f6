/** Wall clocks drift and are slewed; what is larger than this is a jump, milliseconds. */
const JUMP_MS = 5000;

/** Notices that somebody has set the wall clock. */
export class ClockJumps {
  readonly #elapsed: () => number;
  /** Wall time less elapsed time, as it was when last looked at. */
  #offset: number | undefined;

  /** `elapsed`: milliseconds since any moment, of a clock that nobody sets. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** By how much the wall clock, which shows `now`, was set since the last call; milliseconds, negative: back; else 0. */
  since(now: number): number {
    const offset = now - this.#elapsed();
    const jump = offset - (this.#offset ?? offset);
    this.#offset = offset;
    return Math.abs(jump) > JUMP_MS ? jump : 0;
  }
}
