import type { Kysely, Transaction } from 'kysely';
import type { ControlDatabase } from './schema/index.ts';

/** The database or a transaction on it: whatever a statement can run on. */
export type Executor = Kysely<ControlDatabase> | Transaction<ControlDatabase>;

/**
 * The control store: alerts, notifications, keys. SQLite or PostgreSQL, the same statements for both.
 *
 * Columns hold text, integers and doubles only, so that both databases give the same values back: times are Unix
 * milliseconds (`bigint`, read as numbers), booleans 0/1, structures JSON text.
 */
export interface ControlStore {
  readonly kind: 'sqlite' | 'postgres';
  readonly db: Kysely<ControlDatabase>;
  /**
   * Runs `work` in one transaction: all of it becomes durable, or nothing. SQLite has a single writer: inside `work`
   * use only the executor that it is given, and wait for nothing but the database. PostgreSQL may run `work` again
   * after a deadlock: what it does outside of the database must bear that.
   *
   * SQLite calls `committed` when others can see what was written and the next transaction may begin, while this one
   * still waits for the disk. It must not throw. Where the promise rejects after that, what was written stands, and
   * nobody knows whether it would survive a power cut.
   */
  transaction<T>(work: (executor: Transaction<ControlDatabase>) => Promise<T>, committed?: () => void): Promise<T>;
  /**
   * Calls `listener` after each change of one of the tables by this process, when it can be read. It must neither throw
   * nor wait. Returns how to end that.
   */
  watch(tables: readonly (keyof ControlDatabase)[], listener: () => void): () => void;
  /**
   * How often what was read is to be read again, milliseconds, though `watch` tells of nothing: PostgreSQL may have
   * several processes.
   */
  readonly rereadMs: number;
  /** Rejects where the database cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
