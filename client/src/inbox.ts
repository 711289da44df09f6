import { addressOf, type HttpOptions, request } from './http.ts';
import type { InboxCounts, Notification, Page } from './types.ts';

interface InboxHandlers {
  /** Each notification once, the oldest first. */
  readonly onNotification?: (notification: Notification) => void;
  readonly onCounts?: (counts: InboxCounts) => void;
  /** Another tab, another program or an acknowledgement has changed items: `read`, `archived`, `snoozed`, ... */
  readonly onUpdated?: (update: { readonly ids: readonly string[]; readonly state: string }) => void;
  /** More was missed than is sent again: read the list anew. */
  readonly onResync?: () => void;
  /** `live`: new ones come at once; `polling`: the socket is down, and the list is asked for every 30 s. */
  readonly onState?: (state: InboxState) => void;
  /** An alert was told to anybody, see `alerts`. */
  readonly onAlert?: (alert: Readonly<Record<string, unknown>>) => void;
}

export type InboxState = 'connecting' | 'live' | 'polling' | 'closed';

export interface InboxOptions extends InboxHandlers {
  /** In place of an API key: gets a one-time ticket for each connection, from your own server. */
  readonly ticket?: () => Promise<string>;
  /** True: `onAlert` hears of each alert that is told to anybody. */
  readonly alerts?: boolean;
  /** Go on after this number of an earlier connection. */
  readonly afterSeq?: number;
  /** Default: the global one. */
  readonly WebSocket?: typeof WebSocket;
  /** Milliseconds: the first and the longest pause before a new connection, between two polls, until silence is death. */
  readonly pauses?: Partial<Pauses>;
}

interface Pauses {
  readonly first: number;
  readonly longest: number;
  readonly poll: number;
  readonly silence: number;
}

const PAUSES: Pauses = { first: 1000, longest: 30_000, poll: 30_000, silence: 60_000 };
const REMEMBERED = 1000;
const POLL_LIMIT = 100;

type Frame = { readonly type: string } & Readonly<Record<string, unknown>>;

/**
 * One user's inbox, live: connects again after growing, random pauses and goes on where it was; asks for the list
 * while there is no connection. Runs until `close`.
 */
