import type { Kysely } from 'kysely';

/** What a lane was found to be waiting for: an endpoint that rests, or is busy enough. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('delivery_lanes').addColumn('blocked_by', 'text').execute();
}
