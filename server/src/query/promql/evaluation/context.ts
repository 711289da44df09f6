import type { Clock } from '../../../model/clock.ts';
import { ServiceError } from '../../../model/errors.ts';
import type { PromqlLimits, QueryObserver } from '../engine-contract.ts';
import type { SeriesSource, SourceSeries } from '../series-source.ts';
import type { VectorSelector } from '../syntax/expression.ts';
import { Annotations } from './annotations.ts';
import { withResetHints } from './reset-hints.ts';

/** Longest time that an evaluation keeps the event loop, milliseconds. */
const SLICE_MS = 10;

export interface QueryTimes {
  /** First and last step and the distance between steps; an instant query has one step and `step` 0. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** What one evaluation carries along: its limits, where it reads from, and what it has to say beside the result. */
export class EvaluationContext {
  readonly times: QueryTimes;
  readonly limits: PromqlLimits;
  readonly annotations: Annotations;
  readonly observer: QueryObserver | undefined;
  readonly #totalsOnly: ReadonlySet<VectorSelector>;
  readonly #source: SeriesSource;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #deadline: number;
  readonly #selections = new Map<string, Promise<readonly SourceSeries[]>>();
  #sliceEnd: number;
  #samples = 0;
  #samplesRead = 0;
  #isAbandoned = false;

  constructor(options: {
    times: QueryTimes;
    limits: PromqlLimits;
    source: SeriesSource;
    clock: Clock;
    query: string | undefined;
    signal: AbortSignal | undefined;
    observer: QueryObserver | undefined;
    /** Selectors whose histograms are to say whether they were reset. */
    totalsOnly: ReadonlySet<VectorSelector>;
  }) {
    this.times = options.times;
    this.limits = options.limits;
    this.#totalsOnly = options.totalsOnly;
    this.annotations = new Annotations(options.query);
    this.observer = options.observer;
    this.#source = options.source;
    this.#clock = options.clock;
    this.#signal = options.signal;
    const now = options.clock.now();
    this.#deadline = now + options.limits.timeoutMs;
    this.#sliceEnd = now + SLICE_MS;
  }

  get samplesRead(): number {
    return this.#samplesRead;
  }

  /** Series of a selector with samples in `start <= t <= end`; the same question is asked once. */
  async select(selector: VectorSelector, start: number, end: number): Promise<readonly SourceSeries[]> {
    const key = JSON.stringify([selector.matchers, start, end]);
    let selection = this.#selections.get(key);
    if (!selection) {
      selection = this.#read(selector, start, end);
      this.#selections.set(key, selection);
    }
    const series = await selection;
    this.observer?.read(selector, series.length, countSamples(series));
    return this.#totalsOnly.has(selector) ? series.map(withResetHints) : series;
  }

  async #read(selector: VectorSelector, start: number, end: number): Promise<readonly SourceSeries[]> {
    this.check();
    const maxSamples = this.limits.maxSamples - this.#samples;
    const series = await this.#source.select(
      selector.matchers,
      { start, end },
      this.#signal ? { maxSamples, signal: this.#signal } : { maxSamples },
    );
    const samples = countSamples(series);
    this.#samplesRead += samples;
    this.hold(samples);
    this.check();
    return series;
  }

  /** Counts samples that are made, loaded ones and those of results on the way. */
  hold(samples: number): void {
    this.#samples += samples;
    if (this.#samples <= this.limits.maxSamples) return;
    throw tooManySamples(this.limits.maxSamples);
  }

  /** True when `pause` is due. To be asked once a series or so. */
  get isDue(): boolean {
    return this.#clock.now() >= this.#sliceEnd;
  }

  /** Gives way to the event loop; throws where the query was cancelled or took too long. */
  async pause(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#sliceEnd = this.#clock.now() + SLICE_MS;
    this.check();
  }

  /** What still runs of the evaluation stops where it next gives way. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  check(): void {
    if (this.#isAbandoned) throw new ServiceError('internal', 'the evaluation was given up');
    this.#signal?.throwIfAborted();
    if (this.#clock.now() > this.#deadline) {
      const seconds = this.limits.timeoutMs / 1000;
      throw new ServiceError(
        'query_timeout',
        `the query took longer than its limit of ${seconds} s; narrow its time range or selectors`,
      );
    }
  }
}

function countSamples(series: readonly SourceSeries[]): number {
  let samples = 0;
  for (const { timestamps } of series) samples += timestamps.length;
  return samples;
}

function tooManySamples(limit: number): ServiceError {
  const message = `the query needs more than ${limit} samples, which is its limit; narrow its selectors, its time range, or raise its step`;
  return new ServiceError('invalid', message, { issues: [{ path: 'query', message }] });
}
