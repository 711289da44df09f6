import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';

/** Where the items come from. */
export interface InboxSource<Item> {
  /** A user's items after `seq`, in order. */
  after(userId: string, seq: number, limit: number): Promise<readonly { readonly seq: number; readonly item: Item }[]>;
  /** The newest number of each user; users without any item are left out. */
  newest(userIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

const SOCKETS_PER_USER = 10;
const REPLAY_LIMIT = 500;
const PAGE = 100;
const BUFFER_LIMIT = 1024 * 1024;
const DRAIN_MS = 5000;
const PING_MS = 25_000;
const DEAD_MS = 60_000;

/** Close codes of RFC 6455 and of our own range. */
const GOING_AWAY = 1001;
const TRY_AGAIN = 1013;
const TOO_SLOW = 4008;
const TOO_MANY = 4009;

interface Connection<Item> {
  readonly userId: string;
  readonly socket: WebSocket;
  /** An item as the text of a frame. */
  readonly format: (item: Item) => string;
  /** The last number that was sent. */
  seq: number;
  seenAt: number;
  pumping: boolean;
  /** True: something came while pumping. */
  again: boolean;
}

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
    const connection: Connection<Item> = {
      userId,
      socket,
      format,
      seq: Number.MAX_SAFE_INTEGER,
      seenAt: this.#clock.now(),
      pumping: false,
      again: false,
    };
    siblings.add(connection);
    this.#connections.set(userId, siblings);
    this.#watch(connection);
    try {
      const newest = (await this.#source.newest([userId])).get(userId) ?? 0;
      connection.seq = afterSeq === undefined ? newest : Math.max(afterSeq, newest - REPLAY_LIMIT);
      await this.#pump(connection);
    } catch (error) {
      this.#fail(connection, error);
    }
  }

  /** Sends what is new for these users. */
  async wake(userIds: Iterable<string>): Promise<void> {
    const connections = [...userIds].flatMap((userId) => [...(this.#connections.get(userId) ?? [])]);
    await Promise.all(connections.map((connection) => this.#pump(connection)));
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
    socket.on('message', seen);
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
    }
    this.#pings = this.#clock.setTimer(PING_MS, () => this.#pingAll());
  }

  async #pump(connection: Connection<Item>): Promise<void> {
    connection.again = true;
    if (connection.pumping) return;
    connection.pumping = true;
    try {
      while (connection.again && connection.socket.readyState === connection.socket.OPEN) {
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
      if (connection.socket.bufferedAmount > BUFFER_LIMIT && !(await this.#drained(connection, sent))) return;
    }
  }

  /** False, and the client is gone, where it did not read what is buffered in time. */
  async #drained(connection: Connection<Item>, sent: Promise<void>): Promise<boolean> {
    const { socket } = connection;
    let timer: Timer | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = this.#clock.setTimer(DRAIN_MS, () => resolve('late'));
    });
    const first = await Promise.race([sent, late]);
    timer?.cancel();
    if (first !== 'late') return true;
    this.#logger.info({ user_id: connection.userId, buffered: socket.bufferedAmount }, 'a slow inbox client was cut');
    socket.close(TOO_SLOW, 'too slow; connect again with after_seq');
    this.#remove(connection);
    this.#clock.setTimer(DRAIN_MS, () => socket.terminate());
    return false;
  }

  #fail(connection: Connection<Item>, error: unknown): void {
    this.#logger.warn({ err: error, user_id: connection.userId }, 'an inbox could not be read for its socket');
    connection.socket.close(TRY_AGAIN, 'try again later');
  }
}
