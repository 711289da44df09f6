import { type ExpressionBuilder, sql } from 'kysely';
import type { Executor } from './control-store.ts';
import { cancelWaiting } from './delivery-store.ts';
import { ERASED } from './erasure-store.ts';
import type { ControlDatabase } from './schema/index.ts';

/**
 * Deletes notifications made before `time`, at most `limit`, with all that belongs to them. What is still to be sent
 * stays, and so does what the memory of an alert that goes on is made of. Returns how many.
 */
export async function deleteNotificationsBefore(db: Executor, time: number, limit: number): Promise<number> {
  const old = await db
    .selectFrom('notifications')
    .select('notifications.id')
    .where('notifications.created_at', '<', time)
    .where((where) => where.not(where.exists(openDeliveryOf(where))))
    .where((where) => where.not(where.exists(groupOf(where))))
    .where((where) => where.not(where.exists(openEpisodeOf(where))))
    .orderBy('notifications.created_at')
    .limit(limit)
    .execute();
  await deleteNotifications(
    db,
    old.map((row) => row.id),
  );
  return old.length;
}

type Where = ExpressionBuilder<ControlDatabase, 'notifications'>;

function openDeliveryOf(where: Where) {
  return where
    .selectFrom('deliveries')
    .select('deliveries.id')
    .whereRef('deliveries.notification_id', '=', 'notifications.id')
    .where((inner) => inner.or([inner('deliveries.is_open', '=', 1), inner('deliveries.held_until', 'is not', null)]));
}

function groupOf(where: Where) {
  return where
    .selectFrom('alert_groups')
    .select('alert_groups.id')
    .whereRef('alert_groups.thread_id', '=', 'notifications.episode_id');
}

function openEpisodeOf(where: Where) {
  return where
    .selectFrom('notification_episodes')
    .innerJoin('alert_episodes', 'alert_episodes.id', 'notification_episodes.episode_id')
    .select('alert_episodes.id')
    .whereRef('notification_episodes.notification_id', '=', 'notifications.id')
    .where('alert_episodes.ended_at', 'is', null);
}

async function deleteNotifications(db: Executor, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const deliveries = db.selectFrom('deliveries').select('id').where('notification_id', 'in', ids);
  await db.deleteFrom('delivery_attempts').where('delivery_id', 'in', deliveries).execute();
  await db.deleteFrom('deliveries').where('notification_id', 'in', ids).execute();
  await db.deleteFrom('inbox_items').where('notification_id', 'in', ids).execute();
  await db.deleteFrom('notification_episodes').where('notification_id', 'in', ids).execute();
  await db.deleteFrom('notifications').where('id', 'in', ids).execute();
}

/** Deletes events of the platform received before `time`, at most `limit`; returns how many. */
export async function deleteEventsBefore(db: Executor, time: number, limit: number): Promise<number> {
  const old = await db
    .selectFrom('platform_events')
    .select('id')
    .where('received_at', '<', time)
    .orderBy('received_at')
    .limit(limit)
    .execute();
  const ids = old.map((row) => row.id);
  if (ids.length > 0) await db.deleteFrom('platform_events').where('id', 'in', ids).execute();
  return ids.length;
}

/** Takes items out of a user's inbox for good, at most `limit`; with the last one the user's numbers. */
export async function eraseInbox(db: Executor, userId: string, limit: number): Promise<number> {
  const items = await db.selectFrom('inbox_items').select('seq').where('user_id', '=', userId).limit(limit).execute();
  if (items.length === 0) {
    await db.deleteFrom('inbox_counters').where('user_id', '=', userId).execute();
    return 0;
  }
  const seqs = items.map((item) => item.seq);
  await db.deleteFrom('inbox_items').where('user_id', '=', userId).where('seq', 'in', seqs).execute();
  return seqs.length;
}

/** Forgets deliveries to a user with the addresses, at most `limit`; what waits is not sent. One that is just being sent stays. */
export async function eraseDeliveries(db: Executor, userId: string, limit: number, now: number): Promise<number> {
  const rows = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('user_id', '=', userId)
    .where('status', '<>', 'sending')
    .orderBy('id')
    .limit(limit)
    .execute();
  const waiting = rows.filter((row) => row.is_open === 1);
  await cancelWaiting(db, waiting, { reason: 'erased', detail: 'the user was erased', at: now });
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return 0;
  await db.deleteFrom('delivery_attempts').where('delivery_id', 'in', ids).execute();
  await db.deleteFrom('deliveries').where('id', 'in', ids).execute();
  // The names of lanes hold addresses; one that nobody else uses is made again when it is needed.
  await db
    .deleteFrom('delivery_lanes')
    .where('lane', 'in', [...new Set(rows.map((row) => row.lane))])
    .where('lease_token', 'is', null)
    .where(({ exists, not, selectFrom }) =>
      not(exists(selectFrom('deliveries').select('id').whereRef('deliveries.lane', '=', 'delivery_lanes.lane'))),
    )
    .execute();
  return ids.length;
}

/**
 * Forgets notifications that were for a user alone, at most `limit`: those that nobody else has got go, of the others
 * the words do. Returns how many.
 */
