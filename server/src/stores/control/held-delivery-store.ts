import type { ControlStore, Executor } from './control-store.ts';
import type { StoredDelivery } from './delivery-store.ts';
import { wakeLane } from './delivery-store.ts';
import { skipLocked } from './skip-locked.ts';

/** Deliveries to one target that are looked at together; the others come with the next turn. */
const MOST_OF_ONE_TARGET = 1000;

/**
 * What waits outside of its lane and is due, all of one target together, oldest first. Empty where nothing is. To be
 * called in a transaction that then lets each go, ends it, or holds it longer.
 */
export async function takeDueHeld(db: Executor, kind: ControlStore['kind'], now: number): Promise<StoredDelivery[]> {
  const first = await db
    .selectFrom('deliveries')
    .select(['lane', 'user_id'])
    .where('held_until', '<=', now)
    .orderBy('held_until')
    .limit(1)
    .$call(skipLocked(kind))
    .executeTakeFirst();
  if (!first) return [];
  return db
    .selectFrom('deliveries')
    .selectAll()
    .where('held_until', '<=', now)
    .where('lane', '=', first.lane)
    .where('user_id', first.user_id === null ? 'is' : '=', first.user_id)
    .orderBy('position')
    .limit(MOST_OF_ONE_TARGET)
    .$call(skipLocked(kind))
    .execute();
}

/** When the first of what waits outside of its lane is due, Unix milliseconds; null: nothing waits. */
export async function nextHeldAt(db: Executor): Promise<number | null> {
  const { at } = await db
    .selectFrom('deliveries')
    .select((row) => row.fn.min('held_until').as('at'))
    .where('held_until', 'is not', null)
    .executeTakeFirstOrThrow();
  return at;
}

/** Holds it longer, for `why`. */
export async function holdDelivery(
  db: Executor,
  id: string,
  hold: { readonly until: number; readonly why: string; readonly detail: string },
): Promise<void> {
  await db
    .updateTable('deliveries')
    .set({ held_until: hold.until, held_why: hold.why, detail: hold.detail })
    .where('id', '=', id)
    .execute();
}

/** Ends it, unsent. */
export async function endHeld(
  db: Executor,
  id: string,
  end: Pick<StoredDelivery, 'status' | 'reason' | 'detail' | 'trace'> & Partial<Pick<StoredDelivery, 'bundled_into'>>,
): Promise<void> {
  await db
    .updateTable('deliveries')
    .set({ ...end, held_until: null, held_why: null, is_open: 0 })
    .where('id', '=', id)
    .execute();
}

/** Lets it into its lane, behind what is there. */
export async function releaseHeld(
  db: Executor,
  row: StoredDelivery,
  release: Pick<StoredDelivery, 'position' | 'deadline_at' | 'trace'> & { readonly now: number },
): Promise<void> {
  const { position, deadline_at, trace, now } = release;
  await wakeLane(db, { lane: row.lane, priority: row.priority, next_at: now });
  await db
    .updateTable('deliveries')
    .set({
      ...{ status: 'queued', is_open: 1, reason: null, detail: null, held_until: null, held_why: null },
      ...{ position, deadline_at, trace, next_at: now, released_at: now },
    })
    .where('id', '=', row.id)
    .execute();
}

/** What waits in a chain of channels for these notifications' other deliveries to fail, or not to be read. */
export function listChains(db: Executor, notificationIds: readonly string[]): Promise<StoredDelivery[]> {
  if (notificationIds.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('deliveries')
    .selectAll()
    .where('notification_id', 'in', notificationIds)
    .where('chain_step', 'is not', null)
    .orderBy('chain_step')
    .orderBy('position')
    .execute();
}

/** Makes the next step of a delivery's chain due, where it is in one and that step still waits. */
export async function hurryChain(
  db: Executor,
  delivery: Pick<StoredDelivery, 'notification_id' | 'user_id' | 'chain_step'>,
  now: number,
): Promise<void> {
  if (delivery.chain_step === null) return;
  const chain = await listChains(db, [delivery.notification_id]);
  const next = chain.find(
    (row) =>
      row.user_id === delivery.user_id &&
      row.chain_step! > delivery.chain_step! &&
      row.held_why?.startsWith('fallback') === true,
  );
  if (!next) return;
  await db
    .updateTable('deliveries')
    .set({ held_until: now })
    .where('notification_id', '=', delivery.notification_id)
    .where('user_id', next.user_id === null ? 'is' : '=', next.user_id)
    .where('chain_step', '=', next.chain_step)
    .where('held_until', '>', now)
    .execute();
}

/** When this user was last told by this channel, newest first, at most `limit` times since `since`. */
export async function listReleases(
  db: Executor,
  { userId, channel, since, limit }: { userId: string; channel: string; since: number; limit: number },
): Promise<number[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select('released_at')
    .where('user_id', '=', userId)
    .where('channel', '=', channel)
    .where('released_at', '>', since)
    .orderBy('released_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.released_at!);
}

/** Until when this user's deliveries by this channel wait for their rate; `undefined`: none does. */
export async function heldForRate(db: Executor, userId: string, channel: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('deliveries')
    .select('held_until')
    .where('held_until', 'is not', null)
    .where('held_why', '=', 'rate_limited')
    .where('user_id', '=', userId)
    .where('channel', '=', channel)
    .orderBy('held_until')
    .limit(1)
    .executeTakeFirst();
  return row?.held_until ?? undefined;
}

/** Whether the user has read the notification in the inbox, or has it seen there. */
export async function inboxStateOf(
  db: Executor,
  notificationId: string,
  userId: string,
): Promise<{ readonly seen: boolean; readonly read: boolean }> {
  const row = await db
    .selectFrom('inbox_items')
    .select(['seen_at', 'read_at'])
    .where('notification_id', '=', notificationId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return { seen: row !== undefined && (row.seen_at ?? row.read_at) !== null, read: (row?.read_at ?? null) !== null };
}
