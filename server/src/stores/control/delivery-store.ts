import { sql } from 'kysely';
import type { Executor } from './control-store.ts';
import type { DeliveriesTable, DeliveryAttemptsTable } from './schema/notifications.ts';

export type StoredDelivery = DeliveriesTable;
export type StoredAttempt = DeliveryAttemptsTable;

/** Rows of one statement: SQLite and PostgreSQL bound the number of parameters. */
const BATCH = 200;

/** Writes deliveries of a notification, and wakes the lanes of those that are open. */
export async function insertDeliveries(db: Executor, rows: readonly StoredDelivery[]): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH) {
    await db
      .insertInto('deliveries')
      .values(rows.slice(from, from + BATCH))
      .execute();
  }
  // Locks on lanes are always taken in their order, so that two transactions cannot wait for each other.
  const open = rows.filter((row) => row.is_open === 1).sort((a, b) => (a.lane < b.lane ? -1 : 1));
  for (const row of open) await wakeLane(db, row);
}

/** A lane that waits already keeps its time: nothing overtakes within a lane. */
export async function deleteDelivery(db: Executor, id: string): Promise<void> {
  await db.deleteFrom('delivery_attempts').where('delivery_id', '=', id).execute();
  await db.deleteFrom('deliveries').where('id', '=', id).execute();
}

export async function wakeLane(
  db: Executor,
  row: Pick<StoredDelivery, 'lane' | 'priority' | 'next_at'>,
): Promise<void> {
  await db
    .insertInto('delivery_lanes')
    .values({
      lane: row.lane,
      next_at: row.next_at,
      priority: row.priority,
      lease_token: null,
      lease_until: 0,
      blocked_by: null,
    })
    .onConflict((conflict) =>
      conflict.column('lane').doUpdateSet({
        next_at: sql<number>`coalesce(delivery_lanes.next_at, excluded.next_at)`,
        priority: sql<number>`case when delivery_lanes.next_at is null or delivery_lanes.priority > excluded.priority
          then excluded.priority else delivery_lanes.priority end`,
      }),
    )
    .execute();
}

/** Deliveries of these notifications, in the order in which they were made. */
export async function listDeliveries(db: Executor, notificationIds: readonly string[]): Promise<StoredDelivery[]> {
  const rows: StoredDelivery[] = [];
  for (let from = 0; from < notificationIds.length; from += BATCH) {
    const part = await db
      .selectFrom('deliveries')
      .selectAll()
      .where('notification_id', 'in', notificationIds.slice(from, from + BATCH))
      .orderBy('position')
      .execute();
    rows.push(...part);
  }
  return rows;
}

/** Attempts of these deliveries, oldest first. */
export async function listAttempts(db: Executor, deliveryIds: readonly string[]): Promise<StoredAttempt[]> {
  const rows: StoredAttempt[] = [];
  for (let from = 0; from < deliveryIds.length; from += BATCH) {
    const part = await db
      .selectFrom('delivery_attempts')
      .selectAll()
      .where('delivery_id', 'in', deliveryIds.slice(from, from + BATCH))
      .orderBy('number')
      .execute();
    rows.push(...part);
  }
  return rows;
}

/** What a channel refuses because of itself, not of the message or its reader. */
const BROKEN_CHANNEL = ['authentication', 'endpoint_gone'];

/**
 * Deliveries that were given up from this time on, and alerts that a channel refused which is no longer there or does
 * not know us, by channel. Times are Unix milliseconds.
 */
export async function countLostDeliveries(
  db: Executor,
  { createdFrom, deadlineFrom }: { readonly createdFrom: number; readonly deadlineFrom: number },
): Promise<{ readonly channel: string; readonly count: number }[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select((row) => ['channel' as const, row.fn.countAll<number | string>().as('count')])
    .where('created_at', '>=', createdFrom)
    .where((row) =>
      row.or([
        row.and([row('status', '=', 'dead'), row('deadline_at', '>=', deadlineFrom)]),
        row.and([
          row('status', '=', 'failed'),
          row('reason', 'in', BROKEN_CHANNEL),
          row('priority', '<=', 1),
          row('created_at', '>=', deadlineFrom),
        ]),
      ]),
    )
    .groupBy('channel')
    .orderBy('channel')
    .execute();
  return rows.map(({ channel, count }) => ({ channel, count: Number(count) }));
}

