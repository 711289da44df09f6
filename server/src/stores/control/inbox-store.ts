import { type ExpressionBuilder, sql } from 'kysely';
import type { Executor } from './control-store.ts';
import type { NotificationView } from './notification-store.ts';
import type { ControlDatabase } from './schema/index.ts';

/**
 * Puts a notification into a user's inbox under the user's next number. The counter's row stays locked until the
 * transaction ends, so that numbers become visible in their order.
 */
export async function insertInboxItem(db: Executor, userId: string, notificationId: string): Promise<number> {
  const seq = await nextSeq(db, userId);
  await db
    .insertInto('inbox_items')
    .values({
      user_id: userId,
      seq,
      notification_id: notificationId,
      seen_at: null,
      read_at: null,
      archived_at: null,
      snoozed_until: null,
    })
    .execute();
  return seq;
}

async function nextSeq(db: Executor, userId: string): Promise<number> {
  const { last_seq: seq } = await db
    .insertInto('inbox_counters')
    .values({ user_id: userId, last_seq: 1 })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet({ last_seq: sql<number>`inbox_counters.last_seq + 1` }),
    )
    .returning('last_seq')
    .executeTakeFirstOrThrow();
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

export interface InboxCounts {
  readonly unread: number;
  readonly unseen: number;
}

/** How much of each of these users is unread and unseen, without what is archived or snoozed; none: left out. */
export async function countInboxes(db: Executor, userIds: readonly string[]): Promise<Map<string, InboxCounts>> {
  const counts = new Map<string, InboxCounts>();
  for (let from = 0; from < userIds.length; from += 500) {
    const rows = await db
      .selectFrom('inbox_items')
      .select((where) => [
        'user_id',
        where.fn.countAll<number>().as('unread'),
        sql<number>`sum(case when seen_at is null then 1 else 0 end)`.as('unseen'),
      ])
      .where('user_id', 'in', userIds.slice(from, from + 500))
      .where('read_at', 'is', null)
      .where('archived_at', 'is', null)
      .where('snoozed_until', 'is', null)
      .groupBy('user_id')
      .execute();
    for (const row of rows) counts.set(row.user_id, { unread: Number(row.unread), unseen: Number(row.unseen) });
  }
  return counts;
}

interface InboxView extends NotificationView {
  readonly seq: number;
}

/** The user's items after `seq`, in order, without what is archived or snoozed. */
export async function listInboxAfter(db: Executor, userId: string, seq: number, limit: number): Promise<InboxView[]> {
  return db
    .selectFrom('inbox_items')
    .innerJoin('notifications', 'notifications.id', 'inbox_items.notification_id')
    .selectAll('notifications')
    .select([
      'inbox_items.seq',
      'inbox_items.seen_at',
      'inbox_items.read_at',
      'inbox_items.archived_at',
      'inbox_items.snoozed_until',
    ])
    .where('inbox_items.user_id', '=', userId)
    .where('inbox_items.seq', '>', seq)
    .where('inbox_items.archived_at', 'is', null)
    .where('inbox_items.snoozed_until', 'is', null)
    .orderBy('inbox_items.seq')
    .limit(limit)
    .execute();
}

/** What can be done with an item of an inbox; times are Unix milliseconds. */
export type InboxAction =
  | { readonly kind: 'seen' | 'read' | 'unread' | 'archive' | 'unarchive' | 'unsnooze' | 'delete' }
  | { readonly kind: 'snooze'; readonly until: number };

export interface InboxSelection {
  /** Left out: of all users who have it. */
  readonly userId?: string | undefined;
  /** Left out: every item of the user. */
  readonly notificationIds?: readonly string[] | undefined;
  /** Only items of this type of notifications. */
  readonly type?: string | undefined;
  /** Only items of notifications of this episode. */
  readonly episodeId?: string | undefined;
}

export interface ChangedInboxItem {
  readonly user_id: string;
  readonly seq: number;
  readonly notification_id: string;
}

const BATCH = 400;

/**
 * Does it to the selected items to which it was not done yet, at most to `limit`; their in-app deliveries follow what
 * was read. Returns the items that changed.
 */
export async function changeInboxItems(
  db: Executor,
  which: InboxSelection,
  action: InboxAction,
  now: number,
  limit: number,
): Promise<ChangedInboxItem[]> {
  let query = db
    .selectFrom('inbox_items')
    .select(['inbox_items.user_id', 'inbox_items.seq', 'inbox_items.notification_id'])
    .where((where) => isLeftToDo(where, action))
    .orderBy('inbox_items.user_id')
    .orderBy('inbox_items.seq')
    .limit(limit);
  if (which.userId !== undefined) query = query.where('inbox_items.user_id', '=', which.userId);
  if (which.notificationIds) query = query.where('inbox_items.notification_id', 'in', [...which.notificationIds]);
  if (which.type !== undefined || which.episodeId !== undefined) {
    query = query.where((where) => where.exists(notificationOf(where, which)));
  }
  const items = await query.execute();
  for (const [userId, own] of Map.groupBy(items, (item) => item.user_id)) {
    for (let from = 0; from < own.length; from += BATCH) {
      await changeOwn(db, userId, own.slice(from, from + BATCH), action, now);
    }
  }
  return items;
}

