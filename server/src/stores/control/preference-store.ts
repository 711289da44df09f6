import type { Executor } from './control-store.ts';
import type { NotificationPreferencesTable } from './schema/notifications.ts';

export type StoredPreference = NotificationPreferencesTable;

/** What these users have decided; nothing for users never seen. */
export function listPreferences(db: Executor, userIds: readonly string[]): Promise<StoredPreference[]> {
  if (userIds.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('notification_preferences')
    .selectAll()
    .where('user_id', 'in', userIds)
    .orderBy('user_id')
    .orderBy('channel')
    .orderBy('type')
    .execute();
}

type PreferenceChange = Pick<StoredPreference, 'user_id' | 'channel' | 'type' | 'updated_at'> &
  Partial<Pick<StoredPreference, 'enabled' | 'address' | 'min_severity'>>;

/** Sets the given fields and leaves the others as they are. */
export async function savePreference(db: Executor, change: PreferenceChange): Promise<void> {
  const { user_id, channel, type, ...fields } = change;
  await db
    .insertInto('notification_preferences')
    .values({ enabled: null, address: null, min_severity: null, ...change })
    .onConflict((conflict) => conflict.columns(['user_id', 'channel', 'type']).doUpdateSet(fields))
    .execute();
}
