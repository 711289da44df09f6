const SLOT_MS = 5000;
const SLOTS = 12;

/** What was counted in the last minute, in steps of five seconds. A clock that is set back begins anew. */
export class RateWindow {
  readonly #counts = new Float64Array(SLOTS);
  #slot = 0;

  add(count: number, now: number): void {
    this.#moveTo(now);
    this.#counts[this.#slot % SLOTS]! += count;
  }

  perSecond(now: number): number {
    this.#moveTo(now);
    return this.#counts.reduce((sum, count) => sum + count, 0) / ((SLOT_MS / 1000) * SLOTS);
  }

  #moveTo(now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    const passed = slot - this.#slot;
    if (passed === 0) return;
    if (passed < 0 || passed >= SLOTS) this.#counts.fill(0);
    else for (let next = this.#slot + 1; next <= slot; next++) this.#counts[next % SLOTS] = 0;
    this.#slot = slot;
  }
}
