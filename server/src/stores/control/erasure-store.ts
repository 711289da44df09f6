import { sql } from 'kysely';
import type { Executor } from './control-store.ts';

/** What stands where the name of somebody erased stood. */
export const ERASED = '(erased)';

/** Columns that hold the names of those who have done something. */
const ACTORS: readonly (readonly [table: string, column: string])[] = [
  ['alert_episodes', 'acknowledged_by'],
  ['alert_episodes', 'resolved_by'],
  ['alert_rule_versions', 'changed_by'],
  ['alert_snoozes', 'snoozed_by'],
  ['annotations', 'created_by'],
  ['correlation_rules', 'created_by'],
  ['episode_events', 'actor'],
  ['incident_events', 'actor'],
  ['incidents', 'acknowledged_by'],
  ['incidents', 'assignee'],
  ['incidents', 'resolved_by'],
  ['incidents', 'snoozed_by'],
  ['maintenance_windows', 'created_by'],
  ['notification_channels', 'saved_by'],
  ['notification_template_versions', 'saved_by'],
  ['on_call_overrides', 'created_by'],
  ['rule_files', 'saved_by'],
  ['silences', 'created_by'],
];

/** Takes a user's name out of the records of who has done what; returns how many rows. */
export async function eraseActor(db: Executor, name: string): Promise<number> {
  let count = 0;
  for (const [table, column] of ACTORS) {
    const [rows, actor] = [sql.table(table), sql.ref(column)];
    const result = await sql`update ${rows} set ${actor} = ${ERASED} where ${actor} = ${name}`.execute(db);
    count += Number(result.numAffectedRows ?? 0);
  }
  return count;
}

/** Deletes what is said to this user again and again; returns how much. */
export async function eraseSchedules(db: Executor, userId: string): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('notification_schedules')
    .where(holds('command', `"userId":${JSON.stringify(userId)}`))
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Members of groups as the user directory has told them, without this one. */
export async function eraseMember(db: Executor, userId: string): Promise<void> {
  const groups = await db
    .selectFrom('directory_entries')
    .selectAll()
    .where('kind', '=', 'group')
    .where(holds('body', JSON.stringify(userId)))
    .execute();
  for (const { id, body } of groups) {
    const members = (JSON.parse(body!) as string[]).filter((member) => member !== userId);
    await db
      .updateTable('directory_entries')
      .set({ body: JSON.stringify(members) })
      .where('kind', '=', 'group')
      .where('id', '=', id)
      .execute();
  }
}

export interface NamedPlace {
  readonly kind: 'alert' | 'escalation_policy' | 'on_call_schedule' | 'on_call_override';
  readonly id: string;
  readonly name: string;
}

/** What people have set up that names the user, at most `limit` of each kind. */
export async function placesThatName(db: Executor, userId: string, limit: number): Promise<NamedPlace[]> {
  const named = JSON.stringify(userId);
  const alerts = await db
    .selectFrom('alert_rules')
    .select(['id', 'name'])
    .where('deleted_at', 'is', null)
    .where(holds('definition', named))
    .limit(limit)
    .execute();
  const policies = await db
    .selectFrom('escalation_policies')
    .select(['id', 'name'])
    .where(holds('definition', named))
    .limit(limit)
    .execute();
  const schedules = await db
    .selectFrom('on_call_schedules')
    .select(['id', 'name'])
    .where(holds('layers', named))
    .limit(limit)
    .execute();
  const overrides = await db
    .selectFrom('on_call_overrides')
    .innerJoin('on_call_schedules', 'on_call_schedules.id', 'on_call_overrides.schedule_id')
    .select(['on_call_overrides.id', 'on_call_schedules.name'])
    .where('on_call_overrides.user_id', '=', userId)
    .limit(limit)
    .execute();
  return [
    ...alerts.map((row) => ({ ...row, kind: 'alert' as const })),
    ...policies.map((row) => ({ ...row, kind: 'escalation_policy' as const })),
    ...schedules.map((row) => ({ ...row, kind: 'on_call_schedule' as const })),
    ...overrides.map((row) => ({ ...row, kind: 'on_call_override' as const })),
  ];
}

/** Not `like`, which heeds the case in one of the databases only. */
function holds(column: string, text: string) {
  const place = sql.ref(column);
  return sql<boolean>`replace(${place}, ${text}, '') <> ${place}`;
}
