import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import type { Logger } from '../../model/logger.ts';
import { openPostgres } from './connection/postgres.ts';

/**
 * Looks at a control database without changing it, and says what it is. `url` as in `openControlStore`; a SQLite file
 * must exist. Throws where it cannot be reached or is damaged.
 */
export async function checkControlStore(url: string, logger: Logger): Promise<string> {
  if (!/^postgres(ql)?:\/\//.test(url)) return checkSqlite(url);
  const db = new Kysely<never>({ dialect: await openPostgres(url, logger) });
  try {
    const { rows } = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(db);
    return `PostgreSQL ${rows[0]?.version}`;
  } finally {
    await db.destroy();
  }
}

function checkSqlite(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    const [first] = database.prepare('pragma quick_check(1)').all() as { quick_check: string }[];
    if (first?.quick_check !== 'ok') throw new Error(`${path} is damaged: ${first?.quick_check}`);
    return `SQLite in ${path}`;
  } finally {
    database.close();
  }
}
