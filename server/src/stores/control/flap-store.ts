import type { Executor } from './control-store.ts';
import type { AlertFlapsTable } from './schema/heartbeats.ts';

type StoredFlap = AlertFlapsTable;

export function listFlaps(db: Executor): Promise<StoredFlap[]> {
  return db.selectFrom('alert_flaps').selectAll().execute();
}

/** Rows of one statement: SQLite and PostgreSQL bound the number of parameters. */
const BATCH = 200;

/** Adds them, or replaces what is stored of them. */
export async function saveFlaps(db: Executor, rows: readonly StoredFlap[]): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH) {
    await db
      .insertInto('alert_flaps')
      .values(rows.slice(from, from + BATCH))
      .onConflict((conflict) =>
        conflict.column('fingerprint').doUpdateSet((is) => ({
          transitions: is.ref('excluded.transitions'),
          flapping_since: is.ref('excluded.flapping_since'),
          updated_at: is.ref('excluded.updated_at'),
        })),
      )
      .execute();
  }
}

export async function deleteFlapsBefore(db: Executor, time: number): Promise<void> {
  await db.deleteFrom('alert_flaps').where('updated_at', '<', time).execute();
}
