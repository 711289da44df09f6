import type { DriftItem } from '../api/index.ts';
import { type Config, ConfigError } from '../config/index.ts';
import { Serial } from '../lib/serial.ts';
import type { Clock } from '../model/clock.ts';
import { ServiceError } from '../model/errors.ts';
import type { Logger } from '../model/logger.ts';
import { configChanges, RELOADED } from './config-changes.ts';

export interface ConfigReloadOptions {
  /** The configuration that runs. */
  readonly config: Config;
  /** Reads it again; throws naming every mistake. */
  readonly load: () => Config;
  /** What of it can change while the service runs; where it rejects for what the configuration says, nothing has changed. */
  readonly apply: (config: Config) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How an attempt to take a changed configuration went. */
export interface ReloadReport {
  /** Unix milliseconds. */
  readonly at: number;
  /** Empty: it was taken. */
  readonly problems: readonly string[];
  /** What was different in it; what needs a restart waits for that. */
  readonly changes: readonly DriftItem[];
}

/** Takes a changed configuration while the service runs. One with mistakes changes nothing. */
export class ConfigReload {
  readonly #options: ConfigReloadOptions;
  readonly #serial = new Serial();
  #running: Config;
  #succeededAt: number;
  #last: ReloadReport | undefined;

  constructor(options: ConfigReloadOptions) {
    this.#options = options;
    this.#running = options.config;
    this.#succeededAt = options.clock.now();
  }

  /** Whether the last attempt went well, and when one did last (Unix milliseconds). */
  get state(): { readonly succeeded: boolean; readonly succeededAt: number } {
    return { succeeded: this.problems.length === 0, succeededAt: this.#succeededAt };
  }

  /** The last attempt since the start. */
  get last(): ReloadReport | undefined {
    return this.#last;
  }

  /** Why the last attempt changed nothing; empty where it was taken. */
  get problems(): readonly string[] {
    return this.#last?.problems ?? [];
  }

  /** What is in force: parts that wait for the next start are as they were. */
  get running(): Config {
    return this.#running;
  }

  /** Reads the configuration as it is now, without taking it. Throws naming every mistake. */
  read(): Config {
    return this.#options.load();
  }

  /** What was different. Rejects with the mistakes. */
  reload(): Promise<readonly DriftItem[]> {
    return this.#serial.run(async () => {
      const { load, logger, clock } = this.#options;
      const at = clock.now();
      try {
        const config = load();
        const changes = configChanges(this.#running, config);
        await this.#apply(config);
        this.#running = { ...this.#running, ...Object.fromEntries(RELOADED.map((name) => [name, config[name]])) };
        this.#succeededAt = at;
        this.#last = { at, problems: [], changes };
        const named = changes.map(
          ({ kind, name, state, takes_effect }) => `${kind} ${name}: ${state}, ${takes_effect}`,
        );
        logger.info({ changes: named }, 'the configuration was read again');
        return changes;
      } catch (error) {
        this.#last = { at, problems: problemsOf(error), changes: [] };
        logger.error({ reason: (error as Error).message }, 'the configuration was not taken; the one before goes on');
        throw error;
      }
    });
  }

  /** Where a part fails for another reason than what the configuration says, the others go back to what they were. */
  async #apply(config: Config): Promise<void> {
    const { apply, logger } = this.#options;
    try {
      await apply(config);
    } catch (error) {
      if (!isMistake(error)) {
        await apply(this.#running).catch((err) => logger.error({ err }, 'nor could the one before be put back whole'));
      }
      throw error;
    }
  }
}

function isMistake(error: unknown): boolean {
  return error instanceof ConfigError || (error instanceof ServiceError && error.code === 'invalid');
}

function problemsOf(error: unknown): string[] {
  if (error instanceof ConfigError) return [...error.problems];
  if (error instanceof ServiceError && error.issues.length > 0) {
    return error.issues.map(({ path, message }) => `${path}: ${message}`);
  }
  return [(error as Error).message];
}
