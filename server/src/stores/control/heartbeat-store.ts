import type { Executor } from './control-store.ts';
import type { HeartbeatsTable } from './schema/heartbeats.ts';

export type StoredHeartbeat = HeartbeatsTable;

export function listHeartbeats(db: Executor): Promise<StoredHeartbeat[]> {
  return db.selectFrom('heartbeats').selectAll().orderBy('name').execute();
}

/** Adds a heartbeat or replaces what is stored of it. */
export async function saveHeartbeat(db: Executor, heartbeat: StoredHeartbeat): Promise<void> {
  const { id: _, ...changed } = heartbeat;
  await db
    .insertInto('heartbeats')
    .values(heartbeat)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute();
}

export async function deleteHeartbeat(db: Executor, id: string): Promise<void> {
  await db.deleteFrom('heartbeats').where('id', '=', id).execute();
}
