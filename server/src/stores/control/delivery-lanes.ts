import { type ExpressionBuilder, sql } from 'kysely';
import type { ControlStore, Executor } from './control-store.ts';
import type { StoredAttempt, StoredDelivery } from './delivery-store.ts';
import { hurryChain } from './held-delivery-store.ts';
import type { ControlDatabase } from './schema/index.ts';
import { skipLocked } from './skip-locked.ts';

/** What to do with the delivery at the head of a lane. */
export type HeadDecision =
  /** `leaseUntil` (Unix milliseconds): whoever has not finished it by then is taken for dead. */
  | { readonly kind: 'send'; readonly leaseUntil: number }
  /** It keeps its place until that (an endpoint, a sender) takes something again. */
  | { readonly kind: 'blocked'; readonly by: string }
  /** It ends here, unsent; the next one moves up. */
  | { readonly kind: 'end'; readonly status: string; readonly reason: string; readonly detail: string };

export interface ClaimOptions {
  readonly now: number;
  /** Until it is decided about what they hold. */
  readonly leaseUntil: number;
  /** Names the claim: only its holder may finish what it took. */
  readonly token: string;
  readonly limit: number;
  /** What takes nothing now: lanes that were found to wait for one of these are passed over. */
  readonly closed: readonly string[];
  /** Decides about a head; one in state `sending` is left over from a worker that died. Must not wait for anything. */
  readonly decide: (head: StoredDelivery) => HeadDecision;
}

export interface Claim {
  readonly deliveries: readonly StoredDelivery[];
  /** Lanes that were looked at: where these are as many as were wanted, there may be more. */
  readonly lanes: number;
}

/**
 * Takes up to `limit` lanes that are due, each with the delivery at its head, which then is in state `sending`. Lanes
 * held by a live lease are passed over; a lease that ran out is taken over. For a transaction.
 */
export async function claimDeliveries(db: Executor, kind: ControlStore['kind'], options: ClaimOptions): Promise<Claim> {
  const lanes = await leaseLanes(db, kind, options);
  const claimed: StoredDelivery[] = [];
  for (const lane of lanes) {
    const head = await takeHead(db, lane, options);
    if (head) claimed.push(head);
  }
  return { deliveries: claimed, lanes: lanes.length };
}

/** When there is something to claim next, Unix milliseconds; null: nothing waits, and nothing is under way. */
export async function nextClaimAt(db: Executor, now: number): Promise<number | null> {
  const { free } = await db
    .selectFrom('delivery_lanes')
    .select((row) => row.fn.min('next_at').as('free'))
    .where('next_at', 'is not', null)
    .where('lease_until', '<=', now)
    .executeTakeFirstOrThrow();
  if (free !== null && free <= now) return free;
  // All that is due is under way: if its worker dies, it is free when the lease ends.
  const { leased } = await db
    .selectFrom('delivery_lanes')
    .select((row) => row.fn.min('lease_until').as('leased'))
    .where('next_at', '<=', now)
    .where('lease_until', '>', now)
    .executeTakeFirstOrThrow();
  return free === null || (leased !== null && leased < free) ? leased : free;
}

/** Whether there is something to claim: a claim that finds nothing would wait for the disk all the same. */
export async function hasDue(db: Executor, options: Pick<ClaimOptions, 'now' | 'closed'>): Promise<boolean> {
  const due = db.selectFrom('delivery_lanes').select('lane').where(isDue(options)).limit(1);
  return (await due.executeTakeFirst()) !== undefined;
}

function isDue({ now, closed }: Pick<ClaimOptions, 'now' | 'closed'>) {
  return (row: ExpressionBuilder<ControlDatabase, 'delivery_lanes'>) =>
    row.and([
      row('next_at', '<=', now),
      row('lease_until', '<=', now),
      ...(closed.length > 0 ? [row.or([row('blocked_by', 'is', null), row('blocked_by', 'not in', closed)])] : []),
    ]);
}

async function leaseLanes(db: Executor, kind: ControlStore['kind'], options: ClaimOptions): Promise<string[]> {
  const rows = await db
    .with('due', (query) =>
      query
        .selectFrom('delivery_lanes')
        .select('lane')
        .where(isDue(options))
        .orderBy('priority')
        .orderBy('next_at')
        .limit(options.limit)
        .$call(skipLocked(kind)),
    )
    .updateTable('delivery_lanes')
    .set({ lease_token: options.token, lease_until: options.leaseUntil })
    .where('lane', 'in', (query) => query.selectFrom('due').select('due.lane'))
    .returning(['lane', 'priority', 'next_at'])
    .execute();
  // Returned in any order; where only some of them may go, it is the first that do.
  return rows.sort((a, b) => a.priority - b.priority || a.next_at! - b.next_at!).map((row) => row.lane);
}

async function takeHead(db: Executor, lane: string, options: ClaimOptions): Promise<StoredDelivery | undefined> {
  for (;;) {
    const head = await headOf(db, lane);
    if (!head || (head.status !== 'sending' && head.next_at > options.now)) {
      await releaseLane(db, lane, head?.next_at ?? null);
      return undefined;
    }
    const decision = options.decide(head);
    if (head.status === 'sending') await recordLostAttempt(db, head, options.now);
    if (decision.kind === 'end') {
      const { status, reason, detail } = decision;
      await db
        .updateTable('deliveries')
        .set({ status, reason, detail, is_open: 0 })
        .where('id', '=', head.id)
        .execute();
      await hurryChain(db, head, options.now);
      continue;
    }
    if (decision.kind === 'blocked') {
      if (head.status === 'sending') {
        await db.updateTable('deliveries').set({ status: 'retrying' }).where('id', '=', head.id).execute();
      }
      await releaseLane(db, lane, head.next_at, decision.by);
      return undefined;
    }
    await db.updateTable('delivery_lanes').set({ lease_until: decision.leaseUntil }).where('lane', '=', lane).execute();
    return db
      .updateTable('deliveries')
      .set({ status: 'sending', attempt_count: head.attempt_count + 1 })
      .where('id', '=', head.id)
      .returningAll()
      .executeTakeFirstOrThrow();
  }
}

