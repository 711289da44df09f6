import { sql } from 'kysely';
import type { Executor } from './control-store.ts';
import type { StoredDelivery } from './delivery-store.ts';

export interface DeadFilter {
  readonly channel?: string | undefined;
  readonly reason?: string | undefined;
  readonly userId?: string | undefined;
  /** Of the making, Unix milliseconds, `start` inclusive, `end` exclusive. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly ids?: readonly string[] | undefined;
}

/** A delivery that was given up, with what it was about. */
export interface DeadDelivery extends StoredDelivery {
  readonly type: string;
  readonly severity: string;
  readonly subject: string;
}

/** Newest first. */
export async function listDead(
  db: Executor,
  filter: DeadFilter,
  page: { readonly limit: number; readonly after?: { readonly createdAt: number; readonly id: string } | undefined },
): Promise<DeadDelivery[]> {
  let query = matching(db, filter)
    .innerJoin('notifications', 'notifications.id', 'deliveries.notification_id')
    .selectAll('deliveries')
    .select(['notifications.type', 'notifications.severity', 'notifications.subject'])
    .orderBy('deliveries.created_at', 'desc')
    .orderBy('deliveries.id', 'desc')
    .limit(page.limit);
  const { after } = page;
  if (after) {
    query = query.where((where) =>
      where.or([
        where('deliveries.created_at', '<', after.createdAt),
        where.and([where('deliveries.created_at', '=', after.createdAt), where('deliveries.id', '<', after.id)]),
      ]),
    );
  }
  return query.execute();
}

/** Oldest first: the order in which they are to go out again. */
export function takeDead(db: Executor, filter: DeadFilter, limit: number): Promise<StoredDelivery[]> {
  return matching(db, filter).selectAll('deliveries').orderBy('deliveries.created_at').limit(limit).execute();
}

export async function countDead(db: Executor, filter: DeadFilter): Promise<number> {
  const row = await matching(db, filter).select(sql<number>`count(*)`.as('count')).executeTakeFirstOrThrow();
  return Number(row.count);
}

function matching(db: Executor, { channel, reason, userId, start, end, ids }: DeadFilter) {
  // As the index has it: a literal, not a parameter.
  let query = db.selectFrom('deliveries').where(sql<boolean>`deliveries.status = 'dead'`);
  if (channel !== undefined) query = query.where('deliveries.channel', '=', channel);
  if (reason !== undefined) query = query.where('deliveries.reason', '=', reason);
  if (userId !== undefined) query = query.where('deliveries.user_id', '=', userId);
  if (start !== undefined) query = query.where('deliveries.created_at', '>=', start);
  if (end !== undefined) query = query.where('deliveries.created_at', '<', end);
  if (ids !== undefined) query = query.where('deliveries.id', 'in', [...ids]);
  return query;
}
