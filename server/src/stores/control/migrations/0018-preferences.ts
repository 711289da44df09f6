import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createProfiles(db);
  await createContacts(db);
  await addHolds(db);
}

async function createProfiles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notification_profiles')
    .addColumn('user_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('disabled', 'integer', (column) => column.notNull())
    .addColumn('time_zone', 'text')
    .addColumn('locale', 'text')
    .addColumn('settings', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.alterTable('notification_preferences').addColumn('settings', 'text').execute();
}

async function createContacts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notification_contacts')
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('label', 'text')
    .addColumn('verified_at', 'bigint')
    .addColumn('code_hash', 'text')
    .addColumn('code_expires_at', 'bigint')
    .addColumn('code_attempts', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('notification_contacts_key', ['user_id', 'channel', 'address'])
    .execute();
  await sql`insert into notification_contacts
      (user_id, channel, address, place, label, verified_at, code_hash, code_expires_at, code_attempts, created_at)
    select user_id, channel, address, 0, null, updated_at, null, null, 0, updated_at
    from notification_preferences where address is not null and type = ''`.execute(db);
  await sql`update notification_preferences set address = null`.execute(db);
}

/** Deliveries that wait outside of their lanes. */
async function addHolds(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('deliveries').addColumn('held_until', 'bigint').execute();
  await db.schema.alterTable('deliveries').addColumn('held_why', 'text').execute();
  await db.schema.alterTable('deliveries').addColumn('released_at', 'bigint').execute();
  await db.schema.alterTable('deliveries').addColumn('bundled_into', 'text').execute();
  await db.schema.alterTable('deliveries').addColumn('chain_step', 'integer').execute();
  await sql`create index deliveries_held on deliveries (held_until) where held_until is not null`.execute(db);
  await sql`create index deliveries_released on deliveries (user_id, channel, released_at)
    where released_at is not null`.execute(db);
}
