import { isDeepStrictEqual } from 'node:util';
import {
  CHANNEL_KINDS,
  type ChannelSettings,
  type Channels,
  checkChannel,
  type SendingChannelName,
} from '../../channels/index.ts';
import { closeNames } from '../../lib/close-names.ts';
import type { SecretBox } from '../../lib/secret-box.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, notFound, ServiceError } from '../../model/errors.ts';
import {
  type ControlStore,
  deleteChannel,
  listChannels,
  type StoredChannel,
  saveChannel,
} from '../../stores/control/index.ts';
import type { BreakerState } from '../breakers.ts';
import type { ChannelEntry, ChannelForm, ChannelTest, ConfiguredChannel } from './configured-channel.ts';
import { sendTest, type TestRequest } from './send-test.ts';

const MOST = 500;
const KINDS = Object.keys(CHANNEL_KINDS) as SendingChannelName[];

export interface ChannelBookOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly channels: Channels;
  readonly secrets: SecretBox;
  readonly provisioned: readonly ConfiguredChannel[];
  readonly breakerOf: (kind: SendingChannelName, address: string) => BreakerState;
}

/** The configured channels: of the settings, of the configuration file, and saved by the API. */
export class ChannelBook {
  readonly #options: ChannelBookOptions;
  #provisioned: ReadonlyMap<string, ConfiguredChannel> = new Map();
  readonly #saved = new Map<string, StoredChannel>();

  constructor(options: ChannelBookOptions) {
    this.#options = options;
    this.provision(options.provisioned);
  }

