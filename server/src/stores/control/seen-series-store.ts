import type { Executor } from './control-store.ts';
import type { AlertSeenSeriesTable } from './schema/alerts.ts';

export type StoredSeenSeries = AlertSeenSeriesTable;

/** Rows of one statement: SQLite and PostgreSQL bound the number of parameters. */
const BATCH = 200;

export function listSeenSeries(db: Executor): Promise<StoredSeenSeries[]> {
  return db.selectFrom('alert_seen_series').selectAll().execute();
}

/** Adds label sets, or replaces what is stored of them. */
export async function saveSeenSeries(db: Executor, rows: readonly StoredSeenSeries[]): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH) {
    await db
      .insertInto('alert_seen_series')
      .values(rows.slice(from, from + BATCH))
      .onConflict((conflict) =>
        conflict
          .columns(['rule_id', 'fingerprint'])
          .doUpdateSet((is) => ({ silent_since: is.ref('excluded.silent_since') })),
      )
      .execute();
  }
}

/** Forgets what a rule has seen. */
export async function deleteSeenSeries(db: Executor, ruleId: string): Promise<void> {
  await db.deleteFrom('alert_seen_series').where('rule_id', '=', ruleId).execute();
}
