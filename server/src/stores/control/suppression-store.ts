import type { Executor } from './control-store.ts';
import type { MaintenanceWindowsTable, SilencesTable } from './schema/alert-routing.ts';

export type StoredSilence = SilencesTable;
export type StoredMaintenanceWindow = MaintenanceWindowsTable;

export function listSilences(db: Executor): Promise<StoredSilence[]> {
  return db.selectFrom('silences').selectAll().orderBy('id').execute();
}

/** Adds a silence or replaces what is stored of it. */
export async function saveSilence(db: Executor, silence: StoredSilence): Promise<void> {
  const { id: _, ...changed } = silence;
  await db
    .insertInto('silences')
    .values(silence)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute();
}

export async function deleteSilencesBefore(db: Executor, time: number): Promise<void> {
  await db.deleteFrom('silences').where('ends_at', '<', time).execute();
}

export function listMaintenanceWindows(db: Executor): Promise<StoredMaintenanceWindow[]> {
  return db.selectFrom('maintenance_windows').selectAll().orderBy('id').execute();
}

/** Adds a window or replaces what is stored of it. */
export async function saveMaintenanceWindow(db: Executor, window: StoredMaintenanceWindow): Promise<void> {
  const { id: _, ...changed } = window;
  await db
    .insertInto('maintenance_windows')
    .values(window)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute();
}

export async function deleteMaintenanceWindow(db: Executor, id: string): Promise<void> {
  await db.deleteFrom('maintenance_windows').where('id', '=', id).execute();
}

/** The routing that was set by the API, or `undefined`. */
export async function findRoutingConfig(db: Executor, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('routing_configs').select('source').where('name', '=', name).executeTakeFirst();
  return row?.source;
}

export async function saveRoutingConfig(
  db: Executor,
  config: { readonly name: string; readonly source: string; readonly saved_at: number; readonly saved_by: string },
): Promise<void> {
  const { name: _, ...changed } = config;
  await db
    .insertInto('routing_configs')
    .values(config)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(changed))
    .execute();
}

export async function deleteRoutingConfig(db: Executor, name: string): Promise<void> {
  await db.deleteFrom('routing_configs').where('name', '=', name).execute();
}
