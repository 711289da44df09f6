import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import type { Fsync } from './log-sync.ts';
import { type SqliteDialect, sqliteDialect } from './sqlite-dialect.ts';

/** Makes the file's folder and returns the dialect. The file is readable by its owner only. */
export function openSqlite(path: string, fsync: Fsync = 'always'): SqliteDialect {
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) {
    new DatabaseSync(path).close();
    chmodSync(path, 0o600);
  }
  return sqliteDialect(path, fsync);
}

/** A consistent copy of the database file, made while nobody writes. Replaces an older copy of that name. */
export function copySqlite(path: string, copy: string): void {
  rmSync(copy, { force: true });
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    database.prepare('vacuum into ?').run(copy);
  } finally {
    database.close();
  }
  chmodSync(copy, 0o600);
}

/** A consistent copy of a database that is being written to. `copy` must not exist. */
export async function backUpSqlite(path: string, copy: string): Promise<void> {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    // In one step: between two, a writer would make it begin again.
    await backup(database, copy, { rate: 2 ** 30 });
  } finally {
    database.close();
  }
  chmodSync(copy, 0o600);
}
