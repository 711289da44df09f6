import type { Executor } from './control-store.ts';
import { insertRows } from './insert-rows.ts';
import type { AlertEpisodesTable, EpisodeEventsTable } from './schema/alerts.ts';

/** Rows of one statement: SQLite and PostgreSQL bound the number of parameters. */
const BATCH = 100;

export type StoredEpisode = AlertEpisodesTable;
export type StoredAlertEvent = EpisodeEventsTable;

export function insertEpisodes(db: Executor, episodes: readonly StoredEpisode[]): Promise<void> {
  return insertRows(db, 'episodes', episodes, (batch) => db.insertInto('alert_episodes').values(batch));
}

export async function updateEpisode(
  db: Executor,
  id: string,
  changed: Partial<Omit<StoredEpisode, 'id'>>,
): Promise<void> {
  await db.updateTable('alert_episodes').set(changed).where('id', '=', id).execute();
}

/** Ends that many episodes at once, all for the same reason. */
export async function endEpisodes(
  db: Executor,
  ids: readonly string[],
  end: Pick<StoredEpisode, 'ended_at' | 'resolve_reason'>,
): Promise<void> {
  for (let from = 0; from < ids.length; from += BATCH) {
    await db
      .updateTable('alert_episodes')
      .set({ ...end, state: 'resolved', resolved_by: null })
      .where('id', 'in', ids.slice(from, from + BATCH))
      .execute();
  }
}

export function insertAlertEvents(db: Executor, events: readonly StoredAlertEvent[]): Promise<void> {
  return insertRows(db, 'alert events', events, (batch) => db.insertInto('episode_events').values(batch));
}

/**
 * The event `fired` of an episode that has none in its timeline: another program raised the alert, and there is nothing
 * to say of that which the episode does not say itself.
 */
export function firedEvent({ id, fired_at, severity }: Pick<StoredEpisode, 'id' | 'fired_at' | 'severity'>) {
  const detail = JSON.stringify({ value: null, severity, cause: 'external' });
  return { id, episode_id: id, kind: 'fired', at: fired_at, actor: null, detail } satisfies StoredAlertEvent;
}

/** Episodes that have not ended. */
export function listOpenEpisodes(db: Executor): Promise<StoredEpisode[]> {
  return db.selectFrom('alert_episodes').selectAll().where('ended_at', 'is', null).execute();
}

export interface EpisodeFilter {
  readonly ruleId?: string | undefined;
  readonly state?: string | undefined;
  readonly severity?: string | undefined;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  /** Episodes that were open at some moment of `start <= t < end`, Unix milliseconds. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  /** Only those after this one, in the order of the list. */
  readonly after?: { readonly firedAt: number; readonly id: string } | undefined;
  readonly limit: number;
}

/** Newest first, by the time of firing. */
export function listEpisodes(db: Executor, filter: EpisodeFilter): Promise<StoredEpisode[]> {
  const { ruleId, state, severity, service, environment, start, end, after } = filter;
  let query = db.selectFrom('alert_episodes').selectAll();
  if (ruleId !== undefined) query = query.where('rule_id', '=', ruleId);
  if (state !== undefined) query = query.where('state', '=', state);
  if (severity !== undefined) query = query.where('severity', '=', severity);
  if (service !== undefined) query = query.where('service', '=', service);
  if (environment !== undefined) query = query.where('environment', '=', environment);
  if (end !== undefined) query = query.where('fired_at', '<', end);
  if (start !== undefined)
    query = query.where((is) => is.or([is('ended_at', 'is', null), is('ended_at', '>=', start)]));
  if (after !== undefined) {
    query = query.where((is) =>
      is.or([
        is('fired_at', '<', after.firedAt),
        is.and([is('fired_at', '=', after.firedAt), is('id', '<', after.id)]),
      ]),
    );
  }
  return query.orderBy('fired_at', 'desc').orderBy('id', 'desc').limit(filter.limit).execute();
}

/** Timelines of these episodes, oldest event first; see `firedEvent`. */
export async function listEpisodeEvents(db: Executor, episodeIds: readonly string[]): Promise<StoredAlertEvent[]> {
  if (episodeIds.length === 0) return [];
  return db
    .selectFrom('episode_events')
    .selectAll()
    .where('episode_id', 'in', episodeIds)
    .orderBy('at')
    .orderBy('id')
    .execute();
}

export interface EpisodeDelivery {
  readonly episodeId: string;
  readonly id: string;
  readonly channel: string;
  readonly recipient: string;
  readonly status: string;
}

/** What was sent because of these episodes, and how far it got; oldest first. */
export async function listDeliveriesOfEpisodes(
  db: Executor,
  episodeIds: readonly string[],
): Promise<EpisodeDelivery[]> {
  if (episodeIds.length === 0) return [];
  const rows = await db
    .selectFrom('deliveries')
    .innerJoin('notification_episodes', 'notification_episodes.notification_id', 'deliveries.notification_id')
    .select(['notification_episodes.episode_id', 'deliveries.id', 'channel', 'recipient', 'status'])
    .where('notification_episodes.episode_id', 'in', episodeIds)
    .orderBy('deliveries.id')
    .execute();
  return rows.map(({ episode_id, ...delivery }) => ({ episodeId: episode_id, ...delivery }));
}

/**
 * Removes at most `limit` episodes that ended before `time`, with their timelines. Returns how many went.
 */
export async function deleteEpisodesBefore(db: Executor, time: number, limit: number): Promise<number> {
  const old = await db.selectFrom('alert_episodes').select('id').where('ended_at', '<', time).limit(limit).execute();
  if (old.length === 0) return 0;
  const ids = old.map(({ id }) => id);
  await db.deleteFrom('episode_events').where('episode_id', 'in', ids).execute();
  await db.deleteFrom('notification_episodes').where('episode_id', 'in', ids).execute();
  await db.deleteFrom('alert_episodes').where('id', 'in', ids).execute();
  return ids.length;
}
