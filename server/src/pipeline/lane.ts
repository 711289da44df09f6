import type { Clock } from '../model/clock.ts';
import { invalid, ServiceError } from '../model/errors.ts';
import type { Logger } from '../model/logger.ts';
import type { InFlight } from './in-flight.ts';
import type { IntakeCounter } from './intake-stats.ts';
import type { PipelineLimits } from './limits.ts';
import { REJECTION_REASONS, type Rejection, type RejectionReason, RejectionTally } from './rejection.ts';
import type { Stage } from './stage.ts';

/** What became of a batch whose good items are stored. */
export interface WriteOutcome {
  /** Items that are stored. */
  readonly accepted: number;
  readonly rejected: readonly Rejection[];
}

export interface WriteOptions {
  /** What the sender's protocol has refused already: counted with the rest. */
  readonly refused?: readonly Rejection[];
  /** True: where one item is refused nothing is stored, and the call throws `invalid` naming each by its index. */
  readonly allOrNothing?: boolean;
  /** Told of every item that is refused here, in the order of the batch. */
  readonly onRefused?: (index: number, reason: RejectionReason) => void;
}

export interface LaneOptions<Item extends object> {
  readonly stages: readonly Stage<Item>[];
  readonly limits: PipelineLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly inFlight: InFlight;
  /** Units that an item counts as: the samples of a series, else 1. */
  weigh(item: Item): number;
  write(items: readonly Item[]): Promise<void>;
}

const MOST_NAMED = 100;

interface Passed<Item> {
  readonly items: Item[];
  readonly weight: number;
  readonly tally: RejectionTally;
  readonly refused: { readonly index: number; readonly reason: RejectionReason }[];
}

/** The way of one signal: through its stages, under its bound, into its sink. */
export class Lane<Item extends object> {
  readonly #options: LaneOptions<Item>;

  constructor(options: LaneOptions<Item>) {
    this.#options = options;
  }

  /** Resolves when the good items are stored. Rejects with a `ServiceError` where none of them counts as stored. */
  async write(items: readonly Item[], counter: IntakeCounter, options: WriteOptions = {}): Promise<WriteOutcome> {
    const passed = this.#pass(items, counter, options.onRefused);
    passed.tally.addAll(options.refused ?? []);
    const rejected = passed.tally.list();
    counter.rejected(rejected);
    if (options.allOrNothing && passed.refused.length > 0) throw refusal(passed.refused);
    if (passed.items.length > 0) await this.#store(passed, counter);
    counter.accepted(passed.weight);
    return { accepted: passed.weight, rejected };
  }

  #pass(items: readonly Item[], counter: IntakeCounter, onRefused: WriteOptions['onRefused']): Passed<Item> {
    const { stages, limits, clock, weigh } = this.#options;
    const context = { limits, now: clock.now(), onTruncated: () => counter.truncated() };
    const steps = stages.map((stage) => stage(context));
    const passed = {
      items: [] as Item[],
      weight: 0,
      tally: new RejectionTally(),
      refused: [] as Passed<Item>['refused'],
    };
    for (const [index, item] of items.entries()) {
      const result = run(steps, item);
      const weight = weigh(item);
      if (typeof result === 'string') {
        passed.tally.add(result, weight);
        onRefused?.(index, result);
        if (passed.refused.length < MOST_NAMED) passed.refused.push({ index, reason: result });
      } else {
        passed.items.push(result);
        passed.weight += weight;
      }
    }
    return passed;
  }

  async #store(passed: Passed<Item>, counter: IntakeCounter): Promise<void> {
    const { inFlight, write, logger } = this.#options;
    try {
      await inFlight.run(passed.weight, () => write(passed.items));
    } catch (error) {
      counter.failed(passed.weight);
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

function run<Item extends object>(steps: readonly ((item: Item) => Item | RejectionReason)[], item: Item) {
  let current = item;
  for (const step of steps) {
    const next = step(current);
    if (typeof next === 'string') return next;
    current = next;
  }
  return current;
}

function refusal(refused: readonly { readonly index: number; readonly reason: RejectionReason }[]): ServiceError {
  return invalid(...refused.map(({ index, reason }) => ({ path: `[${index}]`, message: REJECTION_REASONS[reason] })));
}
