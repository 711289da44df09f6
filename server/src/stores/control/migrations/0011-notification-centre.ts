import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await addInboxStates(db);
  await createTemplates(db);
  await createEvents(db);
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notification_topics')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('event_types', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('event_subscriptions')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('topic_id', 'text')
    .addColumn('event_type', 'text')
    .addColumn('user_id', 'text')
    .addColumn('channel', 'text')
    .addColumn('address', 'text')
    .addColumn('filters', 'text', (column) => column.notNull())
    .addColumn('min_severity', 'text')
    .addColumn('template', 'text')
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('platform_events')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('subject', 'text')
    .addColumn('occurred_at', 'bigint')
    .addColumn('attributes', 'text', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('platform_events_once', ['source', 'event_id'])
    .execute();
  await db.schema.createIndex('platform_events_by_time').on('platform_events').column('received_at').execute();
}

async function createTemplates(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('deliveries').addColumn('locale', 'text').execute();
  await db.schema
    .createTable('notification_template_versions')
    .addColumn('template_id', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('body', 'text')
    .addColumn('saved_at', 'bigint', (column) => column.notNull())
    .addColumn('saved_by', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('notification_template_versions_key', ['template_id', 'version'])
    .execute();
  await db.schema.createIndex('deliveries_by_time').on('deliveries').column('created_at').execute();
  await db.schema.createIndex('notifications_by_type').on('notifications').columns(['type', 'created_at']).execute();
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
