import { createHash } from 'node:crypto';
import { expositionText } from '../../lib/exposition-scanner.ts';
import type { Clock, Timer } from '../../model/clock.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { BodyTooLarge, type Fetched } from './fetch-target.ts';
import { readProtobuf } from './read-protobuf.ts';
import { readText } from './read-text.ts';
import { reportSeries } from './report-series.ts';
import type { ScrapeJob } from './scrape-job.ts';
import type { StringPool } from './string-pool.ts';
import type { Target } from './target.ts';
import { type ScrapeOutcome, TargetSeries } from './target-series.ts';

export interface ScrapeLoopOptions {
  readonly job: ScrapeJob;
  readonly target: Target;
  readonly clock: Clock;
  /** Takes samples; never rejects and never makes wait. */
  readonly write: (batch: readonly SeriesSamples[]) => void;
  /** Texts that targets share. */
  readonly strings?: StringPool;
  /** The answer of the target. Rejects with a reason that may be shown. */
  readonly fetch: (target: Target, signal: AbortSignal) => Promise<Fetched>;
}

export type Health = 'unknown' | 'up' | 'down';

export interface ScrapeState {
  readonly health: Health;
  /** Empty: none. */
  readonly lastError: string;
  /** Unix milliseconds; `undefined` before the first. */
  readonly lastScrape: number | undefined;
  readonly lastDurationMs: number;
}

/** So far a timer may be late for its sample to bear the planned time: equal distances are stored in less space. */
const MOST_TOLERANCE_MS = 50;
const TOLERANCE_RATIO = 0.01;

/**
 * Scrapes one target on a grid of its own: its place in the interval comes from a hash of the target, so that it is the
 * same after a restart and targets spread evenly. A slow target delays nobody: its scrape ends at its timeout.
 */
export class ScrapeLoop {
  readonly #options: ScrapeLoopOptions;
  readonly #series: TargetSeries;
  readonly #report: ReturnType<typeof reportSeries>;
  /** Why it is not to be scraped; set by its pool. */
  blocked: string | undefined;
  #state: ScrapeState = { health: 'unknown', lastError: '', lastScrape: undefined, lastDurationMs: 0 };
  #timer: Timer | undefined;
  #abort: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ScrapeLoopOptions) {
    this.#options = options;
    this.#series = new TargetSeries(options.target.labels, options.job.samples, options.strings);
    this.#report = reportSeries(options.target, options.job);
  }

  get target(): Target {
    return this.#options.target;
  }

  get state(): ScrapeState {
    return this.#state;
  }

  get metadata(): TargetSeries['families'] {
    return this.#series.families;
  }

  start(): void {
    const { target, clock } = this.#options;
    const now = clock.now();
    const offset = offsetOf(target);
    const inGrid = now % target.intervalMs;
    this.#schedule(now - inGrid + offset + (offset < inGrid ? target.intervalMs : 0));
  }

  /** Resolves when a scrape that was under way has ended. With `vanished`, all its series end now. */
  async stop({ vanished }: { readonly vanished: boolean }): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#abort?.abort(new Error('the target is no longer scraped'));
    await this.#running;
    if (!vanished || this.#state.lastScrape === undefined) return;
    const now = this.#options.clock.now();
    this.#series.begin(now);
    this.#options.write([...this.#series.fail().batch, ...this.#report.ended(now)]);
  }

  #schedule(due: number): void {
    if (this.#stopped) return;
    const { clock, target } = this.#options;
    this.#timer = clock.setTimer(Math.max(0, due - clock.now()), () => {
      this.#running = this.#scrape(due).finally(() => {
        const now = clock.now();
        const missed = Math.max(0, Math.floor((now - due) / target.intervalMs));
        // After a jump of the clock backwards the grid starts anew.
        this.#schedule(
          due - now > target.intervalMs ? now + target.intervalMs : due + (missed + 1) * target.intervalMs,
        );
      });
    });
  }

  async #scrape(due: number): Promise<void> {
    const { clock, target } = this.#options;
    const started = clock.now();
    const late = started - due;
    const tolerance = Math.min(MOST_TOLERANCE_MS, target.intervalMs * TOLERANCE_RATIO);
    const time = late >= 0 && late <= tolerance ? due : started;
    const fetched = await this.#fetch().catch((error: unknown) => error as Error);
    if (this.#stopped) return;
    const read = this.#read(time, fetched);
    const lastDurationMs = Math.max(0, clock.now() - started);
    const error = read.error;
    this.#state = {
      health: error ? 'down' : 'up',
      lastError: error?.message ?? '',
      lastScrape: started,
      lastDurationMs,
    };
    const bodyBytes = fetched instanceof Error ? (fetched instanceof BodyTooLarge ? -1 : 0) : fetched.body.length;
    const facts = { up: !error, durationMs: lastDurationMs, bodyBytes, ...read.outcome };
    this.#options.write([...read.outcome.batch, ...this.#report.of(facts, time)]);
  }

  async #fetch(): Promise<Fetched> {
    if (this.blocked !== undefined) throw new Error(this.blocked);
    const { clock, target } = this.#options;
    const abort = new AbortController();
    this.#abort = abort;
    const late = new Error(`the target did not answer within ${target.timeoutMs / 1000} s`);
    const timer = clock.setTimer(target.timeoutMs, () => abort.abort(late));
    try {
      return await this.#options.fetch(target, abort.signal);
    } catch (error) {
      throw abort.signal.aborted ? (abort.signal.reason as Error) : error;
    } finally {
      timer.cancel();
    }
  }

  #read(time: number, fetched: Fetched | Error): { outcome: ScrapeOutcome; error: Error | undefined } {
    const series = this.#series;
    series.begin(time);
    try {
      if (fetched instanceof Error) throw fetched;
      if (fetched.format === 'protobuf') readProtobuf(fetched.body, this.#options.job, series);
      else readText(expositionText(fetched.body), fetched.format, series);
      return { outcome: series.finish(), error: undefined };
    } catch (error) {
      return { outcome: series.fail(), error: error as Error };
    }
  }
}

/** Milliseconds from the beginning of the interval at which a target is scraped. */
function offsetOf({ key, intervalMs }: Target): number {
  return Number(createHash('sha256').update(key).digest().readBigUInt64LE(0) % BigInt(intervalMs));
}
