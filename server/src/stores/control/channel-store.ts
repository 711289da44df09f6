import type { Executor } from './control-store.ts';
import type { AddressSuppressionsTable, NotificationChannelsTable } from './schema/channels.ts';

export type StoredChannel = NotificationChannelsTable;
export type StoredSuppression = AddressSuppressionsTable;

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

export function listSuppressions(db: Executor): Promise<StoredSuppression[]> {
  return db.selectFrom('address_suppressions').selectAll().orderBy('created_at').execute();
}

/** What is there already keeps its first reason. */
export async function saveSuppression(db: Executor, row: StoredSuppression): Promise<void> {
  await db
    .insertInto('address_suppressions')
    .values(row)
    .onConflict((conflict) => conflict.columns(['channel', 'address', 'type']).doNothing())
    .execute();
}

export async function deleteSuppression(
  db: Executor,
  { channel, address, type }: Pick<StoredSuppression, 'channel' | 'address' | 'type'>,
): Promise<void> {
  await db
    .deleteFrom('address_suppressions')
    .where('channel', '=', channel)
    .where('address', '=', address)
    .where('type', '=', type)
    .execute();
}
