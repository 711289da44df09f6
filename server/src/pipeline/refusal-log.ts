import type { Logger } from '../model/logger.ts';

const EVERY_MS = 60_000;

interface Line {
  loggedAt: number;
  since: number;
}

/** Logs what is refused because of a limit: once a minute at most for each source and reason, with the count since. */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #lines = new Map<string, Line>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(source: string, reason: string, count: number, details: readonly string[], now: number): void {
    const key = `${source} ${reason}`;
    const line = this.#lines.get(key);
    const refused = (line?.since ?? 0) + count;
    if (line && Math.abs(now - line.loggedAt) < EVERY_MS) {
      line.since = refused;
      return;
    }
    this.#lines.set(key, { loggedAt: now, since: 0 });
    this.#logger.warn({ source, reason, refused, details }, 'items were refused because of a limit');
  }
}