export async function eraseNotifications(db: Executor, userId: string, limit: number): Promise<number> {
  const own = await db
    .selectFrom('notifications')
    .select((where) => [
      'notifications.id',
      where
        .selectFrom('deliveries')
        .select((inner) => inner.fn.countAll<number>().as('count'))
        .whereRef('deliveries.notification_id', '=', 'notifications.id')
        .as('deliveries'),
    ])
    .where('notifications.user_id', '=', userId)
    .orderBy('notifications.id')
    .limit(limit)
    .execute();
  const [kept, gone] = [
    own.filter((row) => Number(row.deliveries) > 0),
    own.filter((row) => Number(row.deliveries) === 0),
  ];
  await deleteNotifications(
    db,
    gone.map((row) => row.id),
  );
  const blank = { subject: ERASED, message: ERASED, mailSubject: ERASED, shortText: ERASED };
  if (kept.length > 0) {
    await db
      .updateTable('notifications')
      .set({
        ...{ user_id: null, subject: ERASED, message: ERASED, data: '{}', metadata: null },
        content: JSON.stringify({ ...blank, facts: [], links: [], good: false }),
      })
      .where(
        'id',
        'in',
        kept.map((row) => row.id),
      )
      .execute();
  }
  return own.length;
}

/** Preferences and subscriptions of a user; returns how many of each. */
export async function erasePreferences(
  db: Executor,
  userId: string,
): Promise<{ readonly preferences: number; readonly subscriptions: number }> {
  const preferences = await db.deleteFrom('notification_preferences').where('user_id', '=', userId).executeTakeFirst();
  await db.deleteFrom('notification_profiles').where('user_id', '=', userId).execute();
  await db.deleteFrom('notification_contacts').where('user_id', '=', userId).execute();
  await db.deleteFrom('directory_entries').where('kind', '=', 'user').where('id', '=', userId).execute();
  const subscriptions = await db.deleteFrom('event_subscriptions').where('user_id', '=', userId).executeTakeFirst();
  return {
    preferences: Number(preferences.numDeletedRows),
    subscriptions: Number(subscriptions.numDeletedRows),
  };
}

export interface AnalyticsFilter {
  /** When the deliveries were made; Unix milliseconds, `start` inclusive, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  readonly channel?: string | undefined;
  readonly userId?: string | undefined;
}

export interface DeliveryCount {
  readonly channel: string;
  readonly status: string;
  readonly reason: string | null;
  readonly count: number;
}

export async function countDeliveries(db: Executor, filter: AnalyticsFilter): Promise<DeliveryCount[]> {
  const rows = await deliveriesOf(db, filter)
    .select((where) => ['channel', 'status', 'reason', where.fn.countAll<number>().as('count')])
    .groupBy(['channel', 'status', 'reason'])
    .execute();
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

/**
 * How long it took from the making of deliveries until providers had taken them, or until they had arrived for sure,
 * milliseconds: the values at these ranks (0 to 1) of all, nearest rank; none where there are none. Inboxes are left
 * out: they take no time.
 */
export async function timesUntil(
  db: Executor,
  end: 'sent_at' | 'delivered_at',
  filter: AnalyticsFilter,
  ranks: readonly number[],
): Promise<{ readonly count: number; readonly values: readonly number[] }> {
  const ended = () => deliveriesOf(db, filter).where(end, 'is not', null).where('channel', '<>', 'in_app');
  const { count } = await ended()
    .select((where) => where.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const total = Number(count);
  const values: number[] = [];
  for (const rank of total === 0 ? [] : ranks) {
    const row = await ended()
      .select(sql<number>`${sql.ref(end)} - created_at`.as('took'))
      .orderBy('took')
      .offset(Math.max(0, Math.ceil(rank * total) - 1))
      .limit(1)
      .executeTakeFirstOrThrow();
    values.push(Number(row.took));
  }
  return { count: total, values };
}

function deliveriesOf(db: Executor, filter: AnalyticsFilter) {
  let query = db
    .selectFrom('deliveries')
    .where('deliveries.created_at', '>=', filter.start)
    .where('deliveries.created_at', '<', filter.end);
  if (filter.channel !== undefined) query = query.where('deliveries.channel', '=', filter.channel);
  if (filter.userId !== undefined) query = query.where('deliveries.user_id', '=', filter.userId);
  return query;
}

export interface AlertNoise {
  readonly alertId: string;
  /** Null where it is not known any more. */
  readonly name: string | null;
  readonly notifications: number;
  readonly deliveries: number;
  /** Items of inboxes, and how many of them somebody has read. */
  readonly items: number;
  readonly read: number;
}

/** The alerts that have said most, the loudest first. */
export async function loudestAlerts(
  db: Executor,
  { start, end }: Pick<AnalyticsFilter, 'start' | 'end'>,
  limit: number,
): Promise<AlertNoise[]> {
  const loudest = await db
    .selectFrom('notifications')
    .innerJoin('deliveries', 'deliveries.notification_id', 'notifications.id')
    .select((where) => [
      'notifications.alert_id',
      where.fn.count<number>('notifications.id').distinct().as('notifications'),
      where.fn.countAll<number>().as('deliveries'),
      sql<number>`sum(case when deliveries.channel = 'in_app' and deliveries.status in ('delivered', 'read')
        then 1 else 0 end)`.as('items'),
      sql<number>`sum(case when deliveries.channel = 'in_app' and deliveries.status = 'read' then 1 else 0 end)`.as(
        'read',
      ),
    ])
    .where('notifications.alert_id', 'is not', null)
    .where('notifications.created_at', '>=', start)
    .where('notifications.created_at', '<', end)
    .groupBy('notifications.alert_id')
    .orderBy('notifications', 'desc')
    .orderBy('notifications.alert_id')
    .limit(limit)
    .execute();
  const ids = loudest.map((row) => row.alert_id!);
  const rules =
    ids.length === 0 ? [] : await db.selectFrom('alert_rules').select(['id', 'name']).where('id', 'in', ids).execute();
  return loudest.map((row) => ({
    alertId: row.alert_id!,
    name: rules.find(({ id }) => id === row.alert_id)?.name ?? null,
    notifications: Number(row.notifications),
    deliveries: Number(row.deliveries),
    items: Number(row.items),
    read: Number(row.read),
  }));
}
