import type { Executor } from './control-store.ts';
import type {
  NotificationContactsTable,
  NotificationPreferencesTable,
  NotificationProfilesTable,
} from './schema/preferences.ts';

export type StoredPreference = NotificationPreferencesTable;
export type StoredProfile = NotificationProfilesTable;
export type StoredContact = NotificationContactsTable;

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
  Partial<Pick<StoredPreference, 'enabled' | 'min_severity' | 'settings'>>;

/** Sets the given fields and leaves the others as they are. */
export async function savePreference(db: Executor, change: PreferenceChange): Promise<void> {
  const { user_id, channel, type, ...fields } = change;
  await db
    .insertInto('notification_preferences')
    .values({ enabled: null, address: null, min_severity: null, settings: null, ...change })
    .onConflict((conflict) => conflict.columns(['user_id', 'channel', 'type']).doUpdateSet(fields))
    .execute();
}

/** What these users have decided for every channel; nothing for users who have not. */
export function listProfiles(db: Executor, userIds: readonly string[]): Promise<StoredProfile[]> {
  if (userIds.length === 0) return Promise.resolve([]);
  return db.selectFrom('notification_profiles').selectAll().where('user_id', 'in', userIds).execute();
}

/** Adds a profile or replaces what is stored of it. */
export async function saveProfile(db: Executor, profile: StoredProfile): Promise<void> {
  const { user_id: _, ...changed } = profile;
  await db
    .insertInto('notification_profiles')
    .values(profile)
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(changed))
    .execute();
}

/** The contacts of these users, in their order. */
export function listContacts(db: Executor, userIds: readonly string[]): Promise<StoredContact[]> {
  if (userIds.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('notification_contacts')
    .selectAll()
    .where('user_id', 'in', userIds)
    .orderBy('channel')
    .orderBy('place')
    .execute();
}

/** From now on the user has these contacts on the channel, and no others. */
export async function replaceContacts(
  db: Executor,
  userId: string,
  channel: string,
  contacts: readonly StoredContact[],
): Promise<void> {
  await db.deleteFrom('notification_contacts').where('user_id', '=', userId).where('channel', '=', channel).execute();
  if (contacts.length > 0) await db.insertInto('notification_contacts').values(contacts).execute();
}
