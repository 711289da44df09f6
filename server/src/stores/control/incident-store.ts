import { type NotNull, sql } from 'kysely';
import { firedEvent, type StoredAlertEvent, type StoredEpisode } from './alert-episode-store.ts';
import type { Executor } from './control-store.ts';
import { insertRows } from './insert-rows.ts';
import type { AlertSnoozesTable, IncidentEventsTable, IncidentsTable } from './schema/incidents.ts';

export type StoredIncident = IncidentsTable;
export type StoredIncidentEvent = IncidentEventsTable;
type StoredSnooze = AlertSnoozesTable;

/** An episode that belongs to an incident. */
export type MemberEpisode = StoredEpisode & { [Column in keyof Membership]: NonNullable<StoredEpisode[Column]> };

type Membership = Pick<StoredEpisode, 'incident_id' | 'joined_at' | 'join_reason'>;
export type StoredMembership = Pick<MemberEpisode, 'id' | keyof Membership>;

/** Rows of one statement: SQLite and PostgreSQL bound the number of parameters. */
const BATCH = 100;

async function inBatches<Row>(rows: readonly Row[], write: (batch: readonly Row[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH) await write(rows.slice(from, from + BATCH));
}

/** Adds incidents, or replaces what is stored of them. */
export function saveIncidents(db: Executor, rows: readonly StoredIncident[]): Promise<void> {
  return insertRows(db, 'incidents', rows, (batch) =>
    db
      .insertInto('incidents')
      .values(batch)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((is) => ({
          status: is.ref('excluded.status'),
          severity: is.ref('excluded.severity'),
          updated_at: is.ref('excluded.updated_at'),
          acknowledged_by: is.ref('excluded.acknowledged_by'),
          acknowledged_at: is.ref('excluded.acknowledged_at'),
          acknowledged_until: is.ref('excluded.acknowledged_until'),
          snoozed_by: is.ref('excluded.snoozed_by'),
          snoozed_until: is.ref('excluded.snoozed_until'),
          assignee: is.ref('excluded.assignee'),
          resolved_at: is.ref('excluded.resolved_at'),
          resolved_by: is.ref('excluded.resolved_by'),
          merged_into: is.ref('excluded.merged_into'),
        })),
      ),
  );
}

/** Writes to which incident each of these stored episodes belongs from now on. */
export function moveEpisodes(db: Executor, rows: readonly StoredMembership[]): Promise<void> {
  return inBatches(rows, async (batch) => {
    const values = batch.map(
      ({ id, incident_id, joined_at, join_reason }) =>
        sql`(${id}, ${incident_id}, cast(${joined_at} as bigint), ${join_reason})`,
    );
    await db
      .updateTable('alert_episodes')
      .from(sql<never>`(values ${sql.join(values)})`.as('moved'))
      .set({
        incident_id: sql`moved.column2`,
        joined_at: sql`moved.column3`,
        join_reason: sql`moved.column4`,
      })
      .where('alert_episodes.id', '=', sql<string>`moved.column1`)
      .execute();
  });
}

export function insertIncidentEvents(db: Executor, rows: readonly StoredIncidentEvent[]): Promise<void> {
  return insertRows(db, 'incident events', rows, (batch) => db.insertInto('incident_events').values(batch));
}

/** Incidents that are open, or were resolved at `since` or later. */
export function listRecentIncidents(db: Executor, since: number): Promise<StoredIncident[]> {
  return db
    .selectFrom('incidents')
    .selectAll()
    .where((is) => is.or([is('resolved_at', 'is', null), is('resolved_at', '>=', since)]))
    .orderBy('id')
    .execute();
}

