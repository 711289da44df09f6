import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createGroups(db);
  await createNotificationEpisodes(db);
  await createSuppressions(db);
}

async function createGroups(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('routed_alerts')
    .addColumn('episode_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('rule_id', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('annotations', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('starts_at', 'bigint', (column) => column.notNull())
    .addColumn('ends_at', 'bigint')
    .addColumn('is_timeout', 'integer', (column) => column.notNull())
    .addColumn('resolved_at', 'bigint')
    .addColumn('generator_url', 'text', (column) => column.notNull())
    .addColumn('direct', 'text')
    .addColumn('details', 'text')
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('alert_groups')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('route_key', 'text', (column) => column.notNull())
    .addColumn('receiver', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('thread_id', 'text')
    .addColumn('sequence', 'integer', (column) => column.notNull())
    .addColumn('last_notified_at', 'bigint')
    .execute();
  await db.schema
    .createTable('alert_group_members')
    .addColumn('group_id', 'text', (column) => column.notNull())
    .addColumn('episode_id', 'text', (column) => column.notNull())
    .addColumn('joined_at', 'bigint', (column) => column.notNull())
    .addColumn('sent_at', 'bigint')
    .addColumn('sent_severity', 'text')
    .addColumn('hushed', 'integer', (column) => column.notNull())
    .addColumn('suppressed_by', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('alert_group_members_key', ['group_id', 'episode_id'])
    .execute();
}

async function createNotificationEpisodes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notification_episodes')
    .addColumn('episode_id', 'text', (column) => column.notNull())
    .addColumn('notification_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('notification_episodes_key', ['episode_id', 'notification_id'])
    .execute();
  await sql`insert into notification_episodes (episode_id, notification_id)
    select episode_id, id from notifications where episode_id is not null`.execute(db);
}

async function createSuppressions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('silences')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('matchers', 'text', (column) => column.notNull())
    .addColumn('starts_at', 'bigint', (column) => column.notNull())
    .addColumn('ends_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('comment', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('reminded_at', 'bigint')
    .execute();
  await db.schema.createIndex('silences_by_end').on('silences').column('ends_at').execute();
  await db.schema
    .createTable('maintenance_windows')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('matchers', 'text', (column) => column.notNull())
    .addColumn('start', 'text', (column) => column.notNull())
    .addColumn('duration_ms', 'bigint', (column) => column.notNull())
    .addColumn('rrule', 'text')
    .addColumn('time_zone', 'text', (column) => column.notNull())
    .addColumn('comment', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('routing_configs')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('saved_at', 'bigint', (column) => column.notNull())
    .addColumn('saved_by', 'text', (column) => column.notNull())
    .execute();
}
