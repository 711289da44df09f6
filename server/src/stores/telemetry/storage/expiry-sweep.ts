import type { Clock, Timer } from '../../../model/clock.ts';
import type { Logger } from '../../../model/logger.ts';
import { type Retention, retentionOf } from '../clickhouse/schema/retention.ts';
import type { DaySize } from '../clickhouse/schema/stored-parts.ts';
import type { StoredDays } from './disk-budget.ts';

export interface ExpirySweepOptions {
  readonly stored: Pick<StoredDays, 'days' | 'dropDay'>;
  readonly retention: () => Retention;
  readonly clock: Clock;
  readonly logger: Logger;
}

const DAY_MS = 86_400_000;
const EVERY_MS = 3_600_000;

/**
 * Drops days that are past their retention. The tables' TTL does the same, but goes by what it was when a part was
 * written until the engine has worked it out anew, which may take hours after a change.
 */
export class ExpirySweep {
  readonly #options: ExpirySweepOptions;
  #timer: Timer | undefined;
  #sweeping: Promise<void> | undefined;
  #stopped = true;

  constructor(options: ExpirySweepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
    this.#tick();
  }

  #tick(): void {
    this.#sweeping = this.sweep()
      .catch((error: unknown) => this.#options.logger.warn({ err: error }, 'expired days could not be dropped'))
      .finally(() => {
        if (!this.#stopped) this.#timer = this.#options.clock.setTimer(EVERY_MS, () => this.#tick());
      });
  }

  async sweep(): Promise<void> {
    const { stored, retention, clock, logger } = this.#options;
    for (const day of expiredDays(await stored.days(), retention(), clock.now())) {
      await stored.dropDay(day);
      logger.info({ day: day.day, tables: day.tables }, 'telemetry past its retention dropped');
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#sweeping;
  }
}

/** Of each day the tables whose rows have all expired, days without such left out. */
function expiredDays(days: readonly DaySize[], retention: Retention, now: number): DaySize[] {
  return days
    .map((day) => {
      const end = Date.parse(`${day.day}T00:00:00Z`) + DAY_MS;
      const isExpired = (table: string) => {
        const kept = retentionOf(table, retention);
        return kept !== undefined && end <= now - kept;
      };
      return { ...day, tables: day.tables.filter(isExpired) };
    })
    .filter(({ tables }) => tables.length > 0);
}