export function findIncident(db: Executor, id: string): Promise<StoredIncident | undefined> {
  return db.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The episodes of these incidents, the oldest first; at most `limit`, where one is given. */
export async function listMemberEpisodes(
  db: Executor,
  incidentIds: readonly string[],
  limit?: number,
): Promise<MemberEpisode[]> {
  const rows: MemberEpisode[] = [];
  for (let from = 0; from < incidentIds.length; from += BATCH) {
    let query = db
      .selectFrom('alert_episodes')
      .selectAll()
      .where('incident_id', 'in', incidentIds.slice(from, from + BATCH))
      .$narrowType<{ incident_id: NotNull; joined_at: NotNull; join_reason: NotNull }>()
      .orderBy('fired_at')
      .orderBy('id');
    if (limit !== undefined) query = query.limit(limit);
    rows.push(...(await query.execute()));
  }
  return rows;
}

/** Alerts of an incident that are about one service. */
interface ServiceFigures {
  readonly incidentId: string;
  /** Empty where none is known. */
  readonly service: string;
  readonly alerts: number;
  /** Those that have not ended. */
  readonly firing: number;
}

/** How many alerts these incidents have, by service; the service that fired first comes first. */
export async function countMembers(db: Executor, incidentIds: readonly string[]): Promise<ServiceFigures[]> {
  const figures: ServiceFigures[] = [];
  for (let from = 0; from < incidentIds.length; from += BATCH) {
    const rows = await db
      .selectFrom('alert_episodes')
      .select(['incident_id', 'service', ({ fn }) => fn.countAll<number>().as('alerts')])
      .select(sql<number>`sum(case when ended_at is null then 1 else 0 end)`.as('firing'))
      .where('incident_id', 'in', incidentIds.slice(from, from + BATCH))
      .groupBy(['incident_id', 'service'])
      .orderBy(sql`min(fired_at)`)
      .orderBy('service')
      .execute();
    for (const { incident_id, service, alerts, firing } of rows) {
      figures.push({ incidentId: incident_id!, service, alerts: Number(alerts), firing: Number(firing) });
    }
  }
  return figures;
}

export interface IncidentFilter {
  readonly status?: string | undefined;
  readonly severity?: string | undefined;
  readonly service?: string | undefined;
  readonly assignee?: string | undefined;
  /** In the title, whatever the case. */
  readonly search?: string | undefined;
  /** Incidents that were open at some moment of `start <= t < end`, Unix milliseconds. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  /** Only those after this id, in the order of the list. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Newest first; those that were merged into others are left out. */
export function listIncidents(db: Executor, filter: IncidentFilter): Promise<StoredIncident[]> {
  const { status, severity, service, assignee, search, start, end, after } = filter;
  let query = db.selectFrom('incidents').selectAll('incidents').where('merged_into', 'is', null);
  if (status !== undefined) query = query.where('status', '=', status);
  if (severity !== undefined) query = query.where('severity', '=', severity);
  if (assignee !== undefined) query = query.where('assignee', '=', assignee);
  if (end !== undefined) query = query.where('opened_at', '<', end);
  if (start !== undefined) {
    query = query.where((is) => is.or([is('resolved_at', 'is', null), is('resolved_at', '>=', start)]));
  }
  if (after !== undefined) query = query.where('id', '<', after);
  if (search !== undefined) {
    const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where(({ fn, ref }) => sql<boolean>`${fn('lower', [ref('title')])} like ${pattern} escape '\\'`);
  }
  if (service !== undefined) {
    query = query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('alert_episodes')
          .select('alert_episodes.id')
          .whereRef('alert_episodes.incident_id', '=', 'incidents.id')
          .where('alert_episodes.service', '=', service),
      ),
    );
  }
  return query.orderBy('id', 'desc').limit(filter.limit).execute();
}

export function countIncidentsByStatus(db: Executor): Promise<{ status: string; count: number }[]> {
  return db
    .selectFrom('incidents')
    .select(['status', ({ fn }) => fn.countAll<number>().as('count')])
    .where('resolved_at', 'is', null)
    .groupBy('status')
    .execute();
}

/** Where a page of a timeline ends. */
export interface TimelinePosition {
  readonly at: number;
  readonly id: string;
}

interface TimelinePage {
  /** Only what comes after it in the order of the list. */
  readonly after?: TimelinePosition | undefined;
  readonly limit: number;
}

/** What happened to an incident, newest first. */
export function listIncidentEvents(
  db: Executor,
  incidentId: string,
  { after, limit }: TimelinePage,
): Promise<StoredIncidentEvent[]> {
  let query = db.selectFrom('incident_events').selectAll().where('incident_id', '=', incidentId);
  if (after)
    query = query.where((is) => is.or([is('at', '<', after.at), is('at', '=', after.at).and('id', '<', after.id)]));
  return query.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute();
}

/** What happened to the episodes of an incident beside what was sent, newest first. */
export async function listAlertEventsOfIncident(
  db: Executor,
  incidentId: string,
  page: TimelinePage,
): Promise<StoredAlertEvent[]> {
  const events = [
    ...(await listStoredEventsOfIncident(db, incidentId, page)),
    ...(await listUnwrittenFirings(db, incidentId, page)),
  ];
  return events.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).slice(0, page.limit);
}

