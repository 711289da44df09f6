import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('incidents')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('opened_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('acknowledged_by', 'text')
    .addColumn('acknowledged_at', 'bigint')
    .addColumn('acknowledged_until', 'bigint')
    .addColumn('snoozed_by', 'text')
    .addColumn('snoozed_until', 'bigint')
    .addColumn('assignee', 'text')
    .addColumn('resolved_at', 'bigint')
    .addColumn('resolved_by', 'text')
    .addColumn('merged_into', 'text')
    .execute();
  await db.schema.createIndex('incidents_by_end').on('incidents').column('resolved_at').execute();
  await db.schema
    .createTable('incident_members')
    .addColumn('episode_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('incident_id', 'text', (column) => column.notNull())
    .addColumn('joined_at', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('incident_members_by_incident')
    .on('incident_members')
    .columns(['incident_id', 'episode_id'])
    .execute();
  await db.schema
    .createTable('incident_events')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('incident_id', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('actor', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('incident_events_by_incident')
    .on('incident_events')
    .columns(['incident_id', 'at', 'id'])
    .execute();
  await db.schema
    .createTable('correlation_rules')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('matchers', 'text', (column) => column.notNull())
    .addColumn('keys', 'text', (column) => column.notNull())
    .addColumn('window_ms', 'bigint', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('service_dependencies')
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('service_dependencies_key', ['source', 'target'])
    .execute();
  await db.schema
    .createTable('alert_snoozes')
    .addColumn('episode_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('snoozed_by', 'text', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('alert_episodes_by_incident').on('alert_episodes').column('incident_id').execute();
  await db.schema.alterTable('notifications').addColumn('incident_id', 'text').execute();
  await db.schema.createIndex('notifications_by_incident').on('notifications').column('incident_id').execute();
}
