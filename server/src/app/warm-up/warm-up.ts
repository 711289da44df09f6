import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Logger } from '../../model/logger.ts';

/**
 * Runs through code that people will wait for. Leaves no trace, gives way to other work at least every few
 * milliseconds, and ends soon once the signal is given; whether it then rejects is all the same.
 */
export type Rehearsal = (signal: AbortSignal) => Promise<void>;

/** What is stopped again at once, and who has come to ask at once, should not pay for it. */
const DELAY_MS = 2000;
/** Share of its time that the event loop worked: beyond it the service has better things to do, and looks again. */
const BUSY = 0.4;

/** How busy the event loop was since then, or since the process began. */
type Utilization = (since?: EventLoopUtilization) => EventLoopUtilization;

/** Runs rehearsals a while after the start, so that the first who needs the service does not wait for the compiler. */
export class WarmUp {
  readonly #rehearsals: readonly Rehearsal[];
  readonly #logger: Logger;
  readonly #delayMs: number;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(rehearsals: readonly Rehearsal[], logger: Logger, delayMs = DELAY_MS) {
    this.#rehearsals = rehearsals;
    this.#logger = logger;
    this.#delayMs = delayMs;
  }

  /** When a while has passed in which the service had little to do. */
  start(utilization: Utilization = (since) => performance.eventLoopUtilization(since)): void {
    const before = utilization();
    this.#timer = setTimeout(() => {
      if (utilization(before).utilization > BUSY) return this.start(utilization);
      this.#running = this.#run();
    }, this.#delayMs).unref();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    for (const rehearse of this.#rehearsals) {
      if (signal.aborted) return;
      await rehearse(signal).catch((error) => {
        if (!signal.aborted) this.#logger.warn({ err: error }, 'a part of the warm-up was given up');
      });
    }
    collectGarbage();
  }
}

/** What start and warm-up leave behind V8 would keep for hours where little happens: twenty megabytes and more. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'major'; flavor: 'last-resort' }) => void;
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', flavor: 'last-resort' });
}
