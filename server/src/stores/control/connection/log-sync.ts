import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * When a commit reaches the disk: `always` before its promise resolves; `1s` at most about a second later, so that a
 * power cut (not a killed process) may take what was committed in that second.
 */
export type Fsync = 'always' | '1s';

const LATEST_MS = 1000;

/**
 * Brings SQLite's write-ahead log onto the disk, outside of the event loop. Those who ask while one synchronisation is
 * under way share the next.
 */
export class LogSync {
  readonly #path: string;
  readonly #when: Fsync;
  #timer: NodeJS.Timeout | undefined;
  #file: Promise<FileHandle> | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** `path` is the database's. SQLite keeps its log beside it for as long as the database is open. */
  constructor(path: string, when: Fsync) {
    this.#path = path;
    this.#when = when;
  }

  /**
   * To be called after a commit; resolves when its caller may be answered. Rejects where the disk refuses: then nobody
   * knows what of the log is on it.
   */
  async reach(): Promise<void> {
    if (this.#when === 'always') return this.#sync();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // Whoever would hear of it has its answer already; the next second tries again.
      this.#sync().catch(() => undefined);
    }, LATEST_MS).unref();
  }

  #sync(): Promise<void> {
    if (!this.#running) return this.#begin();
    // The one under way may have begun before the caller's commit.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#begin();
      });
    return this.#next;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#next?.catch(() => undefined);
    await this.#running?.catch(() => undefined);
    await (await this.#file?.catch(() => undefined))?.close();
  }

  #begin(): Promise<void> {
    const run = this.#datasync().finally(() => {
      if (this.#running === run) this.#running = undefined;
    });
    this.#running = run;
    return run;
  }

  async #datasync(): Promise<void> {
    this.#file ??= this.#open();
    try {
      await (await this.#file).datasync();
    } catch (error) {
      this.#file = undefined;
      throw error;
    }
  }

  /** Its name in the folder has to be durable, too. */
  async #open(): Promise<FileHandle> {
    const folder = await open(dirname(this.#path), 'r');
    await folder.sync().finally(() => folder.close());
    return open(`${this.#path}-wal`, 'r+');
  }
}
