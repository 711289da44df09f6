import { type Dialect, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { ServiceError } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';

/** Object ids of PostgreSQL's built-in types `int8` and `numeric` (sums of `int8`). */
const INT8 = 20;
const NUMERIC = 1700;

/** A pool on a `postgres://` URL. 64-bit integers and sums come back as numbers, as they do from SQLite. */
export async function openPostgres(url: string, logger: Logger): Promise<Dialect> {
  // Loaded by those who use it only.
  const { default: driver } = await import('pg');
  const pool = new driver.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
    application_name: 'system-service',
    types: {
      getTypeParser: ((id: number, format?: 'text' | 'binary') =>
        id === INT8 || id === NUMERIC ? Number : driver.types.getTypeParser(id, format as 'text')) as never,
    },
  });
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle connection to the control database was lost'));
  return new PostgresDialect({ pool: new ReachablePool(pool) });
}

/** Says in our words that the database cannot be reached. */
class ReachablePool implements PostgresPool {
  readonly options: object;
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
    this.options = pool.options;
  }

  async connect(): Promise<PostgresPoolClient> {
    try {
      return (await this.#pool.connect()) as unknown as PostgresPoolClient;
    } catch (cause) {
      throw new ServiceError('unavailable', 'the control database cannot be reached', { cause, retryAfterSeconds: 5 });
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}
