import type { Executor } from './control-store.ts';
import type { EscalationPoliciesTable, EscalationsTable } from './schema/escalation.ts';

type StoredEscalationPolicy = EscalationPoliciesTable;
export type StoredEscalation = EscalationsTable;

export function listEscalationPolicies(db: Executor): Promise<StoredEscalationPolicy[]> {
  return db.selectFrom('escalation_policies').selectAll().orderBy('id').execute();
}

/** Adds a policy or replaces what is stored of it. */
export async function saveEscalationPolicy(db: Executor, policy: StoredEscalationPolicy): Promise<void> {
  const { id: _, ...changed } = policy;
  await db
    .insertInto('escalation_policies')
    .values(policy)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute();
}

export async function deleteEscalationPolicy(db: Executor, id: string): Promise<void> {
  await db.deleteFrom('escalation_policies').where('id', '=', id).execute();
}

/** Those that are to go on by this time, the longest due first. */
export function listDueEscalations(db: Executor, now: number, limit: number): Promise<StoredEscalation[]> {
  return db
    .selectFrom('escalations')
    .selectAll()
    .where('next_at', '<=', now)
    .orderBy('next_at')
    .orderBy('thread_id')
    .limit(limit)
    .execute();
}

/** When the next of them is to go on, Unix milliseconds; null: none. */
export async function nextEscalationAt(db: Executor): Promise<number | null> {
  const { at } = await db
    .selectFrom('escalations')
    .select((row) => row.fn.min('next_at').as('at'))
    .executeTakeFirstOrThrow();
  return at;
}

export function listEscalationsOf(db: Executor, threadIds: readonly string[]): Promise<StoredEscalation[]> {
  if (threadIds.length === 0) return Promise.resolve([]);
  return db.selectFrom('escalations').selectAll().where('thread_id', 'in', threadIds).execute();
}

/** Those that are not over, newest first. */
export function listOpenEscalations(db: Executor, limit: number): Promise<StoredEscalation[]> {
  return db
    .selectFrom('escalations')
    .selectAll()
    .where('state', '!=', 'closed')
    .orderBy('started_at', 'desc')
    .orderBy('thread_id')
    .limit(limit)
    .execute();
}

/** Adds an escalation or replaces where it stands. */
export async function saveEscalation(db: Executor, escalation: StoredEscalation): Promise<void> {
  const { thread_id: _, policy_id: __, ...changed } = escalation;
  await db
    .insertInto('escalations')
    .values(escalation)
    .onConflict((conflict) => conflict.columns(['thread_id', 'policy_id']).doUpdateSet(changed))
    .execute();
}

/** Forgets what was over before this time. */
export async function deleteEscalationsBefore(db: Executor, time: number): Promise<void> {
  await db.deleteFrom('escalations').where('state', '=', 'closed').where('updated_at', '<', time).execute();
}

/** Episodes of these rules that have fired from this time on. */
export async function countEpisodesSince(db: Executor, ruleIds: readonly string[], since: number): Promise<number> {
  const { count } = await db
    .selectFrom('alert_episodes')
    .select((row) => row.fn.countAll<number | string>().as('count'))
    .where('rule_id', 'in', ruleIds)
    .where('fired_at', '>=', since)
    .executeTakeFirstOrThrow();
  return Number(count);
}
