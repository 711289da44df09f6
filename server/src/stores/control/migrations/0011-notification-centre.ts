import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await addInboxStates(db);
}

async function addInboxStates(db: Kysely<unknown>): Promise<void> {
  for (const column of ['seen_at', 'archived_at', 'snoozed_until']) {
    await db.schema.alterTable('inbox_items').addColumn(column, 'bigint').execute();
  }
  await db.schema.dropIndex('inbox_items_unread').execute();
  // Partial, so that counting what is unread reads nothing else, however much was read before.
  await sql`create index inbox_items_unread on inbox_items (user_id, seen_at)
    where read_at is null and archived_at is null and snoozed_until is null`.execute(db);
  await sql`create index inbox_items_snoozed on inbox_items (snoozed_until) where snoozed_until is not null`.execute(
    db,
  );
}
