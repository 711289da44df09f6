import { type Kysely, sql } from 'kysely';

interface Before {
  escalations: { thread_id: string; policy_id: string; state: string; started_at: number };
  alert_groups: { id: string; thread_id: string | null };
  alert_group_members: { group_id: string; episode_id: string };
  alert_episodes: { id: string; incident_id: string | null; severity: string };
}
interface After extends Before {
  escalations: Before['escalations'] & { incident_id: string; severity: string; next_at: number | null };
  escalation_alerts: { policy_id: string; episode_id: string };
}

/** An escalation was about a group of alerts; it is about an incident from now on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('escalations')
    .addColumn('incident_id', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema
    .alterTable('escalations')
    .addColumn('severity', 'text', (column) => column.notNull().defaultTo('info'))
    .execute();
  await sql`create index escalations_open on escalations (incident_id) where state <> 'closed'`.execute(db);
  await db.schema
    .createTable('escalation_alerts')
    .addColumn('policy_id', 'text', (column) => column.notNull())
    .addColumn('episode_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('escalation_alerts_key', ['policy_id', 'episode_id'])
    .execute();
  await takeOver(db as Kysely<After>);
}

/** What escalates goes on where it stands; of several groups of one incident the first one does. */
async function takeOver(db: Kysely<After>): Promise<void> {
  const open = await db
    .selectFrom('escalations')
    .select(['thread_id', 'policy_id'])
    .where('state', '!=', 'closed')
    .orderBy('started_at')
    .execute();
  const taken = new Set<string>();
  for (const { thread_id: thread, policy_id: policy } of open) {
    const episodes = await db
      .selectFrom('alert_groups')
      .innerJoin('alert_group_members', 'alert_group_members.group_id', 'alert_groups.id')
      .innerJoin('alert_episodes', 'alert_episodes.id', 'alert_group_members.episode_id')
      .select(['alert_episodes.id', 'alert_episodes.incident_id', 'alert_episodes.severity'])
      .where('alert_groups.thread_id', '=', thread)
      .where('alert_episodes.incident_id', 'is not', null)
      .execute();
    const [first] = episodes;
    const key = `${first?.incident_id} ${policy}`;
    const isFirst = first !== undefined && !taken.has(key);
    taken.add(key);
    const own = db.updateTable('escalations').where('thread_id', '=', thread).where('policy_id', '=', policy);
    // The end of what the group was told of goes on under the group's thread: this one is of its own from now on.
    const name = { thread_id: `escalation:${thread}` };
    if (isFirst) await own.set({ ...name, incident_id: first.incident_id!, severity: first.severity }).execute();
    else await own.set({ ...name, state: 'closed', next_at: null }).execute();
    if (episodes.length === 0) continue;
    await db
      .insertInto('escalation_alerts')
      .values(episodes.map(({ id }) => ({ policy_id: policy, episode_id: id })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
