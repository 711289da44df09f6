import { type Executor, listContacts, listPreferences, listProfiles } from '../../stores/control/index.ts';
import { toUserPreferences, type UserPreferences } from './user-preferences.ts';

/** What these users have decided, each of them, also those never seen. */
export async function loadPreferences(
  db: Executor,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, UserPreferences>> {
  const preferences = await listPreferences(db, userIds);
  const profiles = await listProfiles(db, userIds);
  const contacts = await listContacts(db, userIds);
  return new Map(userIds.map((userId) => [userId, toUserPreferences(userId, { preferences, profiles, contacts })]));
}
