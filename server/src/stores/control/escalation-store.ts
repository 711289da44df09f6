import type { Executor } from './control-store.ts';
import type { EscalationPoliciesTable, EscalationsTable } from './schema/escalation.ts';

type StoredEscalationPolicy = EscalationPoliciesTable;
export type StoredEscalation = EscalationsTable;

/** Rows of one statement: SQLite and PostgreSQL bound the number of parameters. */
const BATCH = 200;

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

/** That one, if it is still due. */
export function findDueEscalation(
  db: Executor,
  one: Pick<StoredEscalation, 'thread_id' | 'policy_id'>,
  now: number,
): Promise<StoredEscalation | undefined> {
  return db
    .selectFrom('escalations')
    .selectAll()
    .where('thread_id', '=', one.thread_id)
    .where('policy_id', '=', one.policy_id)
    .where('next_at', '<=', now)
    .executeTakeFirst();
}

/** When the next of them is to go on, Unix milliseconds; null: none. */
export async function nextEscalationAt(db: Executor): Promise<number | null> {
  const { at } = await db
    .selectFrom('escalations')
    .select((row) => row.fn.min('next_at').as('at'))
    .executeTakeFirstOrThrow();
  return at;
}

/** Those of these incidents that are not over, the oldest first. */
export async function listEscalationsOf(db: Executor, incidentIds: readonly string[]): Promise<StoredEscalation[]> {
  const found: StoredEscalation[] = [];
  for (let from = 0; from < incidentIds.length; from += BATCH) {
    const rows = await db
      .selectFrom('escalations')
      .selectAll()
      .where('incident_id', 'in', incidentIds.slice(from, from + BATCH))
      .where('state', '!=', 'closed')
      .orderBy('started_at')
      .orderBy('thread_id')
      .execute();
    found.push(...rows);
  }
  return found;
}

/** Which of these episodes go by the policy. */
export async function listEscalatedEpisodes(
  db: Executor,
  policyId: string,
  episodeIds: readonly string[],
): Promise<Set<string>> {
  const found = new Set<string>();
  for (let from = 0; from < episodeIds.length; from += BATCH) {
    const rows = await db
      .selectFrom('escalation_alerts')
      .select('episode_id')
      .where('policy_id', '=', policyId)
      .where('episode_id', 'in', episodeIds.slice(from, from + BATCH))
      .execute();
    for (const { episode_id } of rows) found.add(episode_id);
  }
  return found;
}

/** These episodes go by the policy from now on. */
export async function insertEscalatedEpisodes(
  db: Executor,
  policyId: string,
  episodeIds: readonly string[],
): Promise<void> {
  for (let from = 0; from < episodeIds.length; from += BATCH) {
    const rows = episodeIds.slice(from, from + BATCH).map((id) => ({ policy_id: policyId, episode_id: id }));
    await db
      .insertInto('escalation_alerts')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['policy_id', 'episode_id']).doNothing())
      .execute();
  }
}

/** Those that are not over, newest first; of one incident alone where it is given. */
export function listOpenEscalations(db: Executor, limit: number, incidentId?: string): Promise<StoredEscalation[]> {
  let query = db.selectFrom('escalations').selectAll().where('state', 'not in', ['closed', 'followed']);
  if (incidentId !== undefined) query = query.where('incident_id', '=', incidentId);
  return query.orderBy('started_at', 'desc').orderBy('thread_id').limit(limit).execute();
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

/** Forgets what was over before this time, and which alerts escalated that are forgotten themselves. */
export async function deleteEscalationsBefore(db: Executor, time: number): Promise<void> {
  await db.deleteFrom('escalations').where('state', '=', 'closed').where('updated_at', '<', time).execute();
  await db
    .deleteFrom('escalation_alerts')
    .where('episode_id', 'not in', db.selectFrom('alert_episodes').select('id'))
    .execute();
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
