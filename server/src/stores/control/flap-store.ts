import type { Executor } from './control-store.ts';
import { insertRows } from './insert-rows.ts';
import type { AlertFlapsTable } from './schema/heartbeats.ts';

type StoredFlap = AlertFlapsTable;

export function listFlaps(db: Executor): Promise<StoredFlap[]> {
  return db.selectFrom('alert_flaps').selectAll().execute();
}

/** Adds them, or replaces what is stored of them. */
export function saveFlaps(db: Executor, rows: readonly StoredFlap[]): Promise<void> {
  return insertRows(db, 'flaps', rows, (batch) =>
    db
      .insertInto('alert_flaps')
      .values(batch)
      .onConflict((conflict) =>
        conflict.column('fingerprint').doUpdateSet((is) => ({
          transitions: is.ref('excluded.transitions'),
          flapping_since: is.ref('excluded.flapping_since'),
          updated_at: is.ref('excluded.updated_at'),
        })),
      ),
  );
}

export async function deleteFlapsBefore(db: Executor, time: number): Promise<void> {
  await db.deleteFrom('alert_flaps').where('updated_at', '<', time).execute();
}
