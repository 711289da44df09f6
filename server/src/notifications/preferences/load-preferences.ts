import { type Executor, listContacts, listPreferences, listProfiles } from '../../stores/control/index.ts';
import { type People, withPerson } from '../directory/person.ts';
import { toUserPreferences, type UserPreferences } from './user-preferences.ts';

/** What these users have decided, each of them, also those never seen; what they have not, as others know it. */
export async function loadPreferences(
  db: Executor,
  userIds: readonly string[],
  people: Pick<People, 'person'>,
): Promise<ReadonlyMap<string, UserPreferences>> {
  const preferences = await listPreferences(db, userIds);
  const profiles = await listProfiles(db, userIds);
  const contacts = await listContacts(db, userIds);
  return new Map(
    userIds.map((userId) => {
      const own = toUserPreferences(userId, { preferences, profiles, contacts });
      return [userId, withPerson(own, people.person(userId))];
    }),
  );
}