/** See `firedEvent`. */
async function listUnwrittenFirings(
  db: Executor,
  incidentId: string,
  { after, limit }: TimelinePage,
): Promise<StoredAlertEvent[]> {
  let query = db
    .selectFrom('alert_episodes')
    .select(['id', 'fired_at', 'severity'])
    .where('incident_id', '=', incidentId)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('episode_events')
            .select('episode_events.id')
            .whereRef('episode_events.episode_id', '=', 'alert_episodes.id')
            .where('episode_events.kind', '=', 'fired'),
        ),
      ),
    );
  if (after) {
    query = query.where((is) =>
      is.or([is('fired_at', '<', after.at), is('fired_at', '=', after.at).and('id', '<', after.id)]),
    );
  }
  const episodes = await query.orderBy('fired_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  return episodes.map(firedEvent);
}

function listStoredEventsOfIncident(
  db: Executor,
  incidentId: string,
  { after, limit }: TimelinePage,
): Promise<StoredAlertEvent[]> {
  let query = db
    .selectFrom('episode_events')
    .innerJoin('alert_episodes', 'alert_episodes.id', 'episode_events.episode_id')
    .selectAll('episode_events')
    .where('alert_episodes.incident_id', '=', incidentId)
    // What was sent stands among the deliveries, how it escalates among the incident's own events.
    .where('episode_events.kind', '!=', 'notified')
    .where('episode_events.kind', 'not like', 'escalat%');
  if (after) {
    query = query.where((is) =>
      is.or([
        is('episode_events.at', '<', after.at),
        is('episode_events.at', '=', after.at).and('episode_events.id', '<', after.id),
      ]),
    );
  }
  return query.orderBy('episode_events.at', 'desc').orderBy('episode_events.id', 'desc').limit(limit).execute();
}

/** A delivery of what was said about an incident. */
export interface IncidentDelivery {
  readonly id: string;
  readonly at: number;
  readonly channel: string;
  readonly recipient: string;
  readonly user_id: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly sent_at: number | null;
  readonly notification_id: string;
  readonly subject: string;
  readonly type: string;
}

/** Who was told of an incident and how that went, newest first. */
export function listDeliveriesOfIncident(
  db: Executor,
  incidentId: string,
  { after, limit }: TimelinePage,
): Promise<IncidentDelivery[]> {
  let query = db
    .selectFrom('deliveries')
    .innerJoin('notifications', 'notifications.id', 'deliveries.notification_id')
    .select(['deliveries.id', 'deliveries.created_at as at', 'channel', 'recipient', 'deliveries.user_id', 'status'])
    .select(['reason', 'detail', 'sent_at', 'notification_id', 'subject', 'type'])
    .where(({ or, eb, selectFrom }) =>
      or([
        eb('notifications.incident_id', '=', incidentId),
        eb(
          'notifications.id',
          'in',
          selectFrom('notification_episodes')
            .innerJoin('alert_episodes', 'alert_episodes.id', 'notification_episodes.episode_id')
            .select('notification_episodes.notification_id')
            .where('alert_episodes.incident_id', '=', incidentId),
        ),
      ]),
    );
  if (after) {
    query = query.where((is) =>
      is.or([
        is('deliveries.created_at', '<', after.at),
        is('deliveries.created_at', '=', after.at).and('deliveries.id', '<', after.id),
      ]),
    );
  }
  return query.orderBy('deliveries.created_at', 'desc').orderBy('deliveries.id', 'desc').limit(limit).execute();
}

export function listSnoozes(db: Executor): Promise<StoredSnooze[]> {
  return db.selectFrom('alert_snoozes').selectAll().execute();
}

export async function saveSnooze(db: Executor, row: StoredSnooze): Promise<void> {
  const { episode_id: _, ...changed } = row;
  await db
    .insertInto('alert_snoozes')
    .values(row)
    .onConflict((conflict) => conflict.column('episode_id').doUpdateSet(changed))
    .execute();
}

export function deleteSnoozes(db: Executor, episodeIds: readonly string[]): Promise<void> {
  return inBatches(episodeIds, (batch) => db.deleteFrom('alert_snoozes').where('episode_id', 'in', batch).execute());
}

/** Removes at most `limit` incidents that were resolved before `time`, with what happened to them. */
export async function deleteIncidentsBefore(db: Executor, time: number, limit: number): Promise<number> {
  const old = await db.selectFrom('incidents').select('id').where('resolved_at', '<', time).limit(limit).execute();
  if (old.length === 0) return 0;
  const ids = old.map(({ id }) => id);
  await db.deleteFrom('incident_events').where('incident_id', 'in', ids).execute();
  await db.deleteFrom('incidents').where('id', 'in', ids).execute();
  return ids.length;
}
