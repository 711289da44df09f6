import type { Executor } from './control-store.ts';
import type { EventSubscriptionsTable, NotificationTopicsTable } from './schema/notification-centre.ts';

type StoredTopic = NotificationTopicsTable;
export type StoredSubscription = EventSubscriptionsTable;

export function listTopics(db: Executor): Promise<StoredTopic[]> {
  return db.selectFrom('notification_topics').selectAll().orderBy('id').execute();
}

/** Inserts it or replaces the one with its id. */
export async function saveTopic(db: Executor, row: StoredTopic): Promise<void> {
  const { id: _id, ...rest } = row;
  await db
    .insertInto('notification_topics')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
    .execute();
}

/** With its subscriptions. */
export async function deleteTopic(db: Executor, id: string): Promise<void> {
  await db.deleteFrom('event_subscriptions').where('topic_id', '=', id).execute();
  await db.deleteFrom('notification_topics').where('id', '=', id).execute();
}

export function listSubscriptions(db: Executor): Promise<StoredSubscription[]> {
  return db.selectFrom('event_subscriptions').selectAll().orderBy('id').execute();
}

/** Inserts it or replaces the one with its id. */
export async function saveSubscription(db: Executor, row: StoredSubscription): Promise<void> {
  const { id: _id, ...rest } = row;
  await db
    .insertInto('event_subscriptions')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
    .execute();
}

export async function deleteSubscription(db: Executor, id: string): Promise<void> {
  await db.deleteFrom('event_subscriptions').where('id', '=', id).execute();
}
