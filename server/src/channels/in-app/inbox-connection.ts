import type { WebSocket } from 'ws';
import type { InboxTopic } from './inbox-command.ts';

/** The subprotocol with control frames and commands. Without it every frame is one notification. */
export const INBOX_PROTOCOL = 'system-service.v1';

/** One open socket of an inbox. */
export interface InboxConnection<Item> {
  readonly userId: string;
  readonly socket: WebSocket;
  /** An item as the text of a frame. */
  readonly format: (item: Item) => string;
  /** True: it speaks `INBOX_PROTOCOL`. */
  readonly isTalking: boolean;
  readonly topics: Set<InboxTopic>;
  /** The last number that was sent. */
  seq: number;
  seenAt: number;
  pumping: boolean;
  /** True: it has more to read than is kept for it, and gets nothing until it has read that. */
  draining: boolean;
  /** True: something came while pumping. */
  again: boolean;
  /** Commands of the client that wait for their turn. */
  queued: number;
  turns: Promise<void>;
}

/** A new connection, which gets nothing before its `seq` is set. */
export function newConnection<Item>(
  userId: string,
  socket: WebSocket,
  format: (item: Item) => string,
  now: number,
): InboxConnection<Item> {
  return {
    userId,
    socket,
    format,
    isTalking: socket.protocol === INBOX_PROTOCOL,
    topics: new Set(),
    seq: Number.MAX_SAFE_INTEGER,
    seenAt: now,
    pumping: false,
    draining: false,
    again: false,
    queued: 0,
    turns: Promise.resolve(),
  };
}

/** Whoever has more than this to read gets no control frames on top. */
const CONTROL_LIMIT = 1024 * 1024;

/** Sends a control frame, to those only who understand it and still read. */
export function sendControl<Item>(connection: InboxConnection<Item>, frame: object): void {
  const { socket, isTalking } = connection;
  if (!isTalking || socket.readyState !== socket.OPEN || socket.bufferedAmount > CONTROL_LIMIT) return;
  socket.send(JSON.stringify(frame));
}
