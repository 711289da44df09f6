import type { Executor } from './control-store.ts';
import type { NotificationChannelsTable } from './schema/channels.ts';

export type StoredChannel = NotificationChannelsTable;

export function listChannels(db: Executor): Promise<StoredChannel[]> {
  return db.selectFrom('notification_channels').selectAll().orderBy('id').execute();
}

/** Inserts it or replaces the one with its id. */
export async function saveChannel(db: Executor, row: StoredChannel): Promise<void> {
  const { id: _id, ...rest } = row;
  await db
    .insertInto('notification_channels')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
    .execute();
}

export async function deleteChannel(db: Executor, id: string): Promise<void> {
  await db.deleteFrom('notification_channels').where('id', '=', id).execute();
}