type Where = ExpressionBuilder<ControlDatabase, 'inbox_items'>;

function notificationOf(where: Where, which: InboxSelection) {
  let query = where
    .selectFrom('notifications')
    .select('notifications.id')
    .whereRef('notifications.id', '=', 'inbox_items.notification_id');
  if (which.type !== undefined) query = query.where('notifications.type', '=', which.type);
  if (which.episodeId !== undefined) query = query.where('notifications.episode_id', '=', which.episodeId);
  return query;
}

function isLeftToDo(where: Where, action: InboxAction) {
  switch (action.kind) {
    case 'seen':
      return where('seen_at', 'is', null);
    case 'read':
      return where('read_at', 'is', null);
    case 'unread':
      return where('read_at', 'is not', null);
    case 'archive':
      return where('archived_at', 'is', null);
    case 'unarchive':
      return where('archived_at', 'is not', null);
    case 'snooze':
      return where.or([where('snoozed_until', 'is', null), where('snoozed_until', '<>', action.until)]);
    case 'unsnooze':
      return where('snoozed_until', 'is not', null);
    case 'delete':
      return where('seq', '>=', 0);
  }
}

async function changeOwn(
  db: Executor,
  userId: string,
  items: readonly ChangedInboxItem[],
  action: InboxAction,
  now: number,
): Promise<void> {
  const seqs = items.map((item) => item.seq);
  if (action.kind === 'delete') {
    await db.deleteFrom('inbox_items').where('user_id', '=', userId).where('seq', 'in', seqs).execute();
    return;
  }
  await db
    .updateTable('inbox_items')
    .set(changeOf(action, now))
    .where('user_id', '=', userId)
    .where('seq', 'in', seqs)
    .execute();
  if (action.kind !== 'read' && action.kind !== 'unread') return;
  await setDeliveryStatus(db, userId, items, action.kind === 'read' ? 'read' : 'delivered');
}

function changeOf(action: InboxAction, now: number) {
  const seen = { seen_at: sql<number>`coalesce(seen_at, ${now})` };
  switch (action.kind) {
    case 'read':
      return { ...seen, read_at: now };
    case 'unread':
      return { read_at: null };
    case 'archive':
      return { ...seen, archived_at: now };
    case 'unarchive':
      return { archived_at: null };
    case 'snooze':
      return { ...seen, snoozed_until: action.until };
    case 'unsnooze':
      return { snoozed_until: null };
    default:
      return seen;
  }
}

async function setDeliveryStatus(
  db: Executor,
  userId: string,
  items: readonly ChangedInboxItem[],
  status: 'read' | 'delivered',
): Promise<void> {
  await db
    .updateTable('deliveries')
    .set({ status })
    .where('channel', '=', 'in_app')
    .where('status', 'in', ['delivered', 'read'])
    .where('user_id', '=', userId)
    .where(
      'notification_id',
      'in',
      items.map((item) => item.notification_id),
    )
    .execute();
}

/** When there is something for `resurfaceSnoozed`, Unix milliseconds; null: nothing is snoozed. */
export async function nextSnoozeEnd(db: Executor): Promise<number | null> {
  const { at } = await db
    .selectFrom('inbox_items')
    .select((row) => row.fn.min('snoozed_until').as('at'))
    .where('snoozed_until', 'is not', null)
    .executeTakeFirstOrThrow();
  return at;
}

/**
 * Brings back what was snoozed until `now` or earlier, at most `limit` items, each as unseen and under the user's next
 * number, so that it reaches the user's sockets as if it were new. Returns whose inboxes have got something.
 */
export async function resurfaceSnoozed(db: Executor, now: number, limit: number): Promise<string[]> {
  const due = await db
    .selectFrom('inbox_items')
    .select(['user_id', 'seq', 'notification_id'])
    .where('snoozed_until', 'is not', null)
    .where('snoozed_until', '<=', now)
    .orderBy('user_id')
    .orderBy('snoozed_until')
    .limit(limit)
    .execute();
  for (const item of due) {
    await db
      .updateTable('inbox_items')
      .set({ seq: await nextSeq(db, item.user_id), seen_at: null, read_at: null, snoozed_until: null })
      .where('user_id', '=', item.user_id)
      .where('seq', '=', item.seq)
      .execute();
    await setDeliveryStatus(db, item.user_id, [item], 'delivered');
  }
  return [...new Set(due.map((item) => item.user_id))];
}
