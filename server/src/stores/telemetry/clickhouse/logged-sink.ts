import { giveBackBuffer } from '../../../lib/buffer-pool.ts';
import type { Clock, Timer } from '../../../model/clock.ts';
import { ServiceError } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';
import type { ClickHouse } from '../click-house.ts';
import type { CutBlocks, LoggedBlock, RecoveredTable } from '../log/recovery.ts';
import type { WriteAheadLog } from '../log/write-ahead-log.ts';
import type { BlockSink } from './block-sink.ts';

export interface LoggedSinkOptions {
  readonly log: WriteAheadLog;
  readonly clickHouse: ClickHouse;
  readonly table: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Keeps an insert that the engine refuses whatever is tried; resolves with where it lies. */
  setAside(name: string, block: Buffer): Promise<string>;
  /** What an earlier process left. */
  readonly recovered?: RecoveredTable;
  /** So long a block waits for others at most, milliseconds. */
  readonly flushAfterMs: number;
  readonly limits?: Partial<InsertLimits>;
}

export interface InsertLimits {
  /** What one insert holds at most; a single block may be larger. */
  readonly rows: number;
  readonly bytes: number;
}

const LIMITS: InsertLimits = { rows: 300_000, bytes: 24 * 1024 * 1024 };

/**
 * Beyond so many inserts' worth the senders wait: their answers come at the pace of the engine. By bytes it is more, so
 * that wide rows (spans, records), whose inserts take long, are taken in while one is on its way.
 */
const MOST_WAITING = { insertsOfRows: 2, insertsOfBytes: 3 };

/** Waits between the tries of one insert, milliseconds; the last one again and again. */
const RETRY_MS = [50, 300, 1000, 2000, 5000];
/** An insert that fails so often while the engine answers is at fault itself. */
const MOST_TRIES = 20;

/**
 * Takes blocks into the write-ahead log, and moves them from there into their table in large inserts. An insert is
 * tried until it succeeds; its blocks stay in the log until then.
 */
export class LoggedSink implements BlockSink {
  readonly #options: LoggedSinkOptions;
  readonly #limits: InsertLimits;
  /** Of an earlier process: their tokens may be known to the table. */
  readonly #cuts: CutBlocks[];
  readonly #loose: LoggedBlock[];
  #pendingRows = 0;
  #pendingBytes = 0;
  #timer: Timer | undefined;
  #moving: Promise<void> | undefined;
  #closing = false;
  #failure: unknown;
  /** Resolved, and made anew, when an insert is done. */
  #room = Promise.withResolvers<void>();
  #setAsideRows = 0;

