import type { Executor } from './control-store.ts';
import type { NotificationSchedulesTable } from './schema/directory.ts';

export type StoredNotificationSchedule = NotificationSchedulesTable;

/** In the order in which they were made. */
export function listNotificationSchedules(db: Executor): Promise<StoredNotificationSchedule[]> {
  return db.selectFrom('notification_schedules').selectAll().orderBy('id').execute();
}

/** Those whose time has come, the longest first. */
export function dueNotificationSchedules(
  db: Executor,
  now: number,
  limit: number,
): Promise<StoredNotificationSchedule[]> {
  return db
    .selectFrom('notification_schedules')
    .selectAll()
    .where('next_at', '<=', now)
    .where('enabled', '=', 1)
    .orderBy('next_at')
    .limit(limit)
    .execute();
}

/** When the next of them has its turn, Unix milliseconds; null: none. */
export async function nextScheduleAt(db: Executor): Promise<number | null> {
  const { at } = await db
    .selectFrom('notification_schedules')
    .select((row) => row.fn.min('next_at').as('at'))
    .where('next_at', 'is not', null)
    .executeTakeFirstOrThrow();
  return at;
}

export async function insertNotificationSchedule(db: Executor, row: StoredNotificationSchedule): Promise<void> {
  await db.insertInto('notification_schedules').values(row).execute();
}

export function findNotificationSchedule(db: Executor, id: string): Promise<StoredNotificationSchedule | undefined> {
  return db.selectFrom('notification_schedules').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function updateNotificationSchedule(
  db: Executor,
  id: string,
  changed: Partial<Omit<StoredNotificationSchedule, 'id'>>,
): Promise<void> {
  await db.updateTable('notification_schedules').set(changed).where('id', '=', id).execute();
}

/** Notes that it ran, unless another process has done so already. */
export async function advanceNotificationSchedule(
  db: Executor,
  row: Pick<StoredNotificationSchedule, 'id' | 'next_at'>,
  change: Pick<StoredNotificationSchedule, 'next_at' | 'last_at' | 'last_notification_id' | 'last_error'>,
): Promise<void> {
  await db
    .updateTable('notification_schedules')
    .set(change)
    .where('id', '=', row.id)
    .where('next_at', '=', row.next_at)
    .execute();
}

/** False where there is none. */
export async function deleteNotificationSchedule(db: Executor, id: string): Promise<boolean> {
  const result = await db.deleteFrom('notification_schedules').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}
