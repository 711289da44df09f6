import type { Executor } from './control-store.ts';
import type { AlertInstancesTable } from './schema/alerts.ts';

export type StoredInstance = AlertInstancesTable;

export function listInstances(db: Executor): Promise<StoredInstance[]> {
  return db.selectFrom('alert_instances').selectAll().execute();
}

/** Rows of one statement: SQLite and PostgreSQL bound the number of parameters. */
const BATCH = 100;

/** Adds instances, or replaces what is stored of them. */
export async function saveInstances(db: Executor, instances: readonly StoredInstance[]): Promise<void> {
  for (let from = 0; from < instances.length; from += BATCH) {
    await db
      .insertInto('alert_instances')
      .values(instances.slice(from, from + BATCH))
      .onConflict((conflict) =>
        conflict.columns(['rule_id', 'fingerprint']).doUpdateSet((is) => ({
          labels: is.ref('excluded.labels'),
          state: is.ref('excluded.state'),
          machine: is.ref('excluded.machine'),
          episode_id: is.ref('excluded.episode_id'),
          updated_at: is.ref('excluded.updated_at'),
        })),
      )
      .execute();
  }
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