/** Deliveries of all notifications of an episode, oldest first. */
export function listEpisodeDeliveries(db: Executor, episodeId: string): Promise<StoredDelivery[]> {
  return db
    .selectFrom('deliveries')
    .innerJoin('notifications', 'notifications.id', 'deliveries.notification_id')
    .selectAll('deliveries')
    .where('notifications.episode_id', '=', episodeId)
    .orderBy('deliveries.position')
    .execute();
}

/** The provider's id of the first message of an episode that went to a target. */
export async function findThreadRoot(db: Executor, episodeId: string, lane: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('deliveries')
    .innerJoin('notifications', 'notifications.id', 'deliveries.notification_id')
    .select('deliveries.provider_id')
    .where('notifications.episode_id', '=', episodeId)
    .where('deliveries.lane', '=', lane)
    .where('deliveries.provider_id', 'is not', null)
    .orderBy('deliveries.position')
    .limit(1)
    .executeTakeFirst();
  return row?.provider_id ?? undefined;
}

/** Puts deliveries that have ended back into their lanes, as new. */
export async function requeueDeliveries(
  db: Executor,
  rows: readonly Pick<StoredDelivery, 'id' | 'lane' | 'priority' | 'deadline_at'>[],
  now: number,
): Promise<void> {
  for (const row of rows.toSorted((a, b) => (a.lane < b.lane ? -1 : 1))) {
    await wakeLane(db, { ...row, next_at: now });
    await db
      .updateTable('deliveries')
      .set({
        status: 'queued',
        is_open: 1,
        reason: null,
        detail: null,
        next_at: now,
        deadline_at: row.deadline_at,
      })
      .where('id', '=', row.id)
      .where('is_open', '=', 0)
      .execute();
  }
}

/**
 * Ends what still waits for its (next) attempt among these deliveries, and lets what is behind them move up. The lanes
 * are locked before the deliveries, as by those who claim.
 */
export async function cancelWaiting(
  db: Executor,
  deliveries: readonly StoredDelivery[],
  cancel: { readonly reason: string; readonly detail: string; readonly at: number },
): Promise<StoredDelivery[]> {
  for (const lane of [...new Set(deliveries.map((row) => row.lane))].sort()) {
    await db
      .updateTable('delivery_lanes')
      .set({ next_at: cancel.at })
      .where('lane', '=', lane)
      .where('next_at', 'is not', null)
      .execute();
  }
  const canceled: StoredDelivery[] = [];
  for (let from = 0; from < deliveries.length; from += BATCH) {
    const ids = deliveries.slice(from, from + BATCH).map((row) => row.id);
    const part = await db
      .updateTable('deliveries')
      .set({
        ...{ status: 'canceled', is_open: 0, reason: cancel.reason, detail: cancel.detail },
        ...{ held_until: null, held_why: null },
      })
      .where('id', 'in', ids)
      .where('status', 'in', ['queued', 'retrying', 'scheduled'])
      .returningAll()
      .execute();
    canceled.push(...part);
  }
  return canceled;
}

/**
 * Writes down what a provider has told of a message later, by the provider's id of it. Only from one of the states
 * `from`: callbacks come out of order. False where there is no such delivery.
 */
export async function settleByProvider(
  db: Executor,
  message: { readonly channel: string; readonly providerId: string; readonly from: readonly string[] },
  change: Pick<StoredDelivery, 'status'> & Partial<Pick<StoredDelivery, 'reason' | 'detail' | 'delivered_at'>>,
): Promise<boolean> {
  const result = await db
    .updateTable('deliveries')
    .set(change)
    .where('provider_id', '=', message.providerId)
    .where('channel', '=', message.channel)
    .where('status', 'in', [...message.from])
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
