import { apiKey } from './credentials.ts';
import { serviceUrl } from './http.ts';
import type { Notification, NotificationFrame } from './types.ts';

interface SocketHandlers {
  onNotification: (notification: Notification) => void;
  /** Items are in another state now, or more was missed than is sent again. */
  onChanged: () => void;
  onConnected: (connected: boolean) => void;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/**
 * The notifications of one user as they come. Reconnects with growing, random delays, so that many consoles
 * do not return at once after a restart; asks for what it missed by the last sequence number.
 */
export class NotificationSocket {
  readonly #userId: string;
  readonly #handlers: SocketHandlers;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;
  #lastSeq: number | undefined;
  #closed = false;

  constructor(userId: string, handlers: SocketHandlers) {
    this.#userId = userId;
    this.#handlers = handlers;
  }

  connect(): void {
    const url = serviceUrl(`api/notifications/ws/${encodeURIComponent(this.#userId)}`, { after_seq: this.#lastSeq });
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    // A browser cannot set headers here: the key travels as a subprotocol.
    const key = apiKey();
    const credentials = key === undefined ? [] : ['bearer-base64url', base64url(key)];
    const socket = new WebSocket(url, ['system-service.v1', ...credentials]);
    this.#socket = socket;
    socket.onopen = () => {
      this.#attempts = 0;
      this.#handlers.onConnected(true);
    };
    socket.onmessage = (event) => this.#receive(socket, String(event.data));
    socket.onclose = () => this.#reconnect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
  }

  #receive(socket: WebSocket, text: string): void {
    const frame = parseFrame(text);
    if (frame?.type === 'ping') socket.send('{"type":"pong"}');
    if (frame?.type === 'hello') this.#lastSeq ??= frame.seq;
    if (frame?.type === 'updated' || frame?.type === 'resync') this.#handlers.onChanged();
    if (frame?.type !== 'notification' || (this.#lastSeq !== undefined && frame.seq <= this.#lastSeq)) return;
    this.#lastSeq = frame.seq;
    const { notification_type, seq: _seq, ...rest } = frame;
    this.#handlers.onNotification({ ...rest, type: notification_type });
  }

  #reconnect(): void {
    if (this.#closed) return;
    this.#handlers.onConnected(false);
    const most = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempts++);
    this.#timer = setTimeout(() => this.connect(), most / 2 + (Math.random() * most) / 2);
  }
}

type Frame = NotificationFrame | { type: 'hello' | 'updated' | 'counts' | 'resync' | 'ping'; seq: number };

function parseFrame(text: string): Frame | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Frame) : undefined;
  } catch {
    return undefined;
  }
}

function base64url(text: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
