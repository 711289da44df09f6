import { statfs } from 'node:fs/promises';
import type { Clock, Timer } from '../../model/clock.ts';
import { ServiceError } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';

export interface DiskReserveOptions {
  /** A folder on the disk. */
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** So much stays free for the engine's merges and the control store. Default: 1 % of the disk, 64 MiB to 1 GiB. */
  readonly reserveBytes?: number;
}

export interface DiskSpace {
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly reserveBytes: number;
  /** New telemetry is refused until there is space again. */
  readonly exhausted: boolean;
}

const MIB = 1024 * 1024;
const EVERY_MS = 2000;

/** Watches the free space, so that new data is refused while there is still room to work in. */
export class DiskReserve {
  readonly #options: DiskReserveOptions;
  #space: DiskSpace = { totalBytes: 0, freeBytes: 0, reserveBytes: 0, exhausted: false };
  #timer: Timer | undefined;
  #closed = false;

  private constructor(options: DiskReserveOptions) {
    this.#options = options;
  }

  static async open(options: DiskReserveOptions): Promise<DiskReserve> {
    const reserve = new DiskReserve(options);
    await reserve.#look();
    return reserve;
  }

  async #look(): Promise<void> {
    const { path, clock, logger, reserveBytes } = this.#options;
    try {
      const { bavail, bsize, blocks } = await statfs(path);
      const totalBytes = blocks * bsize;
      const freeBytes = bavail * bsize;
      const reserve = reserveBytes ?? Math.min(1024 * MIB, Math.max(64 * MIB, totalBytes / 100));
      // A margin, so that it does not go back and forth.
      const exhausted = freeBytes < (this.#space.exhausted ? 1.1 * reserve : reserve);
      if (exhausted !== this.#space.exhausted) {
        const say = exhausted ? logger.error.bind(logger) : logger.info.bind(logger);
        say(
          { path, freeBytes, reserveBytes: reserve },
          exhausted ? 'the disk is full: telemetry is refused' : 'there is disk space again',
        );
      }
      this.#space = { totalBytes, freeBytes, reserveBytes: reserve, exhausted };
    } catch (error) {
      logger.warn({ path, err: error }, 'the free disk space cannot be read');
    }
    if (!this.#closed) this.#timer = clock.setTimer(EVERY_MS, () => void this.#look());
  }

  get space(): DiskSpace {
    return this.#space;
  }

  /** Throws `disk_full` while space is short. */
  check(): void {
    if (!this.#space.exhausted) return;
    const message = 'the disk of the telemetry store is full: free space or shorten the retention';
    throw new ServiceError('disk_full', message, { retryAfterSeconds: 60 });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }
}
