import type { Clock } from '../model/clock.ts';
import type { Channel, ChannelMessage, DeliveryOutcome, SenderPace } from './channel.ts';
import { CHANNEL_KINDS, type ChannelSettings, type OpenedChannel, type SendingChannelName } from './channel-kinds.ts';
import type { OutgoingHttp } from './outgoing-http.ts';
import { shrink } from './shrink.ts';

/** A configured channel: one of several of its kind, told apart by its id. */
export interface NamedChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: SendingChannelName;
  readonly settings: ChannelSettings;
  /** Why nothing can be sent there, as something to do; `undefined`: ready. */
  readonly closed: string | undefined;
  /** True: set up by the operator's own hand; its hosts may lie inside. */
  readonly trusted: boolean;
}

/** `channel:ops-slack`, or with an address of its own `channel:backup-mail/ann@example.org`. */
const REFERENCE = /^channel:([A-Za-z0-9][\w.-]{0,63})(?:\/(.+))?$/s;

/** The configured channels, opened as they are needed. */
export class NamedChannels {
  readonly #http: { readonly guarded: OutgoingHttp; readonly trusted: OutgoingHttp };
  readonly #clock: Clock;
  readonly #channels = new Map<string, NamedChannel>();
  readonly #opened = new Map<string, OpenedChannel>();

  constructor(http: { readonly guarded: OutgoingHttp; readonly trusted: OutgoingHttp }, clock: Clock) {
    this.#http = http;
    this.#clock = clock;
  }

  /** Adds one or replaces the one of its id. Attempts under way end with what they have begun with. */
  set(channel: NamedChannel): void {
    this.#channels.set(channel.id, channel);
    this.#forget(channel.id);
  }

  remove(id: string): void {
    this.#channels.delete(id);
    this.#forget(id);
  }

  get(id: string): NamedChannel | undefined {
    return this.#channels.get(id);
  }

  open({ id, kind, settings, trusted }: NamedChannel): OpenedChannel {
    const known = this.#opened.get(id);
    if (known) return known;
    const http = trusted ? this.#http.trusted : this.#http.guarded;
    const opened = CHANNEL_KINDS[kind].open(settings, http, this.#clock);
    this.#opened.set(id, opened);
    return opened;
  }

  async close(): Promise<void> {
    for (const { channel } of this.#opened.values()) await channel.close();
  }

  #forget(id: string): void {
    const opened = this.#opened.get(id);
    this.#opened.delete(id);
    opened?.channel.close().catch(() => undefined);
  }
}

/** True where an address names a configured channel. */
function isReference(address: string): boolean {
  return address.startsWith('channel:');
}

/**
 * A kind of channel with everything that is configured of it: plain addresses go by its default endpoint, references
 * (`channel:<id>`) by the channel they name.
 */
export class ChannelOfKind implements Channel {
  readonly deduplicates: boolean;
  readonly timeoutMs: number;
  readonly paceMs: number;
  readonly threads: boolean;
  readonly #kind: SendingChannelName;
  readonly #own: Channel;
  readonly #named: NamedChannels;

  constructor(kind: SendingChannelName, own: Channel, named: NamedChannels) {
    this.deduplicates = own.deduplicates;
    this.timeoutMs = own.timeoutMs;
    this.paceMs = own.paceMs;
    this.threads = own.threads ?? false;
    this.#kind = kind;
    this.#own = own;
    this.#named = named;
  }

  get hasDefault(): boolean {
    return this.#own.hasDefault;
  }

  unavailable(address: string): string | undefined {
    if (!isReference(address)) return this.#own.unavailable(address);
    const found = this.#find(address);
    if (typeof found === 'string') return found;
    const { closed, name } = found.named;
    if (closed !== undefined) return closed;
    const { channel, address: target } = this.#named.open(found.named);
    const own = found.address || target;
    if (own === '' && !channel.hasDefault) return `"${name}" has no recipient of its own; add one: ${address}/address`;
    return channel.unavailable(own);
  }

  checkAddress(address: string): string | undefined {
    if (!isReference(address)) return this.#own.checkAddress(address);
    const found = this.#find(address);
    if (typeof found === 'string') return found;
    if (found.address === '' || found.named.closed !== undefined) return undefined;
    return this.#named.open(found.named).channel.checkAddress(found.address);
  }

  describe(address: string): string {
    if (!isReference(address)) return this.#own.describe(address);
    const found = this.#find(address);
    if (typeof found === 'string') return address.slice(0, 200);
    const { named } = found;
    if (found.address === '' || named.closed !== undefined) return named.name;
    return `${named.name}: ${this.#named.open(named).channel.describe(found.address)}`;
  }

  endpoint(address: string): string {
    if (!isReference(address)) return this.#own.endpoint(address);
    return `channel:${REFERENCE.exec(address)?.[1] ?? ''}`;
  }

  sender(address: string): SenderPace | undefined {
    const [channel, target] = this.#targetOf(address);
    return channel.sender?.(target);
  }

  async send(message: ChannelMessage, address: string, signal: AbortSignal): Promise<DeliveryOutcome> {
    const [channel, target] = this.#targetOf(address);
    const outcome = await channel.send(message, target, signal);
    if (outcome.outcome !== 'failed' || outcome.reason !== 'too_large') return outcome;
    const second = await channel.send(shrink(message), target, signal);
    return second.outcome === 'sent' ? { ...second, detail: `${second.detail ?? 'sent'}, shortened` } : second;
  }

  close(): Promise<void> {
    return this.#own.close();
  }

  #targetOf(address: string): [Channel, string] {
    if (!isReference(address)) return [this.#own, address];
    const found = this.#find(address);
    if (typeof found === 'string') throw new Error(found);
    const { channel, address: own } = this.#named.open(found.named);
    return [channel, found.address || own];
  }

  /** What a reference names, or what is wrong with it. */
  #find(reference: string): { readonly named: NamedChannel; readonly address: string } | string {
    const [, id, address = ''] = REFERENCE.exec(reference) ?? [];
    if (id === undefined) return 'is no reference to a channel: channel:<id>, or channel:<id>/<address>';
    const named = this.#named.get(id);
    if (!named) return `there is no channel "${id}"; see /api/notifications/channels`;
    if (named.kind !== this.#kind) return `the channel "${id}" is of the kind ${named.kind}, not ${this.#kind}`;
    return { named, address };
  }
}
