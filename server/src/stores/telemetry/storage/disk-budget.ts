import type { Clock, Timer } from '../../../model/clock.ts';
import type { Logger } from '../../../model/logger.ts';
import { signalOf } from '../clickhouse/schema/retention.ts';
import type { DaySize } from '../clickhouse/schema/stored-parts.ts';

/** What the keeper needs of the store. */
export interface StoredDays {
  /** Days that tables are divided by, oldest first. */
  days(): Promise<DaySize[]>;
  /** All of telemetry on disk, what is not divided by days included. */
  bytes(): Promise<number>;
  dropDay(day: DaySize): Promise<void>;
}

export interface DiskBudgetOptions {
  readonly stored: StoredDays;
  readonly limitBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface DiskBudgetState {
  readonly limitBytes: number;
  /** When last measured. */
  readonly usedBytes: number;
  /** Since the start. */
  readonly droppedDays: number;
  readonly droppedBytes: number;
  readonly lastDropped: { readonly day: string; readonly bytes: number; readonly at: number } | undefined;
  /** Above the budget with nothing but the running day left. */
  readonly exceeded: boolean;
}

const EVERY_MS = 60_000;
/** Small, and all that is left of long ago: they go last. */
const isRollups = (table: string) => signalOf(table) === 'rollups';

/**
 * Keeps telemetry within a budget: while it is above, the oldest day goes, over all signals alike, and rollups of metrics
 * when nothing else is left. The running day (UTC) and what is dated later never goes: the budget is then exceeded, and
 * that is said.
 */
export class DiskBudget {
  readonly #options: DiskBudgetOptions;
  #state: DiskBudgetState;
  #timer: Timer | undefined;
  #checking: Promise<void> | undefined;
  #stopped = true;

  constructor(options: DiskBudgetOptions) {
    this.#options = options;
    this.#state = {
      limitBytes: options.limitBytes,
      usedBytes: 0,
      droppedDays: 0,
      droppedBytes: 0,
      lastDropped: undefined,
      exceeded: false,
    };
  }

  get state(): DiskBudgetState {
    return this.#state;
  }

  /** The first measurement is at once, for one that was lowered. */
  start(): void {
    this.#stopped = false;
    this.#tick();
  }

  #tick(): void {
    this.#checking = this.check()
      .catch((error: unknown) => this.#options.logger.warn({ err: error }, 'the disk budget could not be checked'))
      .finally(() => {
        if (!this.#stopped) this.#timer = this.#options.clock.setTimer(EVERY_MS, () => this.#tick());
      });
  }

  async check(): Promise<void> {
    const { stored, limitBytes, clock, logger } = this.#options;
    for (;;) {
      const usedBytes = await stored.bytes();
      const today = new Date(clock.now()).toISOString().slice(0, 10);
      const oldest = nextToDrop((await stored.days()).filter(({ day }) => day < today));
      const exceeded = usedBytes > limitBytes && oldest === undefined;
      if (exceeded && !this.#state.exceeded) {
        logger.error({ usedBytes, limitBytes }, 'DISK_BUDGET is less than a day of telemetry: nothing is left to drop');
      }
      this.#state = { ...this.#state, usedBytes, exceeded };
      if (usedBytes <= limitBytes || oldest === undefined) return;
      await stored.dropDay(oldest);
      const { day, bytes, tables } = oldest;
      logger.warn({ day, bytes, tables, usedBytes, limitBytes }, 'telemetry of the oldest day dropped for DISK_BUDGET');
      this.#state = {
        ...this.#state,
        droppedDays: this.#state.droppedDays + 1,
        droppedBytes: this.#state.droppedBytes + bytes,
        lastDropped: { day, bytes, at: clock.now() },
      };
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#checking;
  }
}

/** The oldest day without its rollups; where there is but rollups, the oldest of those. */
function nextToDrop(days: readonly DaySize[]): DaySize | undefined {
  const withOthers = days.find(({ tables }) => tables.some((table) => !isRollups(table)));
  if (!withOthers) return days[0];
  return { ...withOthers, tables: withOthers.tables.filter((table) => !isRollups(table)) };
}
