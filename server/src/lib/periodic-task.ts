import type { Clock, Timer } from '../model/clock.ts';

/**
 * Runs `work` every `intervalMs` on a clock: never twice at once, and on a fixed grid, so that a slow run delays
 * nothing but itself. `work` handles its own errors.
 */
export class PeriodicTask {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #work: () => Promise<void>;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = true;

  constructor(clock: Clock, intervalMs: number, work: () => Promise<void>) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#work = work;
  }

  /** The first run is one interval from now. */
  start(): void {
    this.#stopped = false;
    this.#schedule(this.#clock.now() + this.#intervalMs);
  }

  /** Resolves when a run that was under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #schedule(due: number): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(Math.max(0, due - this.#clock.now()), () => {
      this.#running = this.#work().finally(() => this.#schedule(this.#next(due)));
    });
  }

  /** The next point of the grid in the future; after a jump of the wall clock the grid starts anew. */
  #next(due: number): number {
    const now = this.#clock.now();
    const late = now - due;
    if (late < 0) return now + this.#intervalMs;
    return due + this.#intervalMs * (Math.floor(late / this.#intervalMs) + 1);
  }
}
