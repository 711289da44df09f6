import type { Executor } from './control-store.ts';
import type { AlertInstancesTable } from './schema/alerts.ts';

export type StoredInstance = AlertInstancesTable;

export function listInstances(db: Executor): Promise<StoredInstance[]> {
  return db.selectFrom('alert_instances').selectAll().execute();
}

/** Adds an instance or replaces what is stored of it. */
export async function saveInstance(db: Executor, instance: StoredInstance): Promise<void> {
  const { rule_id: _, fingerprint: __, ...changed } = instance;
  await db
    .insertInto('alert_instances')
    .values(instance)
    .onConflict((conflict) => conflict.columns(['rule_id', 'fingerprint']).doUpdateSet(changed))
    .execute();
}

export async function deleteInstance(db: Executor, ruleId: string, fingerprint: string): Promise<void> {
  await db.deleteFrom('alert_instances').where('rule_id', '=', ruleId).where('fingerprint', '=', fingerprint).execute();
}

/** Remembers a point in time under a name. */
export async function saveMark(db: Executor, name: string, at: number): Promise<void> {
  await db
    .insertInto('alerting_marks')
    .values({ name, at })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ at }))
    .execute();
}

export async function findMark(db: Executor, name: string): Promise<number | undefined> {
  return (await db.selectFrom('alerting_marks').select('at').where('name', '=', name).executeTakeFirst())?.at;
}