/** The attempt of a worker that died: nobody knows what became of it. */
async function recordLostAttempt(db: Executor, head: StoredDelivery, now: number): Promise<void> {
  await db
    .insertInto('delivery_attempts')
    .values({
      delivery_id: head.id,
      number: head.attempt_count,
      at: now,
      outcome: 'unknown',
      reason: 'interrupted',
      detail: 'the service stopped during this attempt',
    })
    .execute();
}

function headOf(db: Executor, lane: string): Promise<StoredDelivery | undefined> {
  return db
    .selectFrom('deliveries')
    .selectAll()
    .where('lane', '=', lane)
    .where('is_open', '=', 1)
    .orderBy('position')
    .limit(1)
    .executeTakeFirst();
}

async function releaseLane(
  db: Executor,
  lane: string,
  nextAt: number | null,
  blockedBy: string | null = null,
): Promise<void> {
  await db
    .updateTable('delivery_lanes')
    .set({ next_at: nextAt, lease_token: null, lease_until: 0, blocked_by: blockedBy })
    .where('lane', '=', lane)
    .execute();
}

export type DeliveryChange = Pick<StoredDelivery, 'status' | 'is_open' | 'reason' | 'detail'> &
  Partial<Pick<StoredDelivery, 'next_at' | 'sent_at' | 'delivered_at' | 'provider_id'>>;

/**
 * Writes down how an attempt went and gives the lane back, at the earliest for `notBefore`. False, and nothing
 * written, where the lease was lost to another worker. For a transaction.
 */
export async function finishDelivery(
  db: Executor,
  claimed: StoredDelivery,
  finish: {
    readonly token: string;
    readonly change: DeliveryChange;
    readonly attempt: Pick<StoredAttempt, 'at' | 'outcome' | 'reason' | 'detail'>;
    readonly notBefore: number;
    /** True: the next channel of its chain does not wait any longer. */
    readonly hurriesChain: boolean;
  },
): Promise<boolean> {
  const held = await db
    .updateTable('delivery_lanes')
    .set({ lease_until: 0, lease_token: null })
    .where('lane', '=', claimed.lane)
    .where('lease_token', '=', finish.token)
    .executeTakeFirst();
  if (held.numUpdatedRows === 0n) return false;
  await db.updateTable('deliveries').set(finish.change).where('id', '=', claimed.id).execute();
  if (finish.hurriesChain) await hurryChain(db, claimed, finish.attempt.at);
  await db
    .insertInto('delivery_attempts')
    .values({ delivery_id: claimed.id, number: claimed.attempt_count, ...finish.attempt })
    .execute();
  const next = await headOf(db, claimed.lane);
  await releaseLane(db, claimed.lane, next ? Math.max(next.next_at, finish.notBefore) : null);
  return true;
}

/** For the only process on its database: what an earlier run had taken is free at once. */
export async function releaseAllLanes(db: Executor): Promise<void> {
  await db
    .updateTable('delivery_lanes')
    .set({ lease_token: null, lease_until: 0 })
    .where('lease_until', '>', 0)
    .execute();
}

/**
 * The clock was set back and shows `now`; `jump` is how far, negative milliseconds: what waits waits as long as before.
 * For the only process on its database, in a transaction.
 */
export async function moveWaitingBack(db: Executor, now: number, jump: number): Promise<void> {
  await db
    .updateTable('deliveries')
    .set((row) => ({ next_at: row('next_at', '+', jump), deadline_at: row('deadline_at', '+', jump) }))
    .where('is_open', '=', 1)
    .where('next_at', '>', now)
    .execute();
  await db
    .updateTable('delivery_lanes')
    .set((row) => ({ next_at: row('next_at', '+', jump) }))
    .where('next_at', '>', now)
    .execute();
  await db
    .updateTable('delivery_lanes')
    .set((row) => ({ lease_until: row('lease_until', '+', jump) }))
    .where('lease_until', '>', now)
    .execute();
}

/**
 * The same where other processes may share the database, each with a clock of its own: only what waits to be tried
 * again is moved. For a process whose clock is right that comes early, which harms nobody; a deadline or a lease would.
 */
export async function moveRetriesBack(db: Executor, now: number, jump: number): Promise<void> {
  await db
    .updateTable('delivery_lanes')
    .set((row) => ({ next_at: row('next_at', '+', jump) }))
    .where('next_at', '>', now)
    .where('lane', 'in', (query) =>
      query.selectFrom('deliveries').select('lane').where('is_open', '=', 1).where('status', '=', 'retrying'),
    )
    .execute();
  await db
    .updateTable('deliveries')
    .set((row) => ({ next_at: row('next_at', '+', jump) }))
    .where('is_open', '=', 1)
    .where('status', '=', 'retrying')
    .where('next_at', '>', now)
    .execute();
}

/** Deliveries still to be done, and when the oldest of them was made (Unix milliseconds). */
export async function outboxBacklog(db: Executor): Promise<{ count: number; oldestCreatedAt: number | null }> {
  const row = await db
    .selectFrom('deliveries')
    .select([sql<number>`count(*)`.as('count'), sql<number | null>`min(created_at)`.as('oldest')])
    .where('is_open', '=', 1)
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), oldestCreatedAt: row.oldest === null ? null : Number(row.oldest) };
}
