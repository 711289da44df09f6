import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/index.ts';
import { Serial } from '../lib/serial.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';

export interface ConfigReloadOptions {
  /** The configuration that runs. */
  readonly config: Config;
  /** Reads it again; throws naming every mistake. */
  readonly load: () => Config;
  /** What of it can change while the service runs. */
  readonly apply: (config: Config) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Parts that take effect at a reload; the others wait for the next start. */
export const RELOADED: readonly (keyof Config)[] = [
  'scrapeJobs',
  'templates',
  'channels',
  'rules',
  'alerts',
  'people',
  'preferences',
];

/** Takes a changed configuration while the service runs. One with mistakes changes nothing. */
export class ConfigReload {
  readonly #options: ConfigReloadOptions;
  readonly #serial = new Serial();
  #running: Config;
  #succeeded = true;
  #succeededAt: number;

  constructor(options: ConfigReloadOptions) {
    this.#options = options;
    this.#running = options.config;
    this.#succeededAt = options.clock.now();
  }

  /** Whether the last attempt went well, and when one did last (Unix milliseconds). */
  get state(): { readonly succeeded: boolean; readonly succeededAt: number } {
    return { succeeded: this.#succeeded, succeededAt: this.#succeededAt };
  }

  /** What is in force: parts that wait for the next start are as they were. */
  get running(): Config {
    return this.#running;
  }

  /** Reads the configuration as it is now, without taking it. Throws naming every mistake. */
  read(): Config {
    return this.#options.load();
  }

  /** Rejects with the mistakes. */
  reload(): Promise<void> {
    return this.#serial.run(async () => {
      const { load, apply, logger, clock } = this.#options;
      try {
        const config = load();
        await apply(config);
        this.#running = { ...this.#running, ...Object.fromEntries(RELOADED.map((name) => [name, config[name]])) };
        this.#succeeded = true;
        this.#succeededAt = clock.now();
        const waiting = this.#changedOthers(config);
        logger.info({ next_start: waiting }, 'the configuration was read again');
      } catch (error) {
        this.#succeeded = false;
        logger.error({ reason: (error as Error).message }, 'the configuration was not taken; the one before goes on');
        throw error;
      }
    });
  }

  /** Names of what has changed and takes effect at the next start only. */
  #changedOthers(config: Config): string[] {
    const names = Object.keys(config) as (keyof Config)[];
    return names.filter(
      (name) => !RELOADED.includes(name) && !isDeepStrictEqual(config[name], this.#options.config[name]),
    );
  }
}
