import type { Kysely } from 'kysely';

/** JSON: which subscriptions to what an event is about did not hear of it, and why; null: none. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('platform_events').addColumn('passed_over', 'text').execute();
}
