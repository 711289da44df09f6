import type { WebSocket } from 'ws';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock, Timer } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import { type InboxCommand, type InboxTopic, parseInboxCommand } from './inbox-command.ts';
import { type InboxConnection, newConnection, sendControl } from './inbox-connection.ts';

type Connection<Item> = InboxConnection<Item>;
type InboxDeed = Extract<InboxCommand, { readonly ids: readonly string[] }>;

/** Where the items come from, and who does what a client asks for. */
export interface InboxSource<Item> {
  /** A user's items after `seq`, in order. */
  after(userId: string, seq: number, limit: number): Promise<readonly { readonly seq: number; readonly item: Item }[]>;
  /** The newest number of each user; users without any item are left out. */
  newest(userIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Users with nothing unread may be left out. */
  counts(userIds: readonly string[]): Promise<ReadonlyMap<string, InboxNumbers>>;
  /** Marks items of the user; calls `changed` where that changed anything. */
  act(userId: string, deed: InboxDeed): Promise<void>;
}

interface InboxNumbers {
  readonly unread: number;
  readonly unseen: number;
}

const NOTHING: InboxNumbers = { unread: 0, unseen: 0 };
/** Most commands of one client that wait for their turn. */
const COMMANDS_WAITING = 100;

const SOCKETS_PER_USER = 10;
const REPLAY_LIMIT = 500;
const PAGE = 100;
const BUFFER_LIMIT = 1024 * 1024;
const DRAIN_MS = 5000;
const PING_MS = 25_000;
const DEAD_MS = 60_000;

/** Close codes of RFC 6455 and of our own range. */
const GOING_AWAY = 1001;
const TOO_MANY_COMMANDS = 1008;
const TRY_AGAIN = 1013;
const TOO_SLOW = 4008;
const TOO_MANY = 4009;

/**
 * The open WebSockets of the inboxes. Each remembers how far its client has got and reads on from the store, so that
 * a burst waits there and not in memory, nothing is lost, and nothing is sent twice.
 */
export class InboxSockets<Item> {
  readonly #source: InboxSource<Item>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #connections = new Map<string, Set<Connection<Item>>>();
  #pings: Timer | undefined;
  #closed = false;

  constructor(source: InboxSource<Item>, clock: Clock, logger: Logger) {
    this.#source = source;
    this.#clock = clock;
    this.#logger = logger;
  }

