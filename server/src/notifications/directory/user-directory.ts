import { DueTask } from '../../lib/due-task.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import { CHANNEL_NAMES, type ChannelName } from '../../model/notification-request.ts';
import { type ControlStore, listDirectoryEntries, saveDirectoryEntry } from '../../stores/control/index.ts';
import { GROUP_PREFIX, type People, type Person } from './person.ts';
import { type ConfiguredPeople, isTimeZone, type UserDirectoryOptions } from './read-people.ts';

export interface UserDirectoryDependencies {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly people: () => ConfiguredPeople;
}

type Kind = 'user' | 'group';

interface Entry {
  /** Null: there is none of this id. */
  readonly body: Person | readonly string[] | null;
  readonly fetchedAt: number;
}

/** People and groups that are remembered at most. */
const MOST_ENTRIES = 20_000;
/** Questions under way at once. */
const MOST_ASKED = 4;
const MOST_WANTED = 5000;
const MOST_BYTES = 1024 * 1024;
const MOST_MEMBERS = 1000;
/** After a failure it is left alone for so long. */
const REST_MS = 30_000;
/** For how long a caller waits for somebody never heard of. */
const PATIENCE_MS = 2000;

/**
 * Who people are. The configuration goes first, then the platform's user management, which is asked over HTTP: what it
 * has said is stored and good for a while, and good beyond that while it does not answer.
 */
export class UserDirectory implements People {
  readonly #dependencies: UserDirectoryDependencies;
  readonly #entries = new Map<string, Entry>();
  readonly #wanted = new Set<string>();
  readonly #asking = new Map<string, Promise<void>>();
  readonly #sweep: DueTask;
  #restsUntil = 0;

