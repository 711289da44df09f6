import { type CreateTableBuilder, type Kysely, SqliteAdapter, sql } from 'kysely';

/**
 * What an alert that fires writes is written once and at the end of each index: which incident has it stands in the
 * row of its episode, timelines and group members are kept in the order in which they come.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await moveIncidentMembers(db);
  await replaceEvents(db);
  await replaceGroupMembers(db);
}

async function moveIncidentMembers(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('alert_episodes').addColumn('joined_at', 'bigint').execute();
  await db.schema.alterTable('alert_episodes').addColumn('join_reason', 'text').execute();
  const own = (column: string) =>
    sql`(select ${sql.ref(column)} from incident_members where incident_members.episode_id = alert_episodes.id)`;
  await sql`update alert_episodes
    set incident_id = ${own('incident_members.incident_id')}, joined_at = ${own('incident_members.joined_at')},
      join_reason = ${own('incident_members.reason')}
    where id in (select episode_id from incident_members)`.execute(db);
  await db.schema.dropTable('incident_members').execute();
}

async function replaceEvents(db: Kysely<unknown>): Promise<void> {
  const table = db.schema
    .createTable('episode_events')
    .addColumn('episode_id', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('actor', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('episode_events_key', ['episode_id', 'at', 'id']);
  await inOrderOfKey(db, table).execute();
  await sql`insert into episode_events (episode_id, at, id, kind, actor, detail)
    select episode_id, at, id, kind, actor, detail from alert_events where episode_id is not null`.execute(db);
  await db.schema.dropTable('alert_events').execute();
}

async function replaceGroupMembers(db: Kysely<unknown>): Promise<void> {
  const table = db.schema
    .createTable('group_members')
    .addColumn('episode_id', 'text', (column) => column.notNull())
    .addColumn('group_id', 'text', (column) => column.notNull())
    .addColumn('joined_at', 'bigint', (column) => column.notNull())
    .addColumn('sent_at', 'bigint')
    .addColumn('sent_severity', 'text')
    .addColumn('hushed', 'integer', (column) => column.notNull())
    .addColumn('suppressed_by', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('group_members_key', ['episode_id', 'group_id']);
  await inOrderOfKey(db, table).execute();
  await sql`insert into group_members (episode_id, group_id, joined_at, sent_at, sent_severity, hushed, suppressed_by)
    select episode_id, group_id, joined_at, sent_at, sent_severity, hushed, suppressed_by
    from alert_group_members`.execute(db);
  await db.schema.dropTable('alert_group_members').execute();
}

/** Without a second tree for the key; PostgreSQL always has both. */
function inOrderOfKey<Name extends string, Column extends string>(
  db: Kysely<unknown>,
  table: CreateTableBuilder<Name, Column>,
): CreateTableBuilder<Name, Column> {
  return db.getExecutor().adapter instanceof SqliteAdapter ? table.modifyEnd(sql`without rowid`) : table;
}
