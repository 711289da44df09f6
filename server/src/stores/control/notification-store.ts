import type { ExpressionBuilder } from 'kysely';
import type { Executor } from './control-store.ts';
import type { ControlDatabase } from './schema/index.ts';
import type { NotificationsTable } from './schema/notifications.ts';

export type StoredNotification = NotificationsTable;

/** A notification as one user sees it; without a user, `seq` and `read_at` are those of its only one. */
export interface NotificationView extends StoredNotification {
  readonly seq: number | null;
  readonly seen_at: number | null;
  readonly read_at: number | null;
  readonly archived_at: number | null;
  readonly snoozed_until: number | null;
}

export interface NotificationFilter {
  readonly userId?: string | undefined;
  /** These two match any of its deliveries. */
  readonly status?: string | undefined;
  readonly channel?: string | undefined;
  readonly type?: string | undefined;
  readonly alertId?: string | undefined;
  /** These look at the items of inboxes, those of `userId` where one is named. */
  readonly unread?: boolean | undefined;
  readonly unseen?: boolean | undefined;
  readonly archived?: boolean | undefined;
  readonly snoozed?: boolean | undefined;
  /** Unix milliseconds, `start` inclusive, `end` exclusive. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  /** Only what comes after this place of the list. */
  readonly after?: { readonly createdAt: number; readonly id: string } | undefined;
  readonly limit: number;
}

/** False where one with its `dedup_key` is there already; nothing is written then. */
export async function insertNotification(db: Executor, row: StoredNotification): Promise<boolean> {
  const result = await db
    .insertInto('notifications')
    .values(row)
    .onConflict((conflict) => conflict.column('dedup_key').doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function findNotificationByDedupKey(db: Executor, dedupKey: string): Promise<string | undefined> {
  const row = await db.selectFrom('notifications').select('id').where('dedup_key', '=', dedupKey).executeTakeFirst();
  return row?.id;
}

export async function getNotification(
  db: Executor,
  id: string,
  userId?: string,
): Promise<NotificationView | undefined> {
  return selectViews(db, userId).where('notifications.id', '=', id).executeTakeFirst() as Promise<
    NotificationView | undefined
  >;
}

/** The newest notification of one of these types. */
export function newestNotificationOf(db: Executor, types: readonly string[]): Promise<StoredNotification | undefined> {
  if (types.length === 0) return Promise.resolve(undefined);
  return db
    .selectFrom('notifications')
    .selectAll()
    .where('type', 'in', [...types])
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Newest first. */
export async function listNotifications(db: Executor, filter: NotificationFilter): Promise<NotificationView[]> {
  let query = selectViews(db, filter.userId)
    .orderBy('notifications.created_at', 'desc')
    .orderBy('notifications.id', 'desc')
    .limit(filter.limit);
  if (filter.type !== undefined) query = query.where('notifications.type', '=', filter.type);
  if (filter.alertId !== undefined) query = query.where('notifications.alert_id', '=', filter.alertId);
  if (filter.start !== undefined) query = query.where('notifications.created_at', '>=', filter.start);
  if (filter.end !== undefined) query = query.where('notifications.created_at', '<', filter.end);
  if (ITEM_STATES.some(([name]) => filter[name] !== undefined)) query = query.where((where) => hasItem(where, filter));
  const { after } = filter;
  if (after) {
    query = query.where((where) =>
      where.or([
        where('notifications.created_at', '<', after.createdAt),
        where.and([where('notifications.created_at', '=', after.createdAt), where('notifications.id', '<', after.id)]),
      ]),
    );
  }
  if (filter.userId !== undefined || filter.status !== undefined || filter.channel !== undefined) {
    query = query.where((where) => hasDelivery(where, filter));
  }
  return (await query.execute()) as NotificationView[];
}

/** The item of `userId`, or, without one, of the notification's only user. */
function selectViews(db: Executor, userId: string | undefined) {
  return db
    .selectFrom('notifications')
    .leftJoin('inbox_items', (join) => {
      const same = join.onRef('inbox_items.notification_id', '=', 'notifications.id');
      return userId === undefined
        ? same.onRef('inbox_items.user_id', '=', 'notifications.user_id')
        : same.on('inbox_items.user_id', '=', userId);
    })
    .selectAll('notifications')
    .select([
      'inbox_items.seq',
      'inbox_items.seen_at',
      'inbox_items.read_at',
      'inbox_items.archived_at',
      'inbox_items.snoozed_until',
    ]);
}

type Where = ExpressionBuilder<ControlDatabase, 'notifications'>;

/** Filters on items of inboxes: true where the column is null, or is not. */
const ITEM_STATES = [
  ['unread', 'inbox_items.read_at', 'is'],
  ['unseen', 'inbox_items.seen_at', 'is'],
  ['archived', 'inbox_items.archived_at', 'is not'],
  ['snoozed', 'inbox_items.snoozed_until', 'is not'],
] as const;

function hasItem(where: Where, filter: NotificationFilter) {
  let items = where
    .selectFrom('inbox_items')
    .select('inbox_items.seq')
    .whereRef('inbox_items.notification_id', '=', 'notifications.id');
  if (filter.userId !== undefined) items = items.where('inbox_items.user_id', '=', filter.userId);
  for (const [name, column, whenTrue] of ITEM_STATES) {
    const wanted = filter[name];
    if (wanted === undefined) continue;
    const whenFalse = whenTrue === 'is' ? 'is not' : 'is';
    items = items.where(column, wanted ? whenTrue : whenFalse, null);
  }
  return where.exists(items);
}

function hasDelivery(where: Where, filter: NotificationFilter) {
  let query = where
    .selectFrom('deliveries')
    .select('deliveries.id')
    .whereRef('deliveries.notification_id', '=', 'notifications.id');
  if (filter.userId !== undefined) query = query.where('deliveries.user_id', '=', filter.userId);
  if (filter.status !== undefined) query = query.where('deliveries.status', '=', filter.status);
  if (filter.channel !== undefined) query = query.where('deliveries.channel', '=', filter.channel);
  return where.exists(query);
}