  constructor(dependencies: UserDirectoryDependencies) {
    this.#dependencies = dependencies;
    const { clock, logger } = dependencies;
    this.#sweep = new DueTask({
      clock,
      work: async () => this.#askWanted(),
      nextDue: () => (this.#options && this.#wanted.size > 0 ? this.#restsUntil : null),
      onError: (error) => logger.error({ err: error }, 'the user directory could not be asked'),
    });
  }

  start(): void {
    this.#sweep.start();
  }

  stop(): Promise<void> {
    return this.#sweep.stop();
  }

  /** Reads what was said before. */
  async load(): Promise<void> {
    const rows = await listDirectoryEntries(this.#dependencies.store.db, MOST_ENTRIES);
    for (const row of rows.reverse()) {
      const body = row.body === null ? null : (JSON.parse(row.body) as Entry['body']);
      this.#entries.set(`${row.kind}:${row.id}`, { body, fetchedAt: row.fetched_at });
    }
  }

  person(userId: string): Person | undefined {
    const configured = this.#dependencies.people().users.get(userId);
    if (configured) return configured;
    return (this.#known('user', userId) as Person | null | undefined) ?? undefined;
  }

  membersOf(group: string): readonly string[] | undefined {
    const configured = this.#dependencies.people().groups.get(group);
    if (configured) return configured;
    return (this.#known('group', group) as readonly string[] | null | undefined) ?? undefined;
  }

  ownerOf(service: string): string | undefined {
    return this.#dependencies.people().owners.get(service);
  }

  isUnknown(name: string): boolean {
    const people = this.#dependencies.people();
    const { directory } = people;
    if (!directory) return false;
    if (!name.startsWith(GROUP_PREFIX)) return !people.users.has(name) && this.#known('user', name) === undefined;
    const group = name.slice(GROUP_PREFIX.length);
    const isAsked = directory.groupsUrl !== undefined && !people.groups.has(group);
    return isAsked && this.#known('group', group) === undefined;
  }

  /** Nothing of a user is remembered any more. */
  forget(userId: string): void {
    this.#entries.delete(`user:${userId}`);
    for (const [key, { body, fetchedAt }] of this.#entries) {
      if (!key.startsWith('group:') || !Array.isArray(body) || !body.includes(userId)) continue;
      this.#entries.set(key, { body: body.filter((member) => member !== userId), fetchedAt });
    }
  }

  /** Asks for those of them that nothing is known of, and waits for the answers, but not for long. */
  async prepare(users: readonly string[]): Promise<void> {
    if (!this.#options) return;
    const unknown = (names: readonly string[]) => {
      for (const user of names) {
        if (user.startsWith(GROUP_PREFIX)) this.membersOf(user.slice(GROUP_PREFIX.length));
        else this.person(user);
      }
    };
    unknown(users);
    await this.#patiently();
    unknown(
      users.flatMap((user) =>
        user.startsWith(GROUP_PREFIX) ? (this.membersOf(user.slice(GROUP_PREFIX.length)) ?? []) : [],
      ),
    );
    await this.#patiently();
  }

  #askWanted(): void {
    const options = this.#options;
    if (!options || this.#dependencies.clock.now() < this.#restsUntil) return;
    for (const key of this.#wanted) {
      if (this.#asking.size >= MOST_ASKED) return;
      if (this.#asking.has(key)) continue;
      this.#wanted.delete(key);
      const run = this.#ask(key, options).finally(() => this.#asking.delete(key));
      this.#asking.set(key, run);
    }
  }

  get #options(): UserDirectoryOptions | undefined {
    return this.#dependencies.people().directory;
  }

  async #patiently(): Promise<void> {
    const { clock } = this.#dependencies;
    const deadline = clock.now() + PATIENCE_MS;
    this.#askWanted();
    while (this.#asking.size > 0 && clock.now() < deadline) {
      const late = Promise.withResolvers<void>();
      const timer = clock.setTimer(deadline - clock.now(), late.resolve);
      await Promise.race([...this.#asking.values(), late.promise]);
      timer.cancel();
      this.#askWanted();
    }
  }

  #known(kind: Kind, id: string): Entry['body'] | undefined {
    const options = this.#options;
    if (!options || (kind === 'group' && options.groupsUrl === undefined)) return undefined;
    const key = `${kind}:${id}`;
    const entry = this.#entries.get(key);
    const isFresh = entry && this.#dependencies.clock.now() - entry.fetchedAt < options.cacheMs;
    if (!isFresh && this.#wanted.size < MOST_WANTED) {
      this.#wanted.add(key);
      this.#sweep.news();
    }
    return entry?.body;
  }

  async #ask(key: string, options: UserDirectoryOptions): Promise<void> {
    const { store, clock, logger } = this.#dependencies;
    const kind = key.slice(0, key.indexOf(':')) as Kind;
    const id = key.slice(key.indexOf(':') + 1);
    try {
      const answer = await fetchEntry(kind, id, options);
      const body = answer === null ? null : kind === 'user' ? toPerson(answer, options) : toMembers(answer, options);
      const fetchedAt = clock.now();
      this.#entries.delete(key);
      this.#entries.set(key, { body, fetchedAt });
      for (const oldest of this.#entries.keys()) {
        if (this.#entries.size <= MOST_ENTRIES) break;
        this.#entries.delete(oldest);
      }
      const row = { kind, id, body: body === null ? null : JSON.stringify(body), fetched_at: fetchedAt };
      await store.transaction((db) => saveDirectoryEntry(db, row));
    } catch (error) {
      this.#restsUntil = clock.now() + REST_MS;
      logger.warn({ err: error, kind, id }, 'the user directory did not answer; what it said before goes on to count');
    }
  }
}

async function fetchEntry(kind: Kind, id: string, options: UserDirectoryOptions): Promise<unknown> {
  // As a part of a path these would mean another one.
  if (id === '.' || id === '..') return null;
  const name = encodeURIComponent(id);
  const url =
    kind === 'user' ? options.url.replaceAll('{user_id}', name) : options.groupsUrl!.replaceAll('{group}', name);
  const response = await fetch(url, {
    headers: { accept: 'application/json', ...(options.token && { authorization: `Bearer ${options.token}` }) },
    redirect: 'error',
    signal: AbortSignal.timeout(options.timeoutMs),
  });
  if (response.status === 404 || response.status === 410) {
    await response.body?.cancel();
    return null;
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`it answered ${response.status}`);
  }
  return JSON.parse(await boundedText(response));
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error('its answer is longer than 1 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function toPerson(answer: unknown, { fields }: UserDirectoryOptions): Person {
  const contacts: Partial<Record<ChannelName, string[]>> = {};
  for (const channel of CHANNEL_NAMES) {
    const value = walk(answer, fields[channel]);
    const addresses = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string' && one !== '');
    if (addresses.length > 0) contacts[channel] = addresses.slice(0, 5) as string[];
  }
  const timeZone = walk(answer, fields.time_zone);
  const locale = walk(answer, fields.locale);
  return {
    contacts,
    ...(isTimeZone(timeZone) && { timeZone }),
    ...(typeof locale === 'string' &&
      /^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$/.test(locale) && { locale: locale.replaceAll('_', '-') }),
  };
}

/** A list, or a list within: of names, or of objects that have one. */
function toMembers(answer: unknown, { fields }: UserDirectoryOptions): string[] {
  const list = Array.isArray(answer) ? answer : walk(answer, fields.members);
  if (!Array.isArray(list)) throw new Error(`its answer has no list "${fields.members}"`);
  const ids = list.map((member) => (typeof member === 'object' ? walk(member, fields.id) : member));
  return ids
    .filter((id) => typeof id === 'string' || typeof id === 'number')
    .slice(0, MOST_MEMBERS)
    .map(String);
}

function walk(value: unknown, path: string | undefined): unknown {
  let found = value;
  for (const name of path?.split('.') ?? []) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return path === undefined ? undefined : found;
}
