import type { Channels } from '../../channels/index.ts';
import type { Clock } from '../../model/clock.ts';
import { type Issue, invalid, ServiceError } from '../../model/errors.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import {
  type ControlStore,
  type Executor,
  listContacts,
  listPreferences,
  listProfiles,
  replaceContacts,
  type StoredContact,
  savePreference,
  saveProfile,
} from '../../stores/control/index.ts';
import { type ContactCode, newCode } from './contact-code.ts';
import { matcherProblem } from './label-condition.ts';
import {
  type ChannelPreference,
  type ChannelSettings,
  type Contact,
  type OrganisationDefaults,
  type ProfileSettings,
  toUserPreferences,
  type UserPreferences,
} from './user-preferences.ts';

/** Fields to be set; null forgets what was decided, what is left out stays. */
type Changes<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> | null | undefined };

export interface PreferenceUpdate extends Changes<ChannelPreference> {
  readonly channel: ChannelName;
  /** Left out: for every type. */
  readonly type?: string | undefined;
  /** Null, or an empty list, forgets them. The first is the main one. */
  readonly addresses?: readonly string[] | null | undefined;
  /** Where the update stands in the request, for messages: `channels.email.`; empty at the top. */
  readonly path: string;
}

export interface PreferenceForm extends Changes<ProfileSettings> {
  /** That which was read; another one by now is a conflict. */
  readonly version?: number | undefined;
  readonly timeZone?: string | null | undefined;
  readonly locale?: string | null | undefined;
  readonly disabled?: boolean | undefined;
  readonly updates: readonly PreferenceUpdate[];
}

export interface PreferenceChange {
  readonly sheet: PreferenceSheet;
  /** Codes that are to be sent to new addresses. */
  readonly codes: readonly ContactCode[];
}

/** What a user has decided, with the defaults beside it. */
export interface PreferenceSheet extends UserPreferences {
  readonly organisation: OrganisationDefaults;
}

/** Most addresses of one user on one channel. */
const MOST_CONTACTS = 5;

/** Reads and writes what users have decided. */
export class PreferenceBook {
  readonly #store: ControlStore;
  readonly #channels: Channels['byName'];
  readonly #clock: Clock;
  readonly #organisation: () => OrganisationDefaults;

  constructor(
    store: ControlStore,
    channels: Channels['byName'],
    clock: Clock,
    organisation: () => OrganisationDefaults,
  ) {
    this.#store = store;
    this.#channels = channels;
    this.#clock = clock;
    this.#organisation = organisation;
  }

  async read(userId: string): Promise<PreferenceSheet> {
    return { ...(await readUser(this.#store.db, userId)), organisation: this.#organisation() };
  }

  /**
   * Sets the given fields, all or none. New addresses count as verified where `trusted`; otherwise each needs the code
   * that is returned for it. Throws `invalid` where something cannot be, `conflict` where the version is another one.
   */
  async update(userId: string, form: PreferenceForm, trusted: boolean): Promise<PreferenceChange> {
    const issues = form.updates.flatMap((update) => this.#check(update));
    if (issues.length > 0) throw invalid(...issues);
    const now = this.#clock.now();
    const codes: ContactCode[] = [];
    await this.#store.transaction(async (db) => {
      codes.length = 0;
      const before = await readUser(db, userId);
      if (form.version !== undefined && form.version !== before.version) {
        throw new ServiceError(
          'conflict',
          `the preferences of ${userId} have version ${before.version} by now, not ${form.version}; read them again`,
        );
      }
      await this.#saveProfile(db, userId, before, form, now);
      for (const update of form.updates) {
        await saveChannel(db, userId, before, update, now);
        if (update.addresses !== undefined) {
          codes.push(...(await saveContacts(db, userId, update, trusted, now)));
        }
      }
    });
    return { sheet: await this.read(userId), codes };
  }

  async #saveProfile(
    db: Executor,
    userId: string,
    before: UserPreferences,
    form: PreferenceForm,
    now: number,
  ): Promise<void> {
    const { minSeverity, digest, quietHours, fallback } = before;
    const settings = merged<ProfileSettings>({ minSeverity, digest, quietHours, fallback } as ProfileSettings, {
      ...{ minSeverity: form.minSeverity, digest: form.digest },
      ...{ quietHours: form.quietHours, fallback: form.fallback },
    });
    await saveProfile(db, {
      user_id: userId,
      version: before.version + 1,
      disabled: (form.disabled ?? before.disabled) ? 1 : 0,
      time_zone: form.timeZone === undefined ? (before.timeZone ?? null) : form.timeZone,
      locale: form.locale === undefined ? (before.locale ?? null) : form.locale,
      settings: JSON.stringify(settings),
      updated_at: now,
    });
  }

  #check({ channel, type, addresses, matchers, path }: PreferenceUpdate): Issue[] {
    const issues = (matchers ?? []).flatMap((text, index) => {
      const problem = matcherProblem(text);
      return problem === undefined ? [] : [{ path: `${path}matchers[${index}]`, message: problem }];
    });
    if (!addresses || addresses.length === 0) return issues;
    const place = `${path}address`;
    if (channel === 'in_app') return [...issues, { path: place, message: 'the inbox has no address' }];
    if (type !== undefined) {
      return [...issues, { path: place, message: 'an address belongs to the channel, not to one type' }];
    }
    if (addresses.length > MOST_CONTACTS) {
      return [...issues, { path: `${path}addresses`, message: `at most ${MOST_CONTACTS} addresses a channel` }];
    }
    for (const [index, address] of addresses.entries()) {
      const problem = this.#channels[channel].checkAddress(address);
      const at = addresses.length === 1 ? place : `${path}addresses[${index}]`;
      if (problem !== undefined) issues.push({ path: at, message: problem });
      else if (addresses.indexOf(address) !== index) issues.push({ path: at, message: 'is there twice' });
    }
    return issues;
  }
}

