import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../model/clock.ts';
import { ServiceError } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';
import type { ClickHouse } from '../click-house.ts';
import { DiskReserve, type DiskSpace } from '../disk-reserve.ts';
import type { LogDamage, Recovery } from '../log/recovery.ts';
import { type FsyncMode, WriteAheadLog, type WriteAheadLogStats } from '../log/write-ahead-log.ts';
import { LoggedSink } from './logged-sink.ts';

export interface LoggedTablesOptions {
  /** The folder of the telemetry store. */
  readonly path: string;
  readonly fsync: FsyncMode;
  readonly clickHouse: ClickHouse;
  readonly clock: Clock;
  readonly logger: Logger;
  /** See `DiskReserveOptions`. */
  readonly reserveBytes?: number;
  /** The log takes nothing more when it is so long: a start reads it all, and is to be ready soon. Default 1 GiB. */
  readonly mostLogBytes?: number;
}

export interface LoggedTablesStats {
  readonly fsync: FsyncMode;
  readonly log: WriteAheadLogStats;
  /** By table: what is in the log and not yet in the table. */
  readonly pending: Readonly<Record<string, { readonly rows: number; readonly bytes: number }>>;
  readonly disk: DiskSpace;
  /** What the start found in the log. */
  readonly replayedRows: number;
  readonly damage: readonly LogDamage[];
  /** Tables whose newest insert failed, with the reason. */
  readonly failures: Readonly<Record<string, string>>;
  /** Rows that the engine refused for good since the start; they lie in `telemetry/set-aside/`. */
  readonly setAsideRows: number;
}

/** Rows wait so long for others to share an insert with, milliseconds: samples longer, since memory answers for them. */
const FLUSH_AFTER_MS = 1000;
const FLUSH_SAMPLES_AFTER_MS = 10_000;

/** All tables behind one write-ahead log. */
export class LoggedTables {
  readonly #options: LoggedTablesOptions;
  readonly #log: WriteAheadLog;
  readonly #recovery: Recovery;
  readonly #disk: DiskReserve;
  readonly #sinks = new Map<string, LoggedSink>();
  readonly #mostLogBytes: number;
  #isShortening = false;

  private constructor(options: LoggedTablesOptions, log: WriteAheadLog, recovery: Recovery, disk: DiskReserve) {
    this.#options = options;
    this.#log = log;
    this.#recovery = recovery;
    this.#disk = disk;
    this.#mostLogBytes = options.mostLogBytes ?? 1024 ** 3;
  }

  /**
   * Opens the log and moves what an earlier process left in it into the tables. Where the engine cannot take it now
   * (the disk is full), that goes on in the background.
   */
  static async open(options: LoggedTablesOptions): Promise<LoggedTables> {
    const { path, clock, logger, reserveBytes } = options;
    const disk = await DiskReserve.open({ path, clock, logger, ...(reserveBytes !== undefined && { reserveBytes }) });
    const checkSpace = () => {
      disk.check();
      tables.#checkLength();
    };
    const { log, recovery } = await WriteAheadLog.open({
      path: join(path, 'log'),
      fsync: options.fsync,
      clock,
      logger,
      checkSpace,
    });
    const tables: LoggedTables = new LoggedTables(options, log, recovery, disk);
    await tables.#replay();
    return tables;
  }

  /**
   * A table whose rows wait holds all segments since. When these grow, none waits for others to share an insert with;
   * where a table does not take its rows at all, everybody waits.
   */
  #checkLength(): void {
    const { bytes } = this.#log;
    if (bytes > this.#mostLogBytes / 4 && !this.#isShortening) {
      this.#isShortening = true;
      void this.flush().finally(() => {
        this.#isShortening = false;
      });
    }
    if (bytes <= this.#mostLogBytes) return;
    const failing = [...this.#sinks].filter(([, sink]) => sink.failure !== undefined).map(([table]) => table);
    const reason = failing.length > 0 ? `${failing.join(', ')} take no rows` : 'the engine is slower than the senders';
    throw new ServiceError('overloaded', `the write-ahead log is full: ${reason}`, { retryAfterSeconds: 5 });
  }

  async #replay(): Promise<void> {
    const { logger } = this.#options;
    const { damage, tables } = this.#recovery;
    for (const lost of damage) {
      const text = lost.rows === undefined ? 'an unknown number of rows is lost' : `${lost.rows} rows are lost`;
      logger.error({ ...lost }, `the write-ahead log is damaged: ${text}; the segment is kept as *.damaged`);
    }
    await Promise.all([...tables.keys()].map((table) => this.#replayTable(table)));
    await this.#log.release();
  }

  async #replayTable(table: string): Promise<void> {
    const { logger } = this.#options;
    const sink = this.sink(table);
    const rows = sink.pendingRows;
    logger.info({ table, rows }, 'replaying the write-ahead log');
    if (!(await sink.flush())) logger.warn({ table, rows }, 'the replay of the write-ahead log goes on later');
  }

  sink(table: string): LoggedSink {
    const known = this.#sinks.get(table);
    if (known) return known;
    const { clickHouse, clock, logger } = this.#options;
    const recovered = this.#recovery.tables.get(table);
    const sink = new LoggedSink({
      log: this.#log,
      clickHouse,
      table,
      clock,
      logger,
      setAside: (name, block) => this.#setAside(name, block),
      flushAfterMs: table === 'metric_samples' ? FLUSH_SAMPLES_AFTER_MS : FLUSH_AFTER_MS,
      ...(recovered && { recovered }),
    });
    this.#sinks.set(table, sink);
    return sink;
  }

  async #setAside(name: string, block: Buffer): Promise<string> {
    const folder = join(this.#options.path, 'set-aside');
    await mkdir(folder, { recursive: true });
    const file = join(folder, name);
    await writeFile(file, block, { flush: true });
    return file;
  }

  /** Resolves with true when all that was accepted before the call is in the tables. */
  async flush(): Promise<boolean> {
    const outcomes = await Promise.all([...this.#sinks.values()].map((sink) => sink.flush()));
    return outcomes.every(Boolean);
  }

  get stats(): LoggedTablesStats {
    const failed = [...this.#sinks].filter(([, sink]) => sink.failure !== undefined);
    const recovered = [...this.#recovery.tables.values()].flatMap(({ cuts, loose }) => [
      ...cuts.flatMap(({ blocks }) => blocks),
      ...loose,
    ]);
    return {
      fsync: this.#options.fsync,
      log: this.#log.stats,
      pending: Object.fromEntries(
        [...this.#sinks].map(([table, { pendingRows, pendingBytes }]) => [
          table,
          { rows: pendingRows, bytes: pendingBytes },
        ]),
      ),
      disk: this.#disk.space,
      replayedRows: recovered.reduce((sum, { rows }) => sum + rows, 0),
      damage: this.#recovery.damage,
      failures: Object.fromEntries(failed.map(([table, sink]) => [table, String(sink.failure)])),
      setAsideRows: [...this.#sinks.values()].reduce((sum, sink) => sum + sink.setAsideRows, 0),
    };
  }

  /** After the writers, which close their sinks. */
  async close(): Promise<void> {
    for (const sink of this.#sinks.values()) await sink.close();
    await this.#log.close();
    this.#disk.close();
  }
}