export class Inbox {
  readonly #http: HttpOptions;
  readonly #userId: string;
  readonly #options: InboxOptions;
  readonly #pauses: Pauses;
  #socket: WebSocket | undefined;
  #state: InboxState = 'connecting';
  #attempts = 0;
  #lastSeq: number | undefined;
  /** Ids that were handed on, the newest last, and those of them that a poll has brought. */
  readonly #known = new Set<string>();
  readonly #polled = new Set<string>();
  #since = new Date().toISOString();
  #reconnect: ReturnType<typeof setTimeout> | undefined;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(http: HttpOptions, userId: string, options: InboxOptions) {
    this.#http = http;
    this.#userId = userId;
    this.#options = options;
    this.#pauses = { ...PAUSES, ...options.pauses };
    this.#lastSeq = options.afterSeq;
    void this.#connect();
  }

  get state(): InboxState {
    return this.#state;
  }

  /** The number of the last notification: `afterSeq` of a later connection. */
  get lastSeq(): number | undefined {
    return this.#lastSeq;
  }

  close(): void {
    this.#setState('closed');
    for (const timer of [this.#reconnect, this.#poll, this.#silence]) clearTimeout(timer);
    this.#socket?.close(1000);
  }

  async #connect(): Promise<void> {
    try {
      const protocols = ['system-service.v1', ...(await this.#credentials())];
      if (this.#state === 'closed') return;
      const url = addressOf(this.#http.url, `api/notifications/ws/${encodeURIComponent(this.#userId)}`, {
        after_seq: this.#lastSeq,
      });
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
      const socket = new (this.#options.WebSocket ?? WebSocket)(url, protocols);
      this.#socket = socket;
      socket.onmessage = (event) => this.#receive(socket, String(event.data));
      socket.onclose = () => this.#lost(socket);
    } catch {
      this.#lost(undefined);
    }
  }

  /** Neither browsers nor Node's `WebSocket` can set headers: a credential travels as a subprotocol. */
  async #credentials(): Promise<string[]> {
    if (this.#options.ticket) return ['bearer', await this.#options.ticket()];
    const { apiKey } = this.#http;
    return apiKey === undefined ? [] : ['bearer-base64url', base64url(apiKey)];
  }

  #receive(socket: WebSocket, text: string): void {
    if (socket !== this.#socket || this.#state === 'closed') return;
    this.#listen(socket);
    const frame = JSON.parse(text) as Frame;
    const { onCounts, onUpdated, onResync, onAlert, alerts } = this.#options;
    const counts = { unread: Number(frame.unread), unseen: Number(frame.unseen) };
    switch (frame.type) {
      case 'hello':
        this.#attempts = 0;
        this.#lastSeq ??= frame.seq as number;
        clearTimeout(this.#poll);
        this.#setState('live');
        if (alerts) socket.send(JSON.stringify({ type: 'subscribe', topics: ['alerts'] }));
        onCounts?.(counts);
        break;
      case 'notification': {
        const { seq, notification_type: type, ...rest } = frame;
        this.#lastSeq = seq as number;
        this.#handOn({ ...rest, type } as unknown as Notification);
        break;
      }
      case 'counts':
        onCounts?.(counts);
        break;
      case 'updated':
        onUpdated?.({ ids: frame.ids as string[], state: frame.state as string });
        break;
      case 'resync':
        this.#lastSeq = frame.seq as number;
        onResync?.();
        break;
      case 'alert': {
        const { type: _type, ...alert } = frame;
        onAlert?.(alert);
        break;
      }
      case 'ping':
        socket.send('{"type":"pong"}');
        break;
    }
  }

  #handOn(notification: Notification, polled = false): void {
    const { id, created_at } = notification;
    if (created_at > this.#since) this.#since = created_at;
    // The socket repeats only what was polled; from it, an id again is an item that was snoozed and is back.
    const isRepeated = polled ? this.#known.has(id) : this.#polled.delete(id);
    if (isRepeated) return;
    if (polled) this.#polled.add(id);
    this.#known.add(id);
    for (const ids of [this.#known, this.#polled]) if (ids.size > REMEMBERED) ids.delete(ids.values().next().value!);
    this.#options.onNotification?.(notification);
  }

  /** A connection that says nothing, not even a ping, is dead. */
  #listen(socket: WebSocket): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      socket.close();
      this.#lost(socket);
    }, this.#pauses.silence);
  }

  #lost(socket: WebSocket | undefined): void {
    if (this.#state === 'closed' || socket !== this.#socket) return;
    this.#socket = undefined;
    clearTimeout(this.#silence);
    if (this.#state !== 'polling') {
      this.#setState('polling');
      void this.#ask();
    }
    const { first, longest } = this.#pauses;
    const most = Math.min(longest, first * 2 ** Math.min(20, this.#attempts++));
    this.#reconnect = setTimeout(() => void this.#connect(), most / 2 + (Math.random() * most) / 2);
  }

  /** What the list has that was not handed on yet. */
  async #ask(): Promise<void> {
    clearTimeout(this.#poll);
    try {
      const query = { user_id: this.#userId, start: this.#since, limit: POLL_LIMIT };
      const { items } = await request<Page<Notification>>(this.#http, 'GET', 'api/notifications', { query });
      if (this.#state !== 'polling') return;
      for (const notification of items.reverse()) this.#handOn(notification, true);
    } catch {
      // As long as the service is away there is nothing to say.
    }
    if (this.#state === 'polling') this.#poll = setTimeout(() => void this.#ask(), this.#pauses.poll);
  }

  #setState(state: InboxState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}

function base64url(text: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