async function readUser(db: Executor, userId: string): Promise<UserPreferences> {
  const ids = [userId];
  const preferences = await listPreferences(db, ids);
  const profiles = await listProfiles(db, ids);
  return toUserPreferences(userId, { preferences, profiles, contacts: await listContacts(db, ids) });
}

/** `before` with the changes: null forgets, `undefined` leaves. */
function merged<T extends object>(before: T, changes: Changes<T>): T {
  const all = { ...before, ...Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined)) as T;
}

async function saveChannel(
  db: Executor,
  userId: string,
  before: UserPreferences,
  update: PreferenceUpdate,
  now: number,
): Promise<void> {
  const { channel, type, enabled, minSeverity } = update;
  const own = (type === undefined ? before.channels : before.types.get(type))?.[channel] ?? {};
  const { enabled: _, minSeverity: __, ...settings } = own;
  const changed = merged<ChannelSettings>(settings, {
    ...{ digest: update.digest, quietHours: update.quietHours, matchers: update.matchers },
    ...{ unseenForMs: update.unseenForMs, onlineHoldMs: update.onlineHoldMs },
  });
  await savePreference(db, {
    user_id: userId,
    channel,
    type: type ?? '',
    updated_at: now,
    ...(enabled !== undefined && { enabled: enabled === null ? null : enabled ? 1 : 0 }),
    ...(minSeverity !== undefined && { min_severity: minSeverity }),
    settings: Object.keys(changed).length === 0 ? null : JSON.stringify(changed),
  });
}

/** Those that are there already keep whether they are verified. */
async function saveContacts(
  db: Executor,
  userId: string,
  { channel, addresses }: PreferenceUpdate,
  trusted: boolean,
  now: number,
): Promise<ContactCode[]> {
  const before = (await listContacts(db, [userId])).filter((contact) => contact.channel === channel);
  const codes: ContactCode[] = [];
  const contacts = (addresses ?? []).map((address, place): StoredContact => {
    const known = before.find((contact) => contact.address === address);
    if (known && (known.verified_at !== null || !trusted)) return { ...known, place };
    const base = { user_id: userId, channel, address, place, label: null, created_at: now };
    const none = { code_hash: null, code_expires_at: null, code_attempts: 0 };
    if (trusted) return { ...base, ...none, verified_at: now };
    const { code, stored } = newCode(userId, channel, address, now);
    codes.push({ channel, address, code });
    return { ...base, ...stored, verified_at: null };
  });
  await replaceContacts(db, userId, channel, contacts);
  return codes;
}

/** Addresses of a channel as others may see them. */
export function describeContacts(
  contacts: readonly Contact[],
  channel: Exclude<ChannelName, 'in_app'>,
  channels: Channels['byName'],
): readonly Contact[] {
  return contacts.map((contact) => ({ ...contact, address: channels[channel].describe(contact.address) }));
}
