import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { Checkpoints } from './checkpoints.ts';
import { FairMutex } from './fair-mutex.ts';
import { type Fsync, LogSync } from './log-sync.ts';

const CACHED_STATEMENTS = 256;
const SQLITE_BUSY = 5;
/** How long a locked database may stop the event loop, and how long the pauses between are. */
const BUSY_PAUSE_MS = 10;
const BUSY_ATTEMPTS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Pages in the log at which SQLite itself copies it, were nobody else to do it: 128 MiB. */
const EMERGENCY_CHECKPOINT = 32_768;
const STILL_BUSY =
  'the control database was busy for 30 s: a transaction waits for something other than its own statements';

/**
 * Kysely on `node:sqlite`: one connection, one user at a time, served in the order of asking. A commit is on disk when
 * its promise resolves, as by `synchronous = FULL`, but the event loop goes on while the disk works. Others may read
 * what is committed and not yet on disk; whatever they write is on disk no sooner.
 */
export function sqliteDialect(path: string, fsync: Fsync): SqliteDialect {
  const following = new Following();
  return {
    createAdapter: () => new TransactionalSqliteAdapter(),
    createDriver: () => new NodeSqliteDriver(path, fsync, following),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    afterCommit: (callback) => following.set(callback),
  };
}

export interface SqliteDialect extends Dialect {
  /** To be called within a transaction: `callback` is called when that is committed, before it is on disk. */
  afterCommit(callback: () => void): void;
}

/** What follows the commit of the transaction under way: there is one at a time. */
class Following {
  #callback: (() => void) | undefined;

  set(callback: (() => void) | undefined): void {
    this.#callback = callback;
  }

  run(): void {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
  }
}

/** SQLite can roll back table changes; Kysely's adapter leaves that unused. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class NodeSqliteDriver implements Driver {
  readonly #path: string;
  readonly #mutex = new FairMutex();
  readonly #log: LogSync;
  readonly #checkpoints: Checkpoints;
  readonly #following: Following;
  #connection: NodeSqliteConnection | undefined;

  constructor(path: string, fsync: Fsync, following: Following) {
    this.#path = path;
    this.#following = following;
    this.#log = new LogSync(path, fsync);
    this.#checkpoints = new Checkpoints(path, (work) => this.#hold(work));
  }

  async init(): Promise<void> {
    const database = new DatabaseSync(this.#path, { timeout: 5000, enableForeignKeyConstraints: true });
    // Commits do not wait for the disk, but their callers do: see `SqliteLease`.
    database.exec(
      'pragma journal_mode = wal; pragma synchronous = normal; pragma temp_store = memory; pragma cache_size = -32768',
    );
    database.exec(`pragma busy_timeout = ${BUSY_PAUSE_MS}; pragma wal_autocheckpoint = ${EMERGENCY_CHECKPOINT}`);
    this.#connection = new NodeSqliteConnection(database);
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const lease = new SqliteLease(this.#connection!, this.#mutex, this.#following, () => this.#makeDurable());
    await lease.acquire();
    return lease;
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SqliteLease).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SqliteLease).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as SqliteLease).rollback();
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    (connection as SqliteLease).release();
  }

  async destroy(): Promise<void> {
    await this.#checkpoints.close();
    await this.#mutex.acquire(LONGEST_WAIT_MS, STILL_BUSY);
    await this.#log.close();
    this.#connection?.close();
  }

  #makeDurable(): Promise<void> {
    this.#checkpoints.noteCommit();
    return this.#log.reach();
  }

  async #hold<T>(work: () => Promise<T>): Promise<T> {
    await this.#mutex.acquire(LONGEST_WAIT_MS, STILL_BUSY);
    return work().finally(() => this.#mutex.release());
  }
}

/**
 * The connection in the hands of one user. A commit gives it on at once and then waits for the disk, together with
 * those that commit meanwhile; the next statement of the same user takes it again.
 */
class SqliteLease implements DatabaseConnection {
  readonly #connection: NodeSqliteConnection;
  readonly #mutex: FairMutex;
  readonly #following: Following;
  readonly #makeDurable: () => Promise<void>;
  #held = false;
  #inTransaction = false;
  #wrote = false;

  constructor(
    connection: NodeSqliteConnection,
    mutex: FairMutex,
    following: Following,
    makeDurable: () => Promise<void>,
  ) {
    this.#connection = connection;
    this.#mutex = mutex;
    this.#following = following;
    this.#makeDurable = makeDurable;
  }

  async acquire(): Promise<void> {
    await this.#mutex.acquire(LONGEST_WAIT_MS, STILL_BUSY);
    this.#held = true;
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#inTransaction = false;
    this.#mutex.release();
  }

  async begin(): Promise<void> {
    if (!this.#held) await this.acquire();
    // Immediate: the write lock is taken at once, so that no statement in the middle can find it taken by another.
    await this.#connection.executeQuery(CompiledQuery.raw('begin immediate'));
    this.#inTransaction = true;
    this.#wrote = false;
    this.#following.set(undefined);
  }

  async commit(): Promise<void> {
    await this.#connection.executeQuery(CompiledQuery.raw('commit'));
    const durable = this.#giveOn(this.#wrote);
    this.#following.run();
    await durable;
  }

  rollback(): void {
    // Given on by a commit: what is under way by now is somebody else's. Some errors (disk full, I/O) have rolled
    // back by themselves; a second rollback would hide them.
    if (this.#held) this.#connection.rollback();
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (!this.#held) await this.acquire();
    const result = await this.#connection.executeQuery<Row>(query);
    const writes = query.query.kind !== 'SelectQueryNode';
    if (this.#inTransaction) this.#wrote ||= writes;
    else await this.#giveOn(writes);
    return result;
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    if (!this.#held) await this.acquire();
    yield* this.#connection.streamQuery<Row>(query);
  }

  async #giveOn(wrote: boolean): Promise<void> {
    this.release();
    if (wrote) await this.#makeDurable();
  }
}

class NodeSqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    for (let attempt = 0; ; attempt++) {
      try {
        return this.#execute(query);
      } catch (error) {
        // Another process (or store) writes. Outside a transaction the statement can simply run again; inside there is
        // nothing to wait for, since `begin immediate` has taken the lock.
        const busy = (error as { errcode?: number }).errcode === SQLITE_BUSY;
        if (!busy || this.#database.isTransaction || attempt === BUSY_ATTEMPTS) throw error;
        await setTimeout(BUSY_PAUSE_MS);
      }
    }
  }

  #execute<Row>(query: CompiledQuery): QueryResult<Row> {
    const statement = this.#prepare(query.sql);
    const parameters = query.parameters.some(isForeign) ? query.parameters.map(toSqlite) : query.parameters;
    if (statement.columns().length > 0) return { rows: statement.all(...(parameters as SQLInputValue[])) as Row[] };
    const { changes, lastInsertRowid } = statement.run(...(parameters as SQLInputValue[]));
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    for (const row of this.#database.prepare(query.sql).iterate(...query.parameters.map(toSqlite))) {
      yield { rows: [row as Row] };
    }
  }

  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec('rollback');
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    const cached = this.#statements.get(sql);
    if (cached) return cached;
    const statement = this.#database.prepare(sql);
    if (this.#statements.size >= CACHED_STATEMENTS) this.#statements.delete(this.#statements.keys().next().value!);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function isForeign(value: unknown): boolean {
  return typeof value === 'boolean' || value === undefined;
}

function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return (value ?? null) as SQLInputValue;
}
