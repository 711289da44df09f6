import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createNotifications(db);
  await createDeliveries(db);
  await createInbox(db);
  await createPreferences(db);
}

async function createNotifications(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notifications')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('critical', 'integer', (column) => column.notNull())
    .addColumn('user_id', 'text')
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('template', 'text')
    .addColumn('template_error', 'text')
    .addColumn('data', 'text', (column) => column.notNull())
    .addColumn('metadata', 'text')
    .addColumn('alert_id', 'text')
    .addColumn('episode_id', 'text')
    .addColumn('dedup_key', 'text', (column) => column.unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('notifications_by_time').on('notifications').columns(['created_at', 'id']).execute();
  await db.schema.createIndex('notifications_by_episode').on('notifications').column('episode_id').execute();
}

async function createDeliveries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deliveries')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('notification_id', 'text', (column) => column.notNull().references('notifications.id'))
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('recipient', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text')
    .addColumn('lane', 'text', (column) => column.notNull())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('priority', 'integer', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('is_open', 'integer', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('detail', 'text')
    .addColumn('trace', 'text', (column) => column.notNull())
    .addColumn('starts_thread', 'integer', (column) => column.notNull())
    .addColumn('collapsed', 'integer', (column) => column.notNull())
    .addColumn('attempt_count', 'integer', (column) => column.notNull())
    .addColumn('next_at', 'bigint', (column) => column.notNull())
    .addColumn('deadline_at', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('sent_at', 'bigint')
    .addColumn('delivered_at', 'bigint')
    .addColumn('provider_id', 'text')
    .addUniqueConstraint('deliveries_once', ['notification_id', 'channel', 'address', 'recipient'])
    .execute();
  await db.schema.createIndex('deliveries_of_lane').on('deliveries').columns(['lane', 'is_open', 'position']).execute();
  await db.schema.createIndex('deliveries_of_user').on('deliveries').columns(['user_id', 'notification_id']).execute();

  await db.schema
    .createTable('delivery_attempts')
    .addColumn('delivery_id', 'text', (column) => column.notNull().references('deliveries.id'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('detail', 'text')
    .addPrimaryKeyConstraint('delivery_attempts_key', ['delivery_id', 'number'])
    .execute();

  await db.schema
    .createTable('delivery_lanes')
    .addColumn('lane', 'text', (column) => column.primaryKey().notNull())
    .addColumn('next_at', 'bigint')
    .addColumn('priority', 'integer', (column) => column.notNull())
    .addColumn('lease_token', 'text')
    .addColumn('lease_until', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('delivery_lanes_due').on('delivery_lanes').columns(['next_at', 'priority']).execute();
}

async function createInbox(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('inbox_items')
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('notification_id', 'text', (column) => column.notNull().references('notifications.id'))
    .addColumn('read_at', 'bigint')
    .addPrimaryKeyConstraint('inbox_items_key', ['user_id', 'seq'])
    .addUniqueConstraint('inbox_items_once', ['notification_id', 'user_id'])
    .execute();
  await db.schema.createIndex('inbox_items_unread').on('inbox_items').columns(['user_id', 'read_at']).execute();
  await db.schema
    .createTable('inbox_counters')
    .addColumn('user_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('last_seq', 'bigint', (column) => column.notNull())
    .execute();
}

async function createPreferences(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notification_preferences')
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer')
    .addColumn('address', 'text')
    .addColumn('min_severity', 'text')
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('notification_preferences_key', ['user_id', 'channel', 'type'])
    .execute();
  await db.schema
    .createTable('notification_idempotency_keys')
    .addColumn('key', 'text', (column) => column.primaryKey().notNull())
    .addColumn('request_hash', 'text', (column) => column.notNull())
    .addColumn('notification_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('notification_idempotency_keys_by_time')
    .on('notification_idempotency_keys')
    .column('created_at')
    .execute();
}
