import type { Kysely } from 'kysely';

/** Label sets that a rule has seen, so that their silence can fire after a restart. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alert_seen_series')
    .addColumn('rule_id', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('silent_since', 'bigint')
    .addPrimaryKeyConstraint('alert_seen_series_key', ['rule_id', 'fingerprint'])
    .execute();
}