  async load(): Promise<void> {
    for (const row of await listChannels(this.#options.store.db)) {
      this.#saved.set(row.id, row);
      this.#open(row.id);
    }
  }

  /** Takes the channels of a changed configuration. */
  provision(channels: readonly ConfiguredChannel[]): void {
    const before = this.#provisioned;
    this.#provisioned = new Map(channels.map((channel) => [channel.id, channel]));
    for (const id of new Set([...before.keys(), ...this.#provisioned.keys()])) {
      if (!isDeepStrictEqual(before.get(id), this.#provisioned.get(id))) this.#open(id);
    }
  }

  /** The defaults of the kinds first, then by id. */
  list(): ChannelEntry[] {
    const ids = [...new Set([...this.#provisioned.keys(), ...this.#saved.keys()])].sort();
    return [...KINDS.filter((kind) => this.#isDefault(kind)), ...ids].map((id) => this.get(id));
  }

  /** Throws `not_found`. */
  get(id: string): ChannelEntry {
    const { channels, breakerOf } = this.#options;
    const kind = KINDS.find((name) => name === id);
    if (kind && this.#isDefault(kind)) return this.#defaultOf(kind);
    const configured = this.#provisioned.get(id);
    const row = this.#saved.get(id);
    const named = channels.named.get(id);
    if (!named) throw notFound(`there is no channel "${id}"`, closeNames(id, this.#ids()));
    const address = `channel:${id}`;
    const channel = channels.byName[named.kind];
    const saved = row && this.#unsealed(row);
    const settings = configured?.settings ?? saved?.settings ?? (JSON.parse(row!.settings) as ChannelSettings);
    const secrets = secretNames(named.kind);
    const isSame = saved && isDeepStrictEqual({ ...saved }, { ...configured });
    return {
      id,
      name: named.name,
      kind: named.kind,
      origin: configured ? 'file' : 'api',
      enabled: configured?.enabled ?? row?.enabled === 1,
      settings: Object.fromEntries(Object.entries(settings).filter(([name]) => !secrets.includes(name))),
      secrets: Object.keys(settings).filter((name) => secrets.includes(name)),
      address,
      target: named.closed === undefined ? targetOf(named.kind, settings) : null,
      problem: channel.unavailable(address) ?? null,
      breaker: breakerOf(named.kind, address),
      drift: configured && row ? (isSame ? 'same' : 'different') : null,
      createdAt: row?.created_at ?? null,
      updatedAt: row?.updated_at ?? null,
      savedBy: row?.saved_by ?? null,
    };
  }

  /** Throws `conflict` where there is one of this id, `invalid` for settings that cannot be used. */
  async create(form: ChannelForm, by: string): Promise<ChannelEntry> {
    if (KINDS.some((kind) => kind === form.id)) {
      throw invalid({ path: 'id', message: `"${form.id}" is the default channel of its kind; choose another id` });
    }
    if (this.#options.channels.named.get(form.id)) {
      throw new ServiceError('conflict', `there is a channel "${form.id}" already; PUT changes it`);
    }
    if (this.#saved.size >= MOST) throw new ServiceError('conflict', `there are ${MOST} channels already`);
    return this.#save(form, undefined, by);
  }

  /** Secrets that are left out stay, unless the place that they are sent to changes. */
  async update(form: Omit<ChannelForm, 'kind'>, by: string): Promise<ChannelEntry> {
    const row = this.#changeable(form.id);
    return this.#save({ ...form, kind: row.kind as SendingChannelName }, row, by);
  }

  async delete(id: string): Promise<void> {
    this.#changeable(id);
    await deleteChannel(this.#options.store.db, id);
    this.#saved.delete(id);
    this.#open(id);
  }

  /** Sends a message that says that it is a test, now and once, past the outbox. */
  async test(id: string, request: TestRequest): Promise<ChannelTest> {
    const { kind, address, problem, name } = this.get(id);
    return sendTest({ kind, address, problem, name }, request, this.#options);
  }

  /** The default endpoint of a kind, which the settings name. */
  #defaultOf(kind: SendingChannelName): ChannelEntry {
    const { channels, breakerOf } = this.#options;
    const channel = channels.byName[kind];
    return {
      ...{ id: kind, name: `default ${kind}`, kind, origin: 'settings', enabled: true, settings: {}, secrets: [] },
      address: '',
      target: channel.hasDefault ? channel.describe('') : null,
      problem: null,
      breaker: breakerOf(kind, ''),
      ...{ drift: null, createdAt: null, updatedAt: null, savedBy: null },
    };
  }

  #isDefault(kind: SendingChannelName): boolean {
    const channel = this.#options.channels.byName[kind];
    // Mail and SMS have a server, but no recipient of their own.
    return channel.hasDefault || ((kind === 'email' || kind === 'sms') && channel.unavailable('') === undefined);
  }

  #ids(): string[] {
    return [...this.#provisioned.keys(), ...this.#saved.keys()];
  }

  #changeable(id: string): StoredChannel {
    const { origin } = this.get(id);
    if (origin === 'api') return this.#saved.get(id)!;
    const place = origin === 'file' ? 'the configuration file' : 'the settings (environment)';
    throw new ServiceError('conflict', `the channel "${id}" stands in ${place}; change it there`);
  }

  async #save(form: ChannelForm, before: StoredChannel | undefined, by: string): Promise<ChannelEntry> {
    const { store, clock, secrets: box } = this.#options;
    const { id, kind, name, enabled } = form;
    const settings = this.#merged(form, before);
    const issues = checkChannel(kind, settings);
    if (issues.length > 0) {
      throw invalid(...issues.map(({ path, message }) => ({ path: `settings.${path}`, message })));
    }
    const secrets = secretNames(kind);
    const part = (isSecret: boolean) =>
      JSON.stringify(
        Object.fromEntries(Object.entries(settings).filter(([key]) => secrets.includes(key) === isSecret)),
      );
    const now = clock.now();
    const row: StoredChannel = {
      ...{ id, name, kind, enabled: enabled ? 1 : 0, saved_by: by, updated_at: now },
      settings: part(false),
      secrets: box.seal(part(true), contextOf(id, kind)),
      created_at: before?.created_at ?? now,
    };
    await saveChannel(store.db, row);
    this.#saved.set(id, row);
    this.#open(id);
    return this.get(id);
  }

  #merged({ kind, settings }: ChannelForm, before: StoredChannel | undefined): ChannelSettings {
    const given = Object.fromEntries(
      Object.entries(settings).flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, value]])),
    );
    const known = before && this.#unsealed(before)?.settings;
    if (!known) return given;
    const moved = CHANNEL_KINDS[kind].fields.some(
      ({ name, destination }) => destination && known[name] !== given[name],
    );
    const kept = secretNames(kind).filter((name) => known[name] !== undefined && settings[name] === undefined);
    if (moved && kept.length > 0) {
      throw invalid(
        ...kept.map((name) => ({ path: `settings.${name}`, message: 'give it again: it would go to another server' })),
      );
    }
    return { ...Object.fromEntries(kept.map((name) => [name, known[name]!])), ...given };
  }

  /** Tells the channels how things stand with this id. */
  #open(id: string): void {
    const { named } = this.#options.channels;
    const configured = this.#provisioned.get(id);
    const row = this.#saved.get(id);
    if (configured) {
      named.set({ ...configured, closed: offText(configured), trusted: true });
    } else if (row) {
      const saved = this.#unsealed(row);
      const kind = row.kind as SendingChannelName;
      const lost = `the secrets of the channel "${id}" were sealed with another SECRET_KEY; give them again`;
      const closed = saved ? offText(saved) : lost;
      named.set({ id, name: row.name, kind, settings: saved?.settings ?? {}, closed, trusted: false });
    } else named.remove(id);
  }

  #unsealed(row: StoredChannel): ConfiguredChannel | undefined {
    const kind = row.kind as SendingChannelName;
    const secrets = this.#options.secrets.open(row.secrets, contextOf(row.id, kind));
    if (secrets === undefined) return undefined;
    const settings = { ...JSON.parse(row.settings), ...JSON.parse(secrets) };
    return { id: row.id, name: row.name, kind, settings, enabled: row.enabled === 1 };
  }
}

function offText({ id, enabled }: ConfiguredChannel): string | undefined {
  return enabled ? undefined : `the channel "${id}" is switched off`;
}

function contextOf(id: string, kind: string): string {
  return `channel ${kind} ${id}`;
}

function secretNames(kind: SendingChannelName): string[] {
  return CHANNEL_KINDS[kind].fields.filter(({ secret }) => secret).map(({ name }) => name);
}

/** Where it sends to: a recipient, or the host of a secret URL. */
function targetOf(kind: SendingChannelName, settings: ChannelSettings): string | null {
  const own = settings.to ?? settings.channel ?? settings.chat_id;
  if (own !== undefined) return own;
  const url = settings.webhook_url ?? settings.url;
  if (url !== undefined && URL.canParse(url)) return new URL(url).host;
  return kind === 'pagerduty' ? 'events.pagerduty.com' : null;
}
