import type { Clock } from '../model/clock.ts';
import { invalid, ServiceError } from '../model/errors.ts';
import type { Logger } from '../model/logger.ts';
import { explainReason } from './advice.ts';
import type { InFlight } from './in-flight.ts';
import type { IntakeCounter } from './intake-stats.ts';
import type { PipelineLimits } from './limits.ts';
import type { RateLimits, Sender } from './rate-limits.ts';
import type { RefusalLog } from './refusal-log.ts';
import {
  type DropReason,
  isDropReason,
  type Rejection,
  type RejectionReason,
  RejectionTally,
  rejectionText,
} from './rejection.ts';
import type { Stage, StageContext } from './stage.ts';
import type { SteadyNow } from './steady-now.ts';

/** What became of a batch whose good items are stored. */
export interface WriteOutcome {
  /** Items that are stored, or left out because the configuration says so. */
  readonly accepted: number;
  readonly rejected: readonly Rejection[];
}

export interface WriteOptions {
  /** What the sender's protocol has refused already: counted with the rest. */
  readonly refused?: readonly Rejection[];
  /** True: where one item is refused nothing is stored, and the call throws `invalid` naming each by its index. */
  readonly allOrNothing?: boolean;
  /** Told of every item that is refused here, in the order of the batch. */
  readonly onRefused?: (index: number, reason: RejectionReason, detail?: string, count?: number) => void;
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
  write(items: readonly Item[]): Promise<void>;
}

const MOST_NAMED = 100;
/** Refused items of one batch that are kept to be shown. */
const MOST_EXAMPLES = 5;
/** What a limit refuses, as opposed to what is wrong with an item. */
const LOGGED: ReadonlySet<RejectionReason> = new Set(['per_metric_series_limit', 'series_limit']);

interface Passed<Item> {
  readonly items: Item[];
  /** Units of what is to be stored. */
  weight: number;
  /** Units that the configuration leaves out. */
  dropped: number;
  readonly tally: RejectionTally;
  readonly refused: { readonly index: number; readonly reason: RejectionReason; readonly detail: string }[];
}

/** The way of one signal: through its stages, under its bounds, into its sink. */
export class Lane<Item extends object> {
  readonly #options: LaneOptions<Item>;

  constructor(options: LaneOptions<Item>) {
    this.#options = options;
  }

  /** Resolves when the good items are stored. Rejects with a `ServiceError` where none of them counts as stored. */
  async write(items: readonly Item[], counter: IntakeCounter, options: WriteOptions = {}): Promise<WriteOutcome> {
    const now = this.#options.clock.now();
    counter.received(now);
    const giveBack = this.#charge(items, counter, options.sender, now);
    const passed = this.#pass(items, counter, options.onRefused, now);
    passed.tally.addAll(options.refused ?? []);
    const rejected = passed.tally.list();
    this.#report(rejected, counter, now);
    // What the receiver refused has no subject.
    for (const { reason, details = [] } of options.refused ?? []) {
      counter.example({ at: now, reason, subject: '', detail: details[0] ?? '' });
    }
    if (options.allOrNothing && passed.refused.length > 0) throw refusal(passed.refused);
    if (passed.items.length > 0) await this.#store(passed, counter, giveBack);
    counter.accepted(passed.weight, now);
    return { accepted: passed.weight + passed.dropped, rejected };
  }

  /** Takes the batch from its rate limits; the answer gives it back. */
  #charge(items: readonly Item[], counter: IntakeCounter, sender: Sender | undefined, now: number): () => void {
    const { rates, refusals, weigh } = this.#options;
    if (!sender || rates.isEmpty) return () => {};
    const weight = items.reduce((sum, item) => sum + weigh(item), 0);
    try {
      return rates.take(counter.source, sender, weight, now);
    } catch (error) {
      counter.rateLimited(weight, now);
      refusals.note(counter.source, 'rate_limited', weight, [(error as Error).message], now);
      throw error;
    }
  }

  #pass(
    items: readonly Item[],
    counter: IntakeCounter,
    onRefused: WriteOptions['onRefused'],
    now: number,
  ): Passed<Item> {
    const { stages, limits, weigh, subjectOf, steadyNow } = this.#options;
    let detail = '';
    const context: StageContext = {
      limits,
      source: counter.source,
      now: steadyNow.range(now),
      onTruncated: () => counter.truncated(),
      onRedacted: () => counter.redacted(),
      batchSize: items.length,
      explain: (text) => {
        detail = text;
      },
      refusePart: (reason, count) => {
        passed.tally.add(reason, count);
        onRefused?.(current, reason, '', count);
      },
    };
    let current = 0;
    const steps = stages.map((stage) => stage(context));
    const passed: Passed<Item> = { items: [], weight: 0, dropped: 0, tally: new RejectionTally(), refused: [] };
    for (let index = 0; index < items.length; index++) {
      const item = items[index]!;
      current = index;
      const result = run(steps, item);
      const weight = weigh(typeof result === 'string' ? item : result);
      if (typeof result !== 'string') {
        passed.items.push(result);
        passed.weight += weight;
      } else if (isDropReason(result)) {
        passed.dropped += weight;
        counter.dropped(result, weight);
      } else {
        passed.tally.add(result, weight, detail);
        onRefused?.(index, result, detail);
        if (passed.refused.length < MOST_NAMED) passed.refused.push({ index, reason: result, detail });
        if (passed.refused.length <= MOST_EXAMPLES) {
          counter.example({ at: now, reason: result, subject: subjectOf(item), detail });
        }
        detail = '';
      }
    }
    return passed;
  }

  #report(rejected: readonly Rejection[], counter: IntakeCounter, now: number): void {
    counter.rejected(rejected, now);
    for (const { reason, count, details = [] } of rejected) {
      if (LOGGED.has(reason)) this.#options.refusals.note(counter.source, reason, count, details, now);
    }
  }

  async #store(passed: Passed<Item>, counter: IntakeCounter, giveBack: () => void): Promise<void> {
    const { inFlight, write, logger } = this.#options;
    try {
      await inFlight.run(passed.weight, () => write(passed.items));
    } catch (error) {
      giveBack();
      counter.failed(passed.weight, this.#options.clock.now());
      if (error instanceof ServiceError) throw error;
      // A sender that hears "internal error" drops its data; nobody knows yet whether the next try fails too.
      logger.error({ err: error, items: passed.items.length }, 'the telemetry store refused a batch');
      throw new ServiceError('unavailable', 'the telemetry store cannot take data at present; send again later', {
        retryAfterSeconds: 5,
        cause: error,
      });
    }
  }
}

function run<Item extends object>(steps: readonly ((item: Item) => Item | RejectionReason | DropReason)[], item: Item) {
  let current = item;
  for (const step of steps) {
    const next = step(current);
    if (typeof next === 'string') return next;
    current = next;
  }
  return current;
}

function refusal(refused: Passed<object>['refused']): ServiceError {
  return invalid(
    ...refused.map(({ index, reason, detail }) => ({
      path: `[${index}]`,
      message: `${rejectionText(reason, detail)}; ${explainReason(reason).advice}`,
    })),
  );
}
