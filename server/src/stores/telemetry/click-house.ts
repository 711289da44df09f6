import type { PoolName } from './clickhouse/pool-settings.ts';

/**
 * What we ask of a ClickHouse, embedded or by URL. Settings of a query stand in its SQL (`SETTINGS ...`) and nowhere
 * else; nothing may leak from one query to the next.
 */
export interface ClickHouse {
  /** Rows as objects. 64-bit integers come as `number` where safe, else as text. */
  query<Row>(sql: string, options?: QueryOptions): Promise<Row[]>;
  /** The answer as the bytes of the format that the SQL names (`... FORMAT RowBinary`). */
  queryBytes(sql: string, options?: QueryOptions): Promise<Uint8Array>;
  /** DDL and other statements without an answer. */
  command(sql: string, options?: QueryOptions): Promise<void>;
  /**
   * Inserts blocks of a table in ClickHouse's Native format, all together. When it resolves the rows are durable and visible; the same
   * `token` again within the table's deduplication window inserts nothing.
   */
  insertBlock(table: string, blocks: Uint8Array | readonly Uint8Array[], token: string): Promise<void>;
  /** The user's own SQL: read-only, bounded in time, rows and memory. */
  queryUser(sql: string, options?: QueryOptions): Promise<UserQueryAnswer>;
  close(): Promise<void>;
}

/** A ClickHouse with what its owner needs besides. */
export interface ClickHouseEngine extends ClickHouse {
  /** Rejects where the engine does not answer; waits behind no query. */
  ping(): Promise<void>;
  /** What runs and waits, by pool. */
  readonly pools: Readonly<Record<PoolName, { readonly running: number; readonly waiting: number }>>;
}

export interface QueryOptions {
  /** Values of `{name:Type}` in the SQL. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Which sessions serve it: alerting never waits behind users. Default `interactive`. */
  readonly pool?: 'ingest' | 'alerting' | 'interactive';
  /** Aborting rejects at once and stops the query in the engine soon after. */
  readonly signal?: AbortSignal;
}

export interface UserQueryAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly elapsedMs: number;
}
