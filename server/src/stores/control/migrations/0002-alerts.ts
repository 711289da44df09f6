import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alert_rules')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('definition', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('deleted_at', 'bigint')
    .execute();

  await db.schema
    .createTable('alert_rule_versions')
    .addColumn('rule_id', 'text', (column) => column.notNull().references('alert_rules.id'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('definition', 'text', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_by', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('alert_rule_versions_key', ['rule_id', 'version'])
    .execute();

  await db.schema
    .createTable('alert_episodes')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('rule_id', 'text', (column) => column.notNull().references('alert_rules.id'))
    .addColumn('rule_name', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('fired_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('peak_value', 'double precision')
    .addColumn('last_value', 'double precision')
    .addColumn('threshold', 'double precision')
    .addColumn('acknowledged_by', 'text')
    .addColumn('acknowledged_at', 'bigint')
    .addColumn('acknowledged_until', 'bigint')
    .addColumn('resolved_by', 'text')
    .addColumn('resolve_reason', 'text')
    .addColumn('incident_id', 'text')
    .execute();
  await db.schema
    .createIndex('alert_episodes_by_rule')
    .on('alert_episodes')
    .columns(['rule_id', 'fired_at', 'id'])
    .execute();
  await db.schema.createIndex('alert_episodes_by_end').on('alert_episodes').columns(['ended_at']).execute();
  await db.schema.createIndex('alert_episodes_by_time').on('alert_episodes').columns(['fired_at', 'id']).execute();

  await db.schema
    .createTable('alert_instances')
    .addColumn('rule_id', 'text', (column) => column.notNull().references('alert_rules.id'))
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('machine', 'text', (column) => column.notNull())
    .addColumn('episode_id', 'text', (column) => column.references('alert_episodes.id'))
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('alert_instances_key', ['rule_id', 'fingerprint'])
    .execute();

  await db.schema
    .createTable('alert_events')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('rule_id', 'text', (column) => column.notNull().references('alert_rules.id'))
    .addColumn('episode_id', 'text', (column) => column.references('alert_episodes.id'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('alert_events_by_episode')
    .on('alert_events')
    .columns(['episode_id', 'at', 'id'])
    .execute();

  await db.schema
    .createTable('alert_idempotency_keys')
    .addColumn('key', 'text', (column) => column.primaryKey().notNull())
    .addColumn('request_hash', 'text', (column) => column.notNull())
    .addColumn('rule_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();

  await db.schema
    .createTable('alerting_marks')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
}
