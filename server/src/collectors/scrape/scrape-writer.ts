import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { SampleSink, SeriesSamples } from '../../model/metric.ts';

/** Samples that wait for the store at once, all targets together; beyond it the oldest scrapes are lost. */
const MOST_WAITING = 1_000_000;
const RETRY_MS = 1000;

/**
 * Brings the samples of all targets to the store, one write at a time: scrapes that come in during a write go together
 * into the next. What the store refuses is tried again, so that a short outage leaves no gap.
 */
export class ScrapeWriter {
  readonly #sink: SampleSink;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #waiting: (readonly SeriesSamples[])[] = [];
  #count = 0;
  #running: Promise<void> | undefined;
  #dropped = 0;
  #isFailing = false;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(sink: SampleSink, clock: Clock, logger: Logger) {
    this.#sink = sink;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Samples that were lost because the store took none for too long. */
  get dropped(): number {
    return this.#dropped;
  }

  write(batch: readonly SeriesSamples[]): void {
    if (batch.length === 0) return;
    this.#waiting.push(batch);
    this.#count += batch.length;
    while (this.#count > MOST_WAITING && this.#waiting.length > 1) {
      const lost = this.#waiting.shift()!.length;
      this.#count -= lost;
      this.#dropped += lost;
    }
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when what waits is written, or cannot be. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const taken = this.#waiting;
      this.#waiting = [];
      const count = this.#count;
      this.#count = 0;
      try {
        await this.#sink.writeSamples(taken.length === 1 ? taken[0]! : taken.flat());
        this.#report();
      } catch (error) {
        this.#waiting = [...taken, ...this.#waiting];
        this.#count += count;
        this.#reportFailure(error as Error);
        if (this.#stopped) return;
        await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(RETRY_MS, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #report(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#logger.info({ dropped_samples: this.#dropped }, 'scraped samples are stored again');
  }

  #reportFailure(error: Error): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#logger.warn({ reason: error.message }, 'scraped samples cannot be stored yet; they are kept and tried again');
  }
}
