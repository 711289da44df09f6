import type { Clock } from '../model/clock.ts';
import { invalid, ServiceError } from '../model/errors.ts';
import { collect, type Flow } from '../model/flow.ts';
import type { Logger } from '../model/logger.ts';
import { explainReason } from './advice.ts';
import type { InFlight } from './in-flight.ts';
import type { IntakeCounter } from './intake-stats.ts';
import type { PipelineLimits } from './limits.ts';
import { type OnRefused, Passage } from './passage.ts';
import type { RateLimits, Sender } from './rate-limits.ts';
import type { RefusalLog } from './refusal-log.ts';
import { type Rejection, type RejectionReason, RejectionTally, rejectionText } from './rejection.ts';
import type { Stage } from './stage.ts';
import type { SteadyNow } from './steady-now.ts';

/** What became of a batch whose good items are stored. */
export interface WriteOutcome {
  /** Items that are stored, or left out because the configuration says so. */
  readonly accepted: number;
  readonly rejected: readonly Rejection[];
}

export interface WriteOptions {
  /** What the sender's protocol refuses: counted with the rest. A tally may grow until the batch is gone through. */
  readonly refused?: readonly Rejection[] | RejectionTally;
  /** True: where one item is refused nothing is stored, and the call throws `invalid` naming each by its index. */
  readonly allOrNothing?: boolean;
  /** Told of every item that is refused here, in the order of the batch. */
  readonly onRefused?: OnRefused;
  /** Whose rate limits hold besides those of the source. Left out: none hold, as for what the service itself brings. */
  readonly sender?: Sender;
}

export interface LaneOptions<Item extends object> {
  readonly stages: readonly Stage<Item>[];
  readonly limits: PipelineLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly inFlight: InFlight;
  readonly rates: RateLimits;
  readonly refusals: RefusalLog;
  readonly steadyNow: SteadyNow;
  /** What people know an item by: its metric, its service. */
  subjectOf(item: Item): string;
  /** Units that an item counts as: the samples of a series, else 1. */
  weigh(item: Item): number;
  /** Those of a batch, at most. */
  weighAll(items: Flow<Item>): number;
  /** Goes through the items before it answers. */
  write(items: Flow<Item>): Promise<void>;
}

/** Refused items of one batch that are kept to be shown. */
const MOST_EXAMPLES = 5;
/** What a limit refuses, as opposed to what is wrong with an item. */
const LOGGED: ReadonlySet<RejectionReason> = new Set(['per_metric_series_limit', 'series_limit']);

/** The way of one signal: through its stages, under its bounds, into its sink. */
export class Lane<Item extends object> {
  readonly #options: LaneOptions<Item>;

  constructor(options: LaneOptions<Item>) {
    this.#options = options;
  }

  /** Resolves when the good items are stored. Rejects with a `ServiceError` where none of them counts as stored. */
  async write(items: Flow<Item>, counter: IntakeCounter, options: WriteOptions = {}): Promise<WriteOutcome> {
    const now = this.#options.clock.now();
    counter.received(now);
    const weight = this.#options.weighAll(items);
    const giveBack = this.#charge(weight, counter, options.sender, now);
    const passage = this.#passage(items, counter, options.onRefused, now);
    const report = () => this.#report(passage, counter, now, options.refused);
    const good = options.allOrNothing ? collect(passage) : passage;
    if (options.allOrNothing && passage.refused.length > 0) {
      report();
      throw refusal(passage.refused);
    }
    try {
      if (weight > 0) await this.#options.inFlight.run(weight, () => this.#options.write(good));
    } catch (error) {
      giveBack();
      if (isBrokenRequest(error)) throw error;
      report();
      const failed = passage.isThrough ? passage.weight : weight;
      counter.failed(failed, this.#options.clock.now());
      throw this.#toServiceError(error, failed);
    }
    const rejected = report();
    counter.accepted(passage.weight, now);
    const dropped = [...passage.dropped.values()].reduce((sum, count) => sum + count, 0);
    return { accepted: passage.weight + dropped, rejected };
  }

  /** Takes the batch from its rate limits; the answer gives it back. */
  #charge(weight: number, counter: IntakeCounter, sender: Sender | undefined, now: number): () => void {
    const { rates, refusals } = this.#options;
    if (!sender || rates.isEmpty) return () => {};
    try {
      return rates.take(counter.source, sender, weight, now);
    } catch (error) {
      counter.rateLimited(weight, now);
      refusals.note(counter.source, 'rate_limited', weight, [(error as Error).message], now);
      throw error;
    }
  }

  #passage(items: Flow<Item>, counter: IntakeCounter, onRefused: OnRefused | undefined, now: number): Passage<Item> {
    const { stages, limits, weigh, subjectOf, steadyNow } = this.#options;
    return new Passage(items, {
      stages,
      context: {
        limits,
        source: counter.source,
        now: steadyNow.range(now),
        onTruncated: () => counter.truncated(),
        onRedacted: () => counter.redacted(),
      },
      onRefused,
      weigh,
      subjectOf,
    });
  }

  /** Counts what did not come through; answers what its sender hears of it. */
  #report(
    passage: Passage<Item>,
    counter: IntakeCounter,
    now: number,
    refused: WriteOptions['refused'] = [],
  ): Rejection[] {
    const before = refused instanceof RejectionTally ? refused.list() : refused;
    passage.tally.addAll(before);
    const rejected = passage.tally.list();
    counter.rejected(rejected, now);
    for (const { reason, count, details = [] } of rejected) {
      if (LOGGED.has(reason)) this.#options.refusals.note(counter.source, reason, count, details, now);
    }
    for (const [reason, count] of passage.dropped) counter.dropped(reason, count);
    for (const { reason, subject, detail } of passage.refused.slice(0, MOST_EXAMPLES)) {
      counter.example({ at: now, reason, subject, detail });
    }
    // What the receiver refused has no subject.
    for (const { reason, details = [] } of before) {
      counter.example({ at: now, reason, subject: '', detail: details[0] ?? '' });
    }
    return rejected;
  }

  #toServiceError(error: unknown, items: number): ServiceError {
    if (error instanceof ServiceError) return error;
    // A sender that hears "internal error" drops its data; nobody knows yet whether the next try fails too.
    this.#options.logger.error({ err: error, items }, 'the telemetry store refused a batch');
    return new ServiceError('unavailable', 'the telemetry store cannot take data at present; send again later', {
      retryAfterSeconds: 5,
      cause: error,
    });
  }
}

/** Found while it was read: the same request fails again wherever it goes. */
function isBrokenRequest(error: unknown): boolean {
  return error instanceof ServiceError && (error.code === 'malformed' || error.code === 'too_large');
}

function refusal(refused: Passage<object>['refused']): ServiceError {
  return invalid(
    ...refused.map(({ index, reason, detail }) => ({
      path: `[${index}]`,
      message: `${rejectionText(reason, detail)}; ${explainReason(reason).advice}`,
    })),
  );
}
