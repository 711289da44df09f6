import type { Logger } from '../model/logger.ts';

/**
 * What was started, to be stopped in reverse order: parts register their undoing as they come up, so that a start that
 * fails half-way leaves nothing behind.
 */
export class Lifecycle {
  readonly #logger: Logger;
  readonly #undo: { name: string; stop: () => Promise<unknown> | unknown }[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  onStop(name: string, stop: () => Promise<unknown> | unknown): void {
    this.#undo.push({ name, stop });
  }

  /** Stops everything, last started first; what fails to stop is logged and does not hinder the rest. */
  async stop(): Promise<void> {
    for (let part = this.#undo.pop(); part; part = this.#undo.pop()) {
      try {
        await part.stop();
      } catch (error) {
        this.#logger.error({ err: error, part: part.name }, 'a part did not stop cleanly');
      }
    }
  }
}
