import type { Clock, Timer } from '../../../../model/clock.ts';
import type { Logger } from '../../../../model/logger.ts';
import type { ClickHouse } from '../../click-house.ts';
import type { Cluster } from '../schema/cluster-ddl.ts';
import { type InsertedDay, readInsertedDays } from '../schema/stored-parts.ts';
import { newestVersion, rolledDays, rollupStatements } from './roll-day.ts';

export interface RollupJobOptions {
  readonly clickHouse: ClickHouse;
  readonly cluster: Cluster | undefined;
  /** False: rollups would not be kept longer than samples, so none are made. */
  readonly isWanted: () => boolean;
  /** Told after a pass that made some. */
  readonly onRolled: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Between two statements, milliseconds: others shall have the machine meanwhile. Default 500. */
  readonly pauseMs?: number;
}

const DAY_MS = 86_400_000;
const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;
/** A day is closed so long after its end, milliseconds: what comes later makes it be rolled up again. */
const CLOSED_AFTER_MS = 600_000;

/**
 * Keeps the rollups of closed days up to date. What is done stands in the table itself, so that a pass that was cut off
 * is made good by the next one, and several services on one ClickHouse do the same work twice at worst.
 */
export class RollupJob {
  readonly #options: RollupJobOptions;
  /** By day: what was inserted into it when it was last found to be rolled up. */
  readonly #known = new Map<string, number>();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #wake: () => void = () => undefined;

  constructor(options: RollupJobOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.setTimer(FIRST_AFTER_MS, () => this.#tick());
  }

  #tick(): void {
    this.#running = this.run()
      .then(
        () => undefined,
        (error: unknown) => {
          if (!this.#stopped) this.#options.logger.warn({ err: error }, 'metrics could not be rolled up');
        },
      )
      .finally(() => {
        if (!this.#stopped) this.#timer = this.#options.clock.setTimer(EVERY_MS, () => this.#tick());
      });
  }

  /** One pass; resolves with the days that were rolled up, oldest first. */
  async run(): Promise<string[]> {
    const { clickHouse, isWanted, onRolled, logger } = this.#options;
    if (!isWanted()) return [];
    const changed = await this.#changedDays();
    if (changed.length === 0) return [];
    const rolled = await rolledDays(clickHouse);
    const done: string[] = [];
    for (const { day, inserts } of changed) {
      if (this.#stopped) break;
      const version = await newestVersion(clickHouse, day);
      if (BigInt(version) > BigInt(rolled.get(day) ?? 0)) {
        if (!(await this.#roll(day, version))) break;
        logger.info({ day }, 'metrics of a closed day rolled up');
        done.push(day);
      }
      this.#known.set(day, inserts);
    }
    if (done.length > 0) await onRolled();
    return done;
  }

  async #changedDays(): Promise<InsertedDay[]> {
    const { clickHouse, cluster, clock } = this.#options;
    const days = await readInsertedDays(clickHouse, cluster, 'metric_samples');
    const present = new Set(days.map(({ day }) => day));
    for (const day of this.#known.keys()) if (!present.has(day)) this.#known.delete(day);
    const closed = clock.now() - CLOSED_AFTER_MS;
    return days.filter(
      ({ day, inserts }) =>
        Date.parse(`${day}T00:00:00Z`) + DAY_MS <= closed && (this.#known.get(day) ?? -1) !== inserts,
    );
  }

  async #roll(day: string, version: string): Promise<boolean> {
    const { clickHouse, pauseMs = 500 } = this.#options;
    for (const statement of await rollupStatements(clickHouse, day, version)) {
      if (this.#stopped) return false;
      await clickHouse.command(statement);
      if (pauseMs > 0) await this.#pause(pauseMs);
    }
    return true;
  }

  async #pause(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = this.#options.clock.setTimer(milliseconds, resolve);
    await promise;
    timer.cancel();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#wake();
    await this.#running;
  }
}
