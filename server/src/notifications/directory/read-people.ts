import { readFileSync } from 'node:fs';
import type { ConfigMap } from '../../lib/config-map.ts';
import { CHANNEL_NAMES, type ChannelName } from '../../model/notification-request.ts';
import { GROUP_PREFIX, type Person } from './person.ts';

/** The platform's user management. */
export interface UserDirectoryOptions {
  /** With `{user_id}` in it. */
  readonly url: string;
  /** With `{group}` in it. */
  readonly groupsUrl?: string;
  readonly token?: string;
  /** Where things stand in its answers: paths with dots. */
  readonly fields: Readonly<Record<string, string>>;
  /** For how long an answer is good, milliseconds. */
  readonly cacheMs: number;
  readonly timeoutMs: number;
}

export interface ConfiguredPeople {
  readonly users: ReadonlyMap<string, Person>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Recipients by service. */
  readonly owners: ReadonlyMap<string, string>;
  readonly directory?: UserDirectoryOptions;
}

export const NOBODY_CONFIGURED: ConfiguredPeople = { users: new Map(), groups: new Map(), owners: new Map() };

const CACHE_MS = 15 * 60_000;
const TIMEOUT_MS = 5000;
const FIELDS = ['name', 'time_zone', 'locale', 'id', 'members'] as const;
const SENDING = CHANNEL_NAMES.filter((name) => name !== 'in_app');

/** `users`, `groups`, `user_directory` and the owners of `services` of the configuration file. */
export function readPeople(file: ConfigMap): ConfiguredPeople {
  const users = new Map<string, Person>();
  const listed = file.map('users');
  for (const id of listed?.keys() ?? []) users.set(id, readPerson(listed!.map(id)));
  const groups = new Map<string, readonly string[]>(Object.entries(file.textsMap('groups') ?? {}));
  const directory = readDirectory(file.map('user_directory'));
  return { users, groups, owners: readOwners(file, users, groups, directory), ...(directory && { directory }) };
}

function readPerson(map: ConfigMap | undefined): Person {
  const contacts: Partial<Record<ChannelName, string[]>> = {};
  for (const channel of SENDING) {
    const value = map?.raw(channel);
    if (value === undefined) continue;
    const addresses = Array.isArray(value)
      ? map!.texts(channel)
      : [map!.text(channel)].filter((one) => one !== undefined);
    if (addresses) contacts[channel] = addresses;
  }
  map?.text('name');
  const timeZone = map?.text('time_zone');
  const locale = map?.text('locale');
  if (timeZone !== undefined && !isTimeZone(timeZone)) map?.fail('time_zone', 'use an IANA name such as Europe/Paris');
  map?.refuseOthers();
  return { contacts, ...(timeZone !== undefined && { timeZone }), ...(locale !== undefined && { locale }) };
}

export function isTimeZone(name: unknown): name is string {
  try {
    return typeof name === 'string' && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

function readDirectory(map: ConfigMap | undefined): UserDirectoryOptions | undefined {
  if (!map) return undefined;
  const url = readUrl(map, 'url', '{user_id}') ?? (map.has('url') ? undefined : map.fail('url', 'is missing'));
  const groupsUrl = readUrl(map, 'groups_url', '{group}');
  const token = map.text('token') ?? readToken(map);
  const mapped = map.map('fields');
  const fields = Object.fromEntries([...SENDING, ...FIELDS].map((name) => [name, mapped?.text(name) ?? name]));
  mapped?.refuseOthers();
  const cacheMs = map.duration('cache') ?? CACHE_MS;
  const timeoutMs = map.duration('timeout') ?? TIMEOUT_MS;
  map.refuseOthers();
  if (url === undefined) return undefined;
  return { url, ...(groupsUrl && { groupsUrl }), ...(token && { token }), fields, cacheMs, timeoutMs };
}

function readUrl(map: ConfigMap, key: string, part: string): string | undefined {
  const url = map.text(key);
  if (url === undefined) return undefined;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) return map.fail(key, 'use http:// or https://');
  return url.includes(part) ? url : map.fail(key, `say where the name stands in it: ${part}`);
}

function readToken(map: ConfigMap): string | undefined {
  const path = map.text('token_file');
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return map.fail('token_file', `${path} cannot be read`);
  }
}

/** The owner of a service is a recipient where it is somebody who is known here: a user, or a group. */
function readOwners(
  file: ConfigMap,
  users: ReadonlyMap<string, Person>,
  groups: ReadonlyMap<string, readonly string[]>,
  directory: UserDirectoryOptions | undefined,
): Map<string, string> {
  const owners = new Map<string, string>();
  const services = file.raw('services');
  for (const service of Array.isArray(services) ? services : []) {
    const { name, owner } = (service ?? {}) as { name?: unknown; owner?: unknown };
    if (typeof name !== 'string' || typeof owner !== 'string') continue;
    if (groups.has(owner) || owner.startsWith(GROUP_PREFIX)) {
      owners.set(name, owner.startsWith(GROUP_PREFIX) ? owner : `${GROUP_PREFIX}${owner}`);
    } else if (users.has(owner)) owners.set(name, owner);
    else if (directory) owners.set(name, directory.groupsUrl ? `${GROUP_PREFIX}${owner}` : owner);
  }
  return owners;
}
