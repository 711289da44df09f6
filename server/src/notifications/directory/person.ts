import type { ChannelName } from '../../model/notification-request.ts';
import type { UserPreferences } from '../preferences/user-preferences.ts';

/** What is known of somebody from elsewhere: the configuration, or the platform's user management. */
export interface Person {
  readonly contacts: Readonly<Partial<Record<ChannelName, readonly string[]>>>;
  readonly timeZone?: string;
  readonly locale?: string;
}

/** Where people, groups and owners are asked for. */
export interface People {
  person(userId: string): Person | undefined;
  /** `undefined`: no such group is known. */
  membersOf(group: string): readonly string[] | undefined;
  /** Who owns a service, as recipients: a user, or a group with its prefix. */
  ownerOf(service: string): string | undefined;
  /** Whether somebody else knows of this user, or group with its prefix, who was not heard yet. */
  isUnknown(name: string): boolean;
}

/** A group among users. */
export const GROUP_PREFIX = 'group:';

/** What the user has decided goes before what others know. */
export function withPerson(user: UserPreferences, person: Person | undefined): UserPreferences {
  if (!person) return user;
  const known = Object.entries(person.contacts)
    .filter(([channel]) => (user.contacts[channel as ChannelName]?.length ?? 0) === 0)
    .map(([channel, addresses]) => [channel, addresses.map((address) => ({ address, verified: true }))]);
  const timeZone = user.timeZone ?? person.timeZone;
  const locale = user.locale ?? person.locale;
  return {
    ...user,
    ...(timeZone !== undefined && { timeZone }),
    ...(locale !== undefined && { locale }),
    contacts: { ...user.contacts, ...Object.fromEntries(known) },
  };
}

/** Users with the members of their groups in place of these; groups without anybody are told apart. */
export function expandGroups(
  users: readonly string[],
  people: People,
): { readonly users: readonly string[]; readonly empty: readonly string[] } {
  const all = new Set<string>();
  const empty: string[] = [];
  for (const user of users) {
    const members = user.startsWith(GROUP_PREFIX) ? people.membersOf(user.slice(GROUP_PREFIX.length)) : [user];
    if (!members || members.length === 0) empty.push(user);
    for (const member of members ?? []) all.add(member);
  }
  return { users: [...all], empty };
}
