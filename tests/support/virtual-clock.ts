import type { Clock, Timer } from '../../server/src/model/clock.ts';

/** A clock that stands still until a test moves it; timers run in order of their time. */
export class VirtualClock implements Clock {
  #now: number;
  #timers: { at: number; order: number; callback: () => void }[] = [];
  #order = 0;
  /** By how much it was set, in all. */
  #set = 0;

  constructor(start = Date.UTC(2026, 0, 5, 12)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Milliseconds that `advance` has passed since any moment, however the clock was set. */
  elapsed(): number {
    return this.#now - this.#set;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Moves on by `ms`; after each timer on the way, pending promises get their turn. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.at;
      next.callback();
      await settle();
    }
    this.#now = end;
  }

  /** Sets the wall clock, as an administrator or a time server would: timers wait as long as before. */
  jump(to: number): void {
    this.#timers = this.#timers.map((timer) => Object.assign(timer, { at: timer.at + to - this.#now }));
    this.#set += to - this.#now;
    this.#now = to;
  }
}

/** Lets promise chains, also those over real I/O of embedded databases, come to rest. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
