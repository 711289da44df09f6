import { sql } from 'kysely';
import type { Executor } from './control-store.ts';
import type { NotificationView } from './notification-store.ts';

/**
 * Puts a notification into a user's inbox under the user's next number. The counter's row stays locked until the
 * transaction ends, so that numbers become visible in their order.
 */
export async function insertInboxItem(db: Executor, userId: string, notificationId: string): Promise<number> {
  const { last_seq: seq } = await db
    .insertInto('inbox_counters')
    .values({ user_id: userId, last_seq: 1 })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet({ last_seq: sql<number>`inbox_counters.last_seq + 1` }),
    )
    .returning('last_seq')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('inbox_items')
    .values({ user_id: userId, seq, notification_id: notificationId, read_at: null })
    .execute();
  return seq;
}

/** The newest number of each of these users; users without any item are left out. */
export async function newestSeqs(db: Executor, userIds: readonly string[]): Promise<Map<string, number>> {
  const newest = new Map<string, number>();
  for (let from = 0; from < userIds.length; from += 500) {
    const rows = await db
      .selectFrom('inbox_counters')
      .selectAll()
      .where('user_id', 'in', userIds.slice(from, from + 500))
      .execute();
    for (const row of rows) newest.set(row.user_id, row.last_seq);
  }
  return newest;
}

interface InboxView extends NotificationView {
  readonly seq: number;
}

/** The user's items after `seq`, in order. */
export async function listInboxAfter(db: Executor, userId: string, seq: number, limit: number): Promise<InboxView[]> {
  return db
    .selectFrom('inbox_items')
    .innerJoin('notifications', 'notifications.id', 'inbox_items.notification_id')
    .selectAll('notifications')
    .select(['inbox_items.seq', 'inbox_items.read_at'])
    .where('inbox_items.user_id', '=', userId)
    .where('inbox_items.seq', '>', seq)
    .orderBy('inbox_items.seq')
    .limit(limit)
    .execute();
}

/**
 * Marks items of one notification, or of one user up to a number, as read or unread; their in-app deliveries follow.
 * Returns how many items changed.
 */
export async function markInboxItems(
  db: Executor,
  which: { readonly notificationId?: string | undefined; readonly userId?: string | undefined },
  readAt: number | null,
): Promise<number> {
  let items = db
    .updateTable('inbox_items')
    .set({ read_at: readAt })
    .where('read_at', readAt === null ? 'is not' : 'is', null);
  if (which.notificationId !== undefined) items = items.where('notification_id', '=', which.notificationId);
  if (which.userId !== undefined) items = items.where('user_id', '=', which.userId);
  const changed = await items.returning(['user_id', 'notification_id']).execute();
  for (let from = 0; from < changed.length; from += 400) {
    const part = changed.slice(from, from + 400);
    await db
      .updateTable('deliveries')
      .set({ status: readAt === null ? 'delivered' : 'read' })
      .where('channel', '=', 'in_app')
      .where('status', 'in', ['delivered', 'read'])
      .where('notification_id', 'in', [...new Set(part.map((row) => row.notification_id))])
      .where('user_id', 'in', [...new Set(part.map((row) => row.user_id))])
      .execute();
  }
  return changed.length;
}