  constructor(options: LoggedSinkOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#cuts = [...(options.recovered?.cuts ?? [])];
    this.#loose = [...(options.recovered?.loose ?? [])];
    for (const block of [...this.#cuts.flatMap(({ blocks }) => blocks), ...this.#loose]) this.#count(block, 1);
  }

  async take(block: Buffer, rows: number): Promise<void> {
    const { log, table } = this.#options;
    while (this.#isBehind() && !this.#closing) await this.#room.promise;
    const sequence = await log.append(table, rows, block);
    const logged = {
      sequence,
      rows,
      bytes: block.byteLength,
      read: () => block,
      release: () => giveBackBuffer(block),
    };
    this.#loose.push(logged);
    this.#count(logged, 1);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#cuts.length + this.#loose.length === 0 || this.#moving || this.#closing) return;
    if (this.#isFull()) void this.#move();
    else this.#timer ??= this.#options.clock.setTimer(this.#options.flushAfterMs, () => void this.#move());
  }

  #count({ rows, bytes }: LoggedBlock, sign: 1 | -1): void {
    this.#pendingRows += sign * rows;
    this.#pendingBytes += sign * bytes;
  }

  #isBehind(): boolean {
    const { rows, bytes } = this.#limits;
    const { insertsOfRows, insertsOfBytes } = MOST_WAITING;
    return this.#pendingRows >= insertsOfRows * rows || this.#pendingBytes >= insertsOfBytes * bytes;
  }

  #isFull(): boolean {
    return this.#pendingRows >= this.#limits.rows || this.#pendingBytes >= this.#limits.bytes;
  }

  /** Resolves when everything that was there at the call is in the table: true, or false where an insert failed. */
  async flush(): Promise<boolean> {
    while (this.#moving) await this.#moving;
    await this.#move(true);
    return this.#failure === undefined;
  }

  /** One move at a time; it never rejects. */
  #move(givesUp = false): Promise<void> {
    this.#moving ??= this.#moveAll(givesUp).finally(() => {
      this.#moving = undefined;
      this.#schedule();
    });
    return this.#moving;
  }

  /** Moves what is there now. */
  async #moveAll(givesUp: boolean): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const until = this.#loose.at(-1)?.sequence ?? 0;
    while (this.#cuts.length > 0 || (this.#loose.length > 0 && this.#loose[0]!.sequence <= until)) {
      if (!(await this.#moveNext(givesUp))) return;
    }
  }

  /** One insert, tried until it is done. False where it is left for later. */
  async #moveNext(givesUp: boolean): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#insert(await this.#nextCut());
        this.#failure = undefined;
        return true;
      } catch (error) {
        this.#failure = error;
        this.#options.logger.warn({ table: this.#options.table, tries, err: error }, 'telemetry not inserted yet');
        if (this.#closing || givesUp) return false;
        if (tries >= MOST_TRIES && (await this.#isAtFault(error)) && (await this.#setAside())) return true;
        await this.#pause(RETRY_MS[Math.min(tries, RETRY_MS.length) - 1]!);
      }
    }
  }

  /** Decides which blocks come next, and writes it down before anything is inserted. */
  async #nextCut(): Promise<CutBlocks> {
    const known = this.#cuts[0];
    if (known) return known;
    const blocks: LoggedBlock[] = [];
    let rows = 0;
    let bytes = 0;
    for (const block of this.#loose) {
      rows += block.rows;
      bytes += block.bytes;
      if (blocks.length > 0 && (rows > this.#limits.rows || bytes > this.#limits.bytes)) break;
      blocks.push(block);
    }
    await this.#options.log.cut(this.#options.table, blocks);
    const cut = { through: blocks.at(-1)!.sequence, blocks };
    this.#loose.splice(0, blocks.length);
    this.#cuts.push(cut);
    return cut;
  }

  async #insert({ through, blocks }: CutBlocks): Promise<void> {
    const { clickHouse, table, log } = this.#options;
    await clickHouse.insertBlock(table, await read(blocks), log.tokenOf(table, through));
    await this.#forget(through);
  }

  async #forget(through: number): Promise<void> {
    const { blocks } = this.#cuts.shift()!;
    for (const block of blocks) {
      this.#count(block, -1);
      block.release?.();
    }
    this.#makeRoom();
    await this.#options.log.done(this.#options.table, through);
  }

  #makeRoom(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }

  /** True where the engine works and refuses just this insert. */
  async #isAtFault(error: unknown): Promise<boolean> {
    if (this.#cuts.length === 0 || (error instanceof ServiceError && error.code !== 'unavailable')) return false;
    return await this.#options.clickHouse.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  async #setAside(): Promise<boolean> {
    const { table, log, logger, setAside } = this.#options;
    const { through, blocks } = this.#cuts[0]!;
    try {
      const file = await setAside(`${log.tokenOf(table, through)}.native`, Buffer.concat(await read(blocks)));
      const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
      logger.error({ table, rows, file }, 'the engine refuses an insert; its rows are set aside in a file');
      this.#failure = undefined;
      this.#setAsideRows += rows;
      await this.#forget(through);
      return true;
    } catch (error) {
      logger.error({ table, err: error }, 'an insert that the engine refuses could not be set aside');
      return false;
    }
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = this.#options.clock.setTimer(ms, resolve);
    await promise;
    timer.cancel();
  }

  /** Ends the pause between two tries. */
  #wake: () => void = () => undefined;

  get pendingRows(): number {
    return this.#pendingRows;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Why the newest insert has not succeeded, if so. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Rows that the engine refused for good since the start; they lie in files. */
  get setAsideRows(): number {
    return this.#setAsideRows;
  }

  /** Tries once to bring everything into the table; what remains waits in the log for the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#timer?.cancel();
    this.#wake();
    this.#makeRoom();
    await this.#moving;
    await this.#move();
  }
}

async function read(blocks: readonly LoggedBlock[]): Promise<Buffer[]> {
  return await Promise.all(blocks.map((block) => block.read()));
}
