import type { Executor } from './control-store.ts';
import type { NotificationIdempotencyKeysTable } from './schema/notifications.ts';

export type StoredNotificationKey = NotificationIdempotencyKeysTable;

/**
 * Takes an idempotency key. Returns `undefined` where it was free, else what holds it. Keys made before `expiry` (Unix
 * milliseconds) are free. Another transaction that is just taking the same key is waited for.
 */
export async function takeNotificationKey(
  db: Executor,
  row: StoredNotificationKey,
  expiry: number,
): Promise<StoredNotificationKey | undefined> {
  await db.deleteFrom('notification_idempotency_keys').where('created_at', '<', expiry).execute();
  const result = await db
    .insertInto('notification_idempotency_keys')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doNothing())
    .executeTakeFirst();
  if ((result.numInsertedOrUpdatedRows ?? 0n) > 0n) return undefined;
  return db.selectFrom('notification_idempotency_keys').selectAll().where('key', '=', row.key).executeTakeFirst();
}
