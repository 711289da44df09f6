import type { Clock, Timer } from '../../../../model/clock.ts';
import type { Logger } from '../../../../model/logger.ts';
import type { ClickHouse } from '../../click-house.ts';
import type { Cluster } from '../schema/cluster-ddl.ts';
import { type InsertedDay, readInsertedDays } from '../schema/stored-parts.ts';
import { newestVersion, type Rolling, rolledDays, rollupStatements } from './roll-day.ts';
import { ROLLING_HISTOGRAMS } from './roll-histograms.ts';
import { ROLLING_SAMPLES } from './roll-samples.ts';

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
  /** By table and day: what was inserted into it when it was last found to be rolled up. */
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

  /** One pass; resolves with the days that were rolled up, those of samples first, each kind from the oldest on. */
  async run(): Promise<string[]> {
    if (!this.#options.isWanted()) return [];
    const done = [...(await this.#runFor(ROLLING_SAMPLES)), ...(await this.#runFor(ROLLING_HISTOGRAMS))];
    if (done.length > 0) await this.#options.onRolled();
    return done;
  }

  async #runFor(rolling: Rolling): Promise<string[]> {
    const { clickHouse, logger } = this.#options;
    const changed = await this.#changedDays(rolling);
    if (changed.length === 0) return [];
    const rolled = await rolledDays(clickHouse, rolling);
    const done: string[] = [];
    for (const { day, inserts } of changed) {
      if (this.#stopped) break;
      const version = await newestVersion(clickHouse, rolling, day);
      if (BigInt(version) > BigInt(rolled.get(day)?.version ?? 0)) {
        if (!(await this.#roll(rolling, day, version))) break;
        logger.info({ day, table: rolling.source }, 'metrics of a closed day rolled up');
        done.push(day);
      }
      this.#known.set(`${rolling.source} ${day}`, inserts);
    }
    return done;
  }

  async #changedDays({ source }: Rolling): Promise<InsertedDay[]> {
    const { clickHouse, cluster, clock } = this.#options;
    const days = await readInsertedDays(clickHouse, cluster, source);
    const present = new Set(days.map(({ day }) => `${source} ${day}`));
    for (const key of this.#known.keys())
      if (key.startsWith(`${source} `) && !present.has(key)) this.#known.delete(key);
    const closed = clock.now() - CLOSED_AFTER_MS;
    return days.filter(
      ({ day, inserts }) =>
        Date.parse(`${day}T00:00:00Z`) + DAY_MS <= closed && (this.#known.get(`${source} ${day}`) ?? -1) !== inserts,
    );
  }

  async #roll(rolling: Rolling, day: string, version: string): Promise<boolean> {
    const { clickHouse, pauseMs = 500 } = this.#options;
    for (const statement of await rollupStatements(clickHouse, rolling, day, version)) {
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
