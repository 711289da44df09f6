import type { Clock, Timer } from '../../../model/clock.ts';
import type { Logger } from '../../../model/logger.ts';
import type { Discovery } from './discovery.ts';
import type { TargetGroup } from './target-group.ts';

export interface RefreshingOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** For the log: `job "web", docker`. */
  readonly name: string;
  readonly refreshMs: number;
  /** All groups of now. While it rejects, the ones before stay. */
  readonly refresh: (signal: AbortSignal) => Promise<readonly TargetGroup[]>;
  readonly onStop?: () => Promise<void>;
}

/** Asks for its targets at once and at an interval; what is found stays while asking fails. */
export class RefreshingDiscovery implements Discovery {
  readonly #options: RefreshingOptions;
  readonly #abort = new AbortController();
  #onGroups: (groups: readonly TargetGroup[]) => void = () => {};
  #known = '';
  #problem = '';
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #again = false;

  constructor(options: RefreshingOptions) {
    this.#options = options;
  }

  start(onGroups: (groups: readonly TargetGroup[]) => void): void {
    this.#onGroups = onGroups;
    this.refreshNow();
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error('the discovery is stopped'));
    this.#timer?.cancel();
    await this.#running;
    await this.#options.onStop?.();
  }

  /** Never twice at once: asked for while it runs, it runs again afterwards. */
  refreshNow(): void {
    if (this.#abort.signal.aborted) return;
    if (this.#isRunning) {
      this.#again = true;
      return;
    }
    this.#timer?.cancel();
    this.#isRunning = true;
    this.#running = this.#refresh().finally(() => {
      this.#isRunning = false;
      const again = this.#again;
      this.#again = false;
      if (again) this.refreshNow();
      else if (!this.#abort.signal.aborted) {
        this.#timer = this.#options.clock.setTimer(this.#options.refreshMs, () => this.refreshNow());
      }
    });
  }

  async #refresh(): Promise<void> {
    const { refresh, logger, name } = this.#options;
    try {
      const groups = await refresh(this.#abort.signal);
      if (this.#problem !== '') logger.info({ discovery: name }, 'targets are found again');
      this.#problem = '';
      const found = JSON.stringify(groups);
      if (found === this.#known || this.#abort.signal.aborted) return;
      this.#known = found;
      this.#onGroups(groups);
    } catch (error) {
      const problem = (error as Error).message;
      if (this.#abort.signal.aborted || problem === this.#problem) return;
      this.#problem = problem;
      logger.warn({ discovery: name, reason: problem }, 'targets cannot be found; those known are kept');
    }
  }
}