  get count(): number {
    let count = 0;
    for (const connections of this.#connections.values()) count += connections.size;
    return count;
  }

  /** Serves a socket until it closes: what comes after `afterSeq`, without it what is new from now on. */
  async accept(
    userId: string,
    socket: WebSocket,
    afterSeq: number | undefined,
    format: (item: Item) => string,
  ): Promise<void> {
    socket.on('error', () => socket.terminate());
    if (this.#closed) return socket.close(GOING_AWAY, 'the service is stopping');
    const siblings = this.#connections.get(userId) ?? new Set<Connection<Item>>();
    if (siblings.size >= SOCKETS_PER_USER) {
      return socket.close(TOO_MANY, `at most ${SOCKETS_PER_USER} connections a user`);
    }
    const connection = newConnection(userId, socket, format, this.#clock.now());
    siblings.add(connection);
    this.#connections.set(userId, siblings);
    this.#watch(connection);
    try {
      const newest = (await this.#source.newest([userId])).get(userId) ?? 0;
      if (connection.isTalking) await this.#greet(connection, newest);
      this.#goOnAfter(connection, afterSeq ?? newest, newest);
      await this.#pump(connection);
    } catch (error) {
      this.#fail(connection, error);
    }
  }

  /** Whether anybody has the user's inbox open. */
  isOpen(userId: string): boolean {
    return this.#connections.has(userId);
  }

  /** Sends what is new for these users. */
  async wake(userIds: Iterable<string>): Promise<void> {
    const connections = [...userIds].flatMap((userId) => [...(this.#connections.get(userId) ?? [])]);
    await Promise.all(connections.map((connection) => this.#pump(connection)));
    await this.#tellCounts(connections);
  }

  /** Items of a user are in another state now: every socket of the user hears of it. */
  async changed(userId: string, ids: readonly string[], state: object): Promise<void> {
    const connections = [...(this.#connections.get(userId) ?? [])].filter((connection) => connection.isTalking);
    for (const connection of connections) {
      sendControl(connection, { type: 'updated', seq: connection.seq, ids, ...state });
    }
    await this.#tellCounts(connections);
  }

  /** Tells those of any user who have subscribed to the topic. */
  publish(topic: InboxTopic, frame: object): void {
    for (const connections of this.#connections.values()) {
      for (const connection of connections) if (connection.topics.has(topic)) sendControl(connection, frame);
    }
  }

  async #greet(connection: Connection<Item>, newest: number): Promise<void> {
    const { userId } = connection;
    const counts = (await this.#source.counts([userId])).get(userId) ?? NOTHING;
    sendControl(connection, {
      type: 'hello',
      seq: newest,
      ...counts,
      connections: this.#connections.get(userId)?.size ?? 0,
      server_time: formatInstant(this.#clock.now()),
    });
  }

  /** Further back than the replay reaches, the client is told to read the list anew. */
  #goOnAfter(connection: Connection<Item>, afterSeq: number, newest: number): void {
    const oldest = newest - REPLAY_LIMIT;
    if (connection.isTalking && afterSeq < oldest) {
      sendControl(connection, { type: 'resync', seq: newest });
      connection.seq = newest;
    } else {
      connection.seq = Math.max(afterSeq, oldest);
    }
  }

  async #tellCounts(connections: readonly Connection<Item>[]): Promise<void> {
    const talking = connections.filter((connection) => connection.isTalking);
    if (talking.length === 0) return;
    const counts = await this.#source.counts([...new Set(talking.map((connection) => connection.userId))]);
    for (const connection of talking) {
      const { unread, unseen } = counts.get(connection.userId) ?? NOTHING;
      sendControl(connection, { type: 'counts', seq: connection.seq, unread, unseen });
    }
  }

  /** Commands of a client are done one after the other. */
  #take(connection: Connection<Item>, text: string): void {
    if (connection.queued >= COMMANDS_WAITING) {
      connection.socket.close(TOO_MANY_COMMANDS, 'too many commands at once');
      return;
    }
    const command = parseInboxCommand(text, this.#clock.now());
    if ('problem' in command) {
      sendControl(connection, { type: 'error', detail: command.problem });
      return;
    }
    connection.queued++;
    connection.turns = connection.turns
      .then(() => this.#obey(connection, command))
      .catch((error) => this.#fail(connection, error))
      .finally(() => {
        connection.queued--;
      });
  }

  async #obey(connection: Connection<Item>, command: InboxCommand): Promise<void> {
    const { userId, topics } = connection;
    switch (command.type) {
      case 'pong':
        return;
      case 'subscribe':
        topics.clear();
        for (const topic of command.topics) topics.add(topic);
        return;
      case 'resume':
        this.#goOnAfter(connection, command.afterSeq, (await this.#source.newest([userId])).get(userId) ?? 0);
        return this.#pump(connection);
      default:
        return this.#source.act(userId, command);
    }
  }

  /** Looks for what others (another process, an earlier run) have written for connected users. */
  async sweep(): Promise<void> {
    if (this.#connections.size === 0) return;
    const newest = await this.#source.newest([...this.#connections.keys()]);
    const behind: Connection<Item>[] = [];
    for (const [userId, connections] of this.#connections) {
      for (const connection of connections) if (connection.seq < (newest.get(userId) ?? 0)) behind.push(connection);
    }
    await Promise.all(behind.map((connection) => this.#pump(connection)));
    // Numbers become visible in their order: what up to here was not found is archived, snoozed or deleted.
    for (const connection of behind) {
      if (!connection.pumping && !connection.draining)
        connection.seq = Math.max(connection.seq, newest.get(connection.userId) ?? 0);
    }
    await this.#tellCounts(behind);
  }

  close(): void {
    this.#closed = true;
    this.#pings?.cancel();
    for (const connections of this.#connections.values()) {
      for (const { socket } of connections) socket.close(GOING_AWAY, 'the service is stopping');
    }
  }

  #watch(connection: Connection<Item>): void {
    const { socket } = connection;
    const seen = () => {
      connection.seenAt = this.#clock.now();
    };
    socket.on('pong', seen);
    socket.on('message', (data) => {
      seen();
      if (connection.isTalking) this.#take(connection, String(data));
    });
    socket.on('close', () => this.#remove(connection));
    this.#pings ??= this.#clock.setTimer(PING_MS, () => this.#pingAll());
  }

  #remove(connection: Connection<Item>): void {
    const siblings = this.#connections.get(connection.userId);
    siblings?.delete(connection);
    if (siblings?.size === 0) this.#connections.delete(connection.userId);
  }

  #pingAll(): void {
    this.#pings = undefined;
    if (this.#closed || this.#connections.size === 0) return;
    const deadline = this.#clock.now() - DEAD_MS;
    for (const connections of this.#connections.values()) {
      for (const { socket, seenAt } of connections) {
        if (seenAt <= deadline) socket.terminate();
        else if (socket.readyState === socket.OPEN) socket.ping();
      }
      // Programs in browsers do not see pings of the protocol.
      for (const connection of connections) sendControl(connection, { type: 'ping' });
    }
    this.#pings = this.#clock.setTimer(PING_MS, () => this.#pingAll());
  }

  /** Sends what is new, as far as the client reads: one that does not is waited for by nobody. */
  async #pump(connection: Connection<Item>): Promise<void> {
    connection.again = true;
    if (connection.pumping || connection.draining) return;
    connection.pumping = true;
    try {
      while (connection.again && !connection.draining && connection.socket.readyState === connection.socket.OPEN) {
        connection.again = false;
        await this.#sendPage(connection);
      }
    } catch (error) {
      this.#fail(connection, error);
    } finally {
      connection.pumping = false;
    }
  }

  async #sendPage(connection: Connection<Item>): Promise<void> {
    const items = await this.#source.after(connection.userId, connection.seq, PAGE);
    if (items.length === PAGE) connection.again = true;
    for (const { seq, item } of items) {
      if (connection.socket.readyState !== connection.socket.OPEN) return;
      const sent = new Promise<void>((resolve) => connection.socket.send(connection.format(item), () => resolve()));
      connection.seq = seq;
      if (connection.socket.bufferedAmount <= BUFFER_LIMIT) continue;
      connection.again = true;
      this.#drain(connection, sent);
      return;
    }
  }

  /** Goes on when the client has read what is buffered; cuts it where that takes too long. */
  #drain(connection: Connection<Item>, sent: Promise<void>): void {
    const { socket } = connection;
    connection.draining = true;
    const timer = this.#clock.setTimer(DRAIN_MS, () => {
      this.#logger.info({ user_id: connection.userId, buffered: socket.bufferedAmount }, 'a slow inbox client was cut');
      socket.close(TOO_SLOW, 'too slow: resync, connect again with after_seq');
      this.#remove(connection);
      this.#clock.setTimer(DRAIN_MS, () => socket.terminate());
    });
    void sent.then(() => {
      timer.cancel();
      connection.draining = false;
      if (socket.readyState === socket.OPEN) void this.#pump(connection);
    });
  }

  #fail(connection: Connection<Item>, error: unknown): void {
    this.#logger.warn({ err: error, user_id: connection.userId }, 'an inbox could not be read for its socket');
    connection.socket.close(TRY_AGAIN, 'try again later');
  }
}
