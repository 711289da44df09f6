import { sql } from 'kysely';
import type { Executor } from './control-store.ts';
import type { PlatformEventsTable } from './schema/notification-centre.ts';

export type StoredEvent = PlatformEventsTable;

/** False where an event of this source and id is there already; nothing is written then. */
export async function insertEvent(db: Executor, row: StoredEvent): Promise<boolean> {
  const result = await db
    .insertInto('platform_events')
    .values(row)
    .onConflict((conflict) => conflict.columns(['source', 'event_id']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export interface EventFilter {
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  /** Only those that one of these words stands in, in whatever case: in the subject, the source or the data. */
  readonly words?: readonly string[] | undefined;
  /** Of when it was received; Unix milliseconds, `start` inclusive, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  /** Only what comes after the event of this id in the list. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** The newest one of these types; without types there is none. */
export function newestEventOf(db: Executor, types: readonly string[]): Promise<StoredEvent | undefined> {
  if (types.length === 0) return Promise.resolve(undefined);
  return db
    .selectFrom('platform_events')
    .selectAll()
    .where('type', 'in', types)
    .orderBy('received_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Newest first. */
export function listEvents(db: Executor, filter: EventFilter): Promise<StoredEvent[]> {
  let query = db
    .selectFrom('platform_events')
    .selectAll()
    .where('received_at', '>=', filter.start)
    .where('received_at', '<', filter.end)
    .orderBy('id', 'desc')
    .limit(filter.limit);
  if (filter.type !== undefined) query = query.where('type', '=', filter.type);
  if (filter.source !== undefined) query = query.where('source', '=', filter.source);
  const words = filter.words ?? [];
  if (words.length > 0) query = query.where(({ or }) => or(words.map(holds)));
  if (filter.after !== undefined) query = query.where('id', '<', filter.after);
  return query.execute();
}

function holds(word: string) {
  const pattern = `%${word.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  return sql<boolean>`lower(coalesce(subject, '') || ' ' || source || ' ' || data) like ${pattern} escape '\\'`;
}
