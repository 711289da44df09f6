import type { Executor } from './control-store.ts';
import type { AlertFlapsTable } from './schema/heartbeats.ts';

type StoredFlap = AlertFlapsTable;

export function listFlaps(db: Executor): Promise<StoredFlap[]> {
  return db.selectFrom('alert_flaps').selectAll().execute();
}

export async function saveFlap(db: Executor, flap: StoredFlap): Promise<void> {
  const { fingerprint: _, ...changed } = flap;
  await db
    .insertInto('alert_flaps')
    .values(flap)
    .onConflict((conflict) => conflict.column('fingerprint').doUpdateSet(changed))
    .execute();
}

export async function deleteFlapsBefore(db: Executor, time: number): Promise<void> {
  await db.deleteFrom('alert_flaps').where('updated_at', '<', time).execute();
}
