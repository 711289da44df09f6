import { CHANNEL_NAMES, type ChannelName } from '../../model/notification-request.ts';
import type { Severity } from '../../model/severity.ts';
import type { StoredContact, StoredPreference, StoredProfile } from '../../stores/control/index.ts';
import type { Digest } from './digest.ts';
import type { QuietHours } from './quiet-hours.ts';
import { DEFAULT_RATE_LIMITS, type RateLimits } from './rate-limit.ts';

/** What is decided for every channel at once; what is left out is undecided, which is not the same as no. */
interface GeneralPreference {
  readonly minSeverity?: Severity;
  readonly digest?: Digest;
  readonly quietHours?: QuietHours;
}

/** What is decided about a channel. */
export interface ChannelPreference extends GeneralPreference {
  readonly enabled?: boolean;
  /** Matchers, all of which the labels must meet. */
  readonly matchers?: readonly string[];
  /** Only where the item is not seen in the inbox within so many milliseconds. */
  readonly unseenForMs?: number;
  /** For how long a message waits while the user has the inbox open, milliseconds. */
  readonly onlineHoldMs?: number;
}

type ChannelPreferences = Readonly<Partial<Record<ChannelName, ChannelPreference>>>;

/** One channel after the other, until one is read or at least arrives. */
export interface FallbackChain {
  readonly channels: readonly ChannelName[];
  /** Left out: the next one only where the one before fails. Milliseconds. */
  readonly afterMs?: number;
}

export interface Contact {
  readonly address: string;
  readonly verified: boolean;
  readonly label?: string;
}

export interface UserPreferences extends GeneralPreference {
  readonly userId: string;
  /** True: gets nothing any more. */
  readonly disabled: boolean;
  readonly timeZone?: string;
  readonly locale?: string;
  readonly fallback?: FallbackChain;
  readonly channels: ChannelPreferences;
  /** Decisions for one type of notifications, or for a category: `alert.*`. */
  readonly types: ReadonlyMap<string, ChannelPreferences>;
  readonly contacts: Readonly<Partial<Record<ChannelName, readonly Contact[]>>>;
  /** Counts up with each change; 0: never changed. */
  readonly version: number;
}

/** What the operator has decided for everybody who has not decided otherwise. */
export interface OrganisationDefaults extends GeneralPreference {
  readonly timeZone: string;
  readonly locale: string;
  readonly channels: ChannelPreferences;
  readonly types: ReadonlyMap<string, { readonly critical?: boolean; readonly channels: ChannelPreferences }>;
  readonly rateLimits: RateLimits;
  /** Where what is critical goes when nothing else of its recipient can be reached. */
  readonly criticalFallback?: { readonly channel: ChannelName; readonly address: string };
}

export const NO_DEFAULTS: OrganisationDefaults = {
  timeZone: 'UTC',
  locale: 'en',
  channels: {},
  types: new Map(),
  rateLimits: DEFAULT_RATE_LIMITS,
};

/** Somebody who has decided nothing. */
export function nobodyYet(userId: string): UserPreferences {
  return { userId, disabled: false, channels: {}, types: new Map(), contacts: {}, version: 0 };
}

/** All addresses of the user, whatever the channel. */
export function addressesOf({ contacts }: UserPreferences): string[] {
  return Object.values(contacts).flatMap((list) => list.map(({ address }) => address));
}

/** The category of a type: `alert.*` for `alert` and for `alert.firing`. */
export function categoryOf(type: string): string {
  return `${type.split('.', 1)[0]}.*`;
}

/** What is stored of a profile as JSON. */
export type ProfileSettings = GeneralPreference & Pick<UserPreferences, 'fallback'>;
/** What is stored of a channel's preference as JSON, besides the columns. */
export type ChannelSettings = Omit<ChannelPreference, 'enabled' | 'minSeverity'>;

export interface StoredUser {
  readonly preferences: readonly StoredPreference[];
  readonly profiles: readonly StoredProfile[];
  readonly contacts: readonly StoredContact[];
}

/** Stored rows of one user, and perhaps of others, as a value. */
export function toUserPreferences(userId: string, stored: StoredUser): UserPreferences {
  const channels: Partial<Record<ChannelName, ChannelPreference>> = {};
  const types = new Map<string, Partial<Record<ChannelName, ChannelPreference>>>();
  for (const row of stored.preferences) {
    if (row.user_id !== userId || !isChannelName(row.channel)) continue;
    const target = row.type === '' ? channels : (types.get(row.type) ?? {});
    if (row.type !== '') types.set(row.type, target);
    target[row.channel] = {
      ...(row.enabled !== null && { enabled: row.enabled === 1 }),
      ...(row.min_severity !== null && { minSeverity: row.min_severity as Severity }),
      ...(row.settings !== null && (JSON.parse(row.settings) as ChannelSettings)),
    };
  }
  const contacts: Partial<Record<ChannelName, Contact[]>> = {};
  for (const row of stored.contacts) {
    if (row.user_id !== userId || !isChannelName(row.channel)) continue;
    contacts[row.channel] ??= [];
    contacts[row.channel]!.push({
      address: row.address,
      verified: row.verified_at !== null,
      ...(row.label !== null && { label: row.label }),
    });
  }
  const profile = stored.profiles.find((row) => row.user_id === userId);
  return {
    userId,
    disabled: profile?.disabled === 1,
    ...(profile?.time_zone && { timeZone: profile.time_zone }),
    ...(profile?.locale && { locale: profile.locale }),
    ...(profile && (JSON.parse(profile.settings) as ProfileSettings)),
    channels,
    types,
    contacts,
    version: profile?.version ?? 0,
  };
}

function isChannelName(name: string): name is ChannelName {
  return (CHANNEL_NAMES as readonly string[]).includes(name);
}
