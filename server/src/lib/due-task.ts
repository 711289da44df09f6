import type { Clock, Timer } from '../model/clock.ts';

export interface DueTaskOptions {
  readonly clock: Clock;
  /** Does what is due; a rejection is told to `onError`, and it is tried again at the next point of the grid. */
  readonly work: () => Promise<void>;
  /** When there is something to do next, Unix milliseconds; null: nothing waits. */
  readonly nextDue: () => Promise<number | null> | number | null;
  readonly onError: (error: unknown) => void;
  /** Calls its listener whenever what `nextDue` reads has changed. Returns how to end that. */
  readonly watch?: (listener: () => void) => () => void;
  /** How often `nextDue` is asked where nothing was heard, milliseconds: others may write, too. Default: never. */
  readonly rereadMs?: number;
}

/** Everything that falls due between two points of the grid is done together. */
const GRID_MS = 1000;
/** No timer is longer: the wall clock may jump, or the machine sleep. */
const LONGEST_TIMER_MS = 15_000;

/**
 * Work whose times stand in a store, or anywhere else. It runs on a grid of seconds since its start, never twice at
 * once, at the points where something may be due: at the first after the time that `nextDue` told of, and at the first
 * after news. In between it does nothing.
 */
export class DueTask {
  readonly #options: DueTaskOptions;
  #origin = 0;
  #stopped = true;
  #hasNews = false;
  #isRunning = false;
  #due = Number.POSITIVE_INFINITY;
  #rereadAt = Number.POSITIVE_INFINITY;
  #timer: { readonly at: number; readonly setAt: number; readonly timer: Timer } | undefined;
  #running: Promise<void> = Promise.resolve();
  #unwatch: (() => void) | undefined;

  constructor(options: DueTaskOptions) {
    this.#options = options;
  }

  /** The first run is one second from now: it takes up what an earlier process has left. */
  start(): void {
    const { clock, watch } = this.#options;
    this.#stopped = false;
    this.#origin = clock.now();
    this.#unwatch = watch?.(() => this.news());
    this.#hasNews = true;
    this.#arm();
  }

  /** Resolves when a run that was under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unwatch?.();
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    await this.#running;
  }

  /** True while it runs. */
  get busy(): boolean {
    return this.#isRunning;
  }

  /** There may be something to do, or at another time than was thought. */
  news(): void {
    if (this.#hasNews || this.#stopped) return;
    this.#hasNews = true;
    if (!this.#isRunning) this.#arm();
  }

  #arm(): void {
    if (this.#stopped) return;
    const now = this.#options.clock.now();
    const at = this.#hasNews ? this.#pointAfter(now) : this.#nextPoint(now);
    if (this.#timer?.at === at && this.#timer.setAt <= now) return;
    this.#timer?.timer.cancel();
    const timer = this.#options.clock.setTimer(Math.min(at - now, LONGEST_TIMER_MS), () => this.#wake());
    this.#timer = { at, setAt: now, timer };
  }

  #nextPoint(now: number): number {
    const wanted = Math.min(this.#due, this.#rereadAt);
    return wanted <= now ? this.#pointAfter(now) : this.#pointAfter(wanted - 1);
  }

  /** The first point of the grid after `time`; none where that is never. */
  #pointAfter(time: number): number {
    return this.#origin + GRID_MS * (Math.floor((time - this.#origin) / GRID_MS) + 1);
  }

  #wake(): void {
    const { at, setAt } = this.#timer!;
    this.#timer = undefined;
    const now = this.#options.clock.now();
    // Set back, the clock says nothing about how much time has passed.
    if (now < at && now >= setAt) {
      this.#arm();
      return;
    }
    this.#isRunning = true;
    this.#running = this.#run().finally(() => {
      this.#isRunning = false;
      this.#arm();
    });
  }

  async #run(): Promise<void> {
    const { clock, work, nextDue, onError, rereadMs = Number.POSITIVE_INFINITY } = this.#options;
    this.#hasNews = false;
    try {
      await work();
      // What the work itself has written is news: the next point looks at it.
      if (this.#hasNews) return;
      this.#due = (await nextDue()) ?? Number.POSITIVE_INFINITY;
      this.#rereadAt = clock.now() + rereadMs;
    } catch (error) {
      this.#hasNews = true;
      onError(error);
    }
  }
}
