import type { Kysely } from 'kysely';

/** What a delivery to somebody not known yet is to become. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('deliveries').addColumn('deferred_request', 'text').execute();
}
