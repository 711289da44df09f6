import type { Executor } from './control-store.ts';
import type { OnCallOverridesTable, OnCallSchedulesTable } from './schema/on-call.ts';

export type StoredOnCallSchedule = OnCallSchedulesTable;
export type StoredOnCallOverride = OnCallOverridesTable;

export function listOnCallSchedules(db: Executor): Promise<StoredOnCallSchedule[]> {
  return db.selectFrom('on_call_schedules').selectAll().orderBy('id').execute();
}

/** Adds a schedule or replaces what is stored of it. */
export async function saveOnCallSchedule(db: Executor, schedule: StoredOnCallSchedule): Promise<void> {
  const { id: _, ...changed } = schedule;
  await db
    .insertInto('on_call_schedules')
    .values(schedule)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute();
}

/** With its overrides. */
export async function deleteOnCallSchedule(db: Executor, id: string): Promise<void> {
  await db.deleteFrom('on_call_overrides').where('schedule_id', '=', id).execute();
  await db.deleteFrom('on_call_schedules').where('id', '=', id).execute();
}

/** Oldest first: a later one wins over an earlier one. */
export function listOnCallOverrides(db: Executor): Promise<StoredOnCallOverride[]> {
  return db.selectFrom('on_call_overrides').selectAll().orderBy('id').execute();
}

export async function insertOnCallOverride(db: Executor, override: StoredOnCallOverride): Promise<void> {
  await db.insertInto('on_call_overrides').values(override).execute();
}

export async function deleteOnCallOverride(db: Executor, id: string): Promise<void> {
  await db.deleteFrom('on_call_overrides').where('id', '=', id).execute();
}
