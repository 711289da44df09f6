import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../../../model/errors.ts';
import type { ClickHouseEngine, QueryOptions, UserQueryAnswer } from '../click-house.ts';
import { bindParameters, quoteIdentifier, quoteString } from './bind-parameters.ts';
import { toInsertError, toServiceError, toUserError } from './engine-errors.ts';
import { forgetLostInserts } from './forget-lost-inserts.ts';
import { type CompactAnswer, decodeObjects, toUserAnswer } from './json-rows.ts';
import { engineArguments, openingStatements, POOLS, type PoolName } from './pool-settings.ts';
import { drainEngine, type EngineResult, MARK_LENGTH, markText, SessionPool } from './session-pool.ts';
import { checkUserSql } from './user-sql.ts';

export interface EmbeddedOptions {
  /** Where the engine keeps its data; made where it is missing. One process at a time. */
  readonly path: string;
  /** Most memory of the engine's queries, merges and caches together, bytes. */
  readonly memoryLimitBytes: number;
  /** Backups may be written and read below it. */
  readonly backupDir?: string;
  /** Seconds that a query may run, by pool, where it is not the standard. */
  readonly seconds?: Partial<Readonly<Record<PoolName, number>>>;
}

/** ClickHouse inside this process. One per process: the engine binds the process to one data directory. */
export class EmbeddedClickHouse implements ClickHouseEngine {
  readonly #pools: Readonly<Record<PoolName, SessionPool>>;
  readonly #incoming: string;
  #blocks = 0;

  private constructor(pools: Readonly<Record<PoolName, SessionPool>>, incoming: string) {
    this.#pools = pools;
    this.#incoming = incoming;
  }

  /** Throws where the directory cannot be opened: another process has it, the disk is full, the data are broken. */
  static async open(options: EmbeddedOptions): Promise<EmbeddedClickHouse> {
    mkdirSync(options.path, { recursive: true });
    const incoming = join(options.path, 'incoming');
    clearDirectory(incoming);
    await forgetLostInserts(join(options.path, 'engine'), incoming);
    const connectionArgs = engineArguments(options.memoryLimitBytes, options.backupDir);
    const kill = (mark: string) => {
      const condition = `startsWith(query, ${quoteString(markText(mark))})`;
      // Never SYNC: it hangs. A query that has just ended by itself is not found, which is as well.
      pools.control.run(`KILL QUERY WHERE ${condition} ASYNC`, 'TabSeparated').catch(() => undefined);
    };
    const secondsOf = (name: PoolName) => options.seconds?.[name] ?? POOLS[name].seconds;
    const pool = (name: PoolName) =>
      new SessionPool({
        name,
        size: POOLS[name].size,
        maxWaiting: POOLS[name].maxWaiting,
        path: join(options.path, 'engine'),
        connectionArgs,
        opening: openingStatements(name, secondsOf(name), options.memoryLimitBytes),
        watchdogMs: secondsOf(name) * 1000 + 5000,
        kill,
      });
    const pools = {
      ingest: pool('ingest'),
      alerting: pool('alerting'),
      interactive: pool('interactive'),
      user: pool('user'),
      control: pool('control'),
    };
    const engine = new EmbeddedClickHouse(pools, incoming);
    try {
      await pools.control.open();
      for (const name of ['ingest', 'alerting', 'interactive', 'user'] as const) await pools[name].open();
      return engine;
    } catch (error) {
      await engine.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`the telemetry engine cannot open ${options.path}: ${reason}`, { cause: error });
    }
  }

  async query<Row>(sql: string, options?: QueryOptions): Promise<Row[]> {
    const result = await this.#run(sql, 'JSONCompact', options);
    return await decodeObjects<Row>(JSON.parse(result.text()) as CompactAnswer);
  }

  async queryBytes(sql: string, options?: QueryOptions): Promise<Uint8Array> {
    return (await this.#run(sql, 'RowBinary', options)).bytes();
  }

  async command(sql: string, options?: QueryOptions): Promise<void> {
    await this.#run(sql, 'TabSeparated', options);
  }

  async #run(sql: string, format: string, options: QueryOptions = {}): Promise<EngineResult> {
    const bound = bindParameters(sql, options.parameters);
    try {
      return await this.#pools[options.pool ?? 'interactive'].run(bound, format, options.signal);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw toServiceError(error);
    }
  }

  async insertBlock(table: string, blocks: Uint8Array | readonly Uint8Array[], token: string): Promise<void> {
    const file = join(this.#incoming, `${++this.#blocks}.native`);
    try {
      await writeBlocks(file, blocks);
      await this.#pools.ingest.run(
        `INSERT INTO ${quoteIdentifier(table)} SELECT * FROM file(${quoteString(file)}, 'Native') ` +
          `SETTINGS insert_deduplication_token = ${quoteString(token)}`,
        'TabSeparated',
      );
    } catch (error) {
      throw toInsertError(error);
    } finally {
      await rm(file, { force: true });
    }
  }

  async queryUser(sql: string, options: QueryOptions = {}): Promise<UserQueryAnswer> {
    const checked = checkUserSql(sql);
    try {
      const result = await this.#pools.user.run(checked, 'JSONCompact', options.signal);
      return await toUserAnswer(JSON.parse(result.text()) as CompactAnswer);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw toUserError(error, MARK_LENGTH);
    }
  }

  /** Rejects where the engine does not answer; waits behind no query. */
  async ping(): Promise<void> {
    try {
      await this.#pools.control.run('SELECT 1', 'TabSeparated', AbortSignal.timeout(5000));
    } catch (error) {
      throw new ServiceError('unavailable', 'the telemetry store does not answer', { cause: error });
    }
  }

  /** What runs and waits, by pool. */
  get pools(): Readonly<Record<PoolName, { readonly running: number; readonly waiting: number }>> {
    const { ingest, alerting, interactive, user, control } = this.#pools;
    return {
      ingest: ingest.stats,
      alerting: alerting.stats,
      interactive: interactive.stats,
      user: user.stats,
      control: control.stats,
    };
  }

  async close(): Promise<void> {
    const { control, ...others } = this.#pools;
    await Promise.all(Object.values(others).map((pool) => pool.close()));
    await control.close();
    await drainEngine();
  }
}

/** Blocks that a killed process left behind were not acknowledged: nobody misses them. */
function clearDirectory(path: string): void {
  mkdirSync(path, { recursive: true });
  for (const name of readdirSync(path)) rmSync(join(path, name), { force: true, recursive: true });
}

/** Small blocks are written at once, which costs less than a turn through the thread pool. */
async function writeBlocks(file: string, blocks: Uint8Array | readonly Uint8Array[]): Promise<void> {
  const list = blocks instanceof Uint8Array ? [blocks] : blocks;
  if (list.length === 1 && list[0]!.byteLength <= 256 * 1024) writeFileSync(file, list[0]!);
  else await writeFile(file, list);
}
