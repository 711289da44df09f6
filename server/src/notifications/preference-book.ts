import type { Channels } from '../channels/index.ts';
import type { Clock } from '../model/clock.ts';
import { type Issue, invalid } from '../model/errors.ts';
import { CHANNEL_NAMES, type ChannelName } from '../model/notification-request.ts';
import type { Severity } from '../model/severity.ts';
import { type ControlStore, listPreferences, savePreference } from '../stores/control/index.ts';
import { toUserPreferences, type UserPreferences } from './preferences.ts';

export interface PreferenceUpdate {
  readonly channel: ChannelName;
  /** Left out: for every type. */
  readonly type?: string | undefined;
  readonly enabled?: boolean | undefined;
  /** Null forgets it. */
  readonly address?: string | null | undefined;
  /** Null: from any severity on. */
  readonly minSeverity?: Severity | null | undefined;
  /** Where the update stands in the request, for messages: `channels.email.`; empty at the top. */
  readonly path: string;
}

/** A user's settings of one channel, with the defaults filled in. */
export interface ChannelSettings {
  readonly enabled: boolean;
  /** Without secrets. */
  readonly address: string | undefined;
  readonly verified: boolean;
  readonly minSeverity: Severity | undefined;
}

export interface PreferenceSheet {
  readonly userId: string;
  readonly channels: Readonly<Record<ChannelName, ChannelSettings>>;
  readonly types: Readonly<
    Record<
      string,
      Readonly<Partial<Record<ChannelName, { enabled: boolean | undefined; minSeverity: Severity | undefined }>>>
    >
  >;
}

/** Reads and writes what users have decided. */
export class PreferenceBook {
  readonly #store: ControlStore;
  readonly #channels: Channels['byName'];
  readonly #clock: Clock;

  constructor(store: ControlStore, channels: Channels['byName'], clock: Clock) {
    this.#store = store;
    this.#channels = channels;
    this.#clock = clock;
  }

  async read(userId: string): Promise<PreferenceSheet> {
    return this.#toSheet(toUserPreferences(userId, await listPreferences(this.#store.db, [userId])));
  }

  /** Sets the given fields, all or none of the updates. Throws `invalid` where an address is none. */
  async update(userId: string, updates: readonly PreferenceUpdate[]): Promise<PreferenceSheet> {
    const issues = updates.flatMap((update) => this.#check(update));
    if (issues.length > 0) throw invalid(...issues);
    const now = this.#clock.now();
    await this.#store.transaction(async (db) => {
      for (const update of updates) {
        await savePreference(db, {
          user_id: userId,
          channel: update.channel,
          type: update.type ?? '',
          updated_at: now,
          ...(update.enabled !== undefined && { enabled: update.enabled ? 1 : 0 }),
          ...(update.address !== undefined && { address: update.address }),
          ...(update.minSeverity !== undefined && { min_severity: update.minSeverity }),
        });
      }
    });
    return this.read(userId);
  }

  #check({ channel, type, address, path }: PreferenceUpdate): Issue[] {
    if (address === undefined || address === null) return [];
    const place = `${path}address`;
    if (channel === 'in_app') return [{ path: place, message: 'the inbox has no address' }];
    if (type !== undefined) return [{ path: place, message: 'an address belongs to the channel, not to one type' }];
    const problem = this.#channels[channel].checkAddress(address);
    return problem === undefined ? [] : [{ path: place, message: problem }];
  }

  #toSheet(preferences: UserPreferences): PreferenceSheet {
    const channels = Object.fromEntries(
      CHANNEL_NAMES.map((channel) => [channel, this.#settings(channel, preferences)]),
    ) as Record<ChannelName, ChannelSettings>;
    const types = Object.fromEntries(
      [...preferences.types].map(([type, byChannel]) => [
        type,
        Object.fromEntries(
          Object.entries(byChannel).map(([channel, { enabled, minSeverity }]) => [channel, { enabled, minSeverity }]),
        ),
      ]),
    );
    return { userId: preferences.userId, channels, types };
  }

  #settings(channel: ChannelName, { channels }: UserPreferences): ChannelSettings {
    const { enabled = true, address, minSeverity } = channels[channel] ?? {};
    if (channel === 'in_app') return { enabled, address: undefined, verified: true, minSeverity };
    const shown = address === undefined ? undefined : this.#channels[channel].describe(address);
    return { enabled, address: shown, verified: address !== undefined, minSeverity };
  }
}
