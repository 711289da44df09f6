import type { Clock } from '../../model/clock.ts';
import type { Channel, ChannelMessage, DeliveryOutcome } from '../channel.ts';
import { jsonObject } from '../json-object.ts';
import { type OutgoingAnswer, type OutgoingHttp, outcomeOfError, outcomeOfStatus } from '../outgoing-http.ts';
import { telegramText } from './text.ts';

export interface TelegramOptions {
  readonly token: string;
  /** The chat that those get who name none: an id, or the `@name` of a channel. */
  readonly chatId?: string | undefined;
  /** Default: Telegram's own. */
  readonly apiUrl?: string | undefined;
}

/** An id or a channel's name, and the topic in it. */
const CHAT = /^(-?\d{1,20}|@[A-Za-z][A-Za-z0-9_]{3,60})(?::(\d{1,20}))?$/;
/** A bot of its own, as receivers of the alert routing have: `https://api.telegram.org/bot<token>/sendMessage?chat_id=...`. */
const BOT_URL = /^https?:\/\/[^\s?#]+\/bot[^/\s?#]+\/sendMessage\?chat_id=[^&\s]+(&message_thread_id=\d+)?$/i;

/** Telegram's Bot API: https://core.telegram.org/bots/api#sendmessage */
export class TelegramChannel implements Channel {
  readonly deduplicates = false;
  readonly timeoutMs = 20_000;
  /** One message a second to one chat. */
  readonly paceMs = 1000;
  readonly #options: TelegramOptions | undefined;
  readonly #http: OutgoingHttp;
  readonly #clock: Clock;

  constructor(options: TelegramOptions | undefined, http: OutgoingHttp, clock: Clock) {
    this.#options = options;
    this.#http = http;
    this.#clock = clock;
  }

  get hasDefault(): boolean {
    return this.#options?.chatId !== undefined;
  }

  unavailable(address: string): string | undefined {
    if (BOT_URL.test(address)) return undefined;
    if (!this.#options) return 'set TELEGRAM_BOT_TOKEN';
    return address !== '' || this.hasDefault ? undefined : 'set TELEGRAM_CHAT_ID, or give the chat to send to';
  }

  checkAddress(address: string): string | undefined {
    return CHAT.test(address) || BOT_URL.test(address) ? undefined : 'is not a chat such as -1001234567890 or @channel';
  }

  describe(address: string): string {
    return BOT_URL.test(address)
      ? (new URL(address).searchParams.get('chat_id') ?? '')
      : address || this.#options!.chatId!;
  }

  endpoint(address: string): string {
    return BOT_URL.test(address) ? new URL(address).host : 'telegram';
  }

  async send(message: ChannelMessage, address: string, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { url, chat, thread } = this.#target(address);
    const body = JSON.stringify({
      chat_id: chat,
      ...(thread !== undefined && { message_thread_id: Number(thread) }),
      text: telegramText(message),
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    });
    try {
      const headers = { 'content-type': 'application/json' };
      return outcomeOf(await this.#http.post({ url, headers, body, signal }), this.#clock.now());
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  #target(address: string): { url: string; chat: string; thread: string | undefined } {
    if (BOT_URL.test(address)) {
      const url = new URL(address);
      const [chat = '', thread] = [url.searchParams.get('chat_id')!, url.searchParams.get('message_thread_id')];
      url.search = '';
      return { url: url.href, chat, thread: thread ?? undefined };
    }
    const { token, chatId, apiUrl = 'https://api.telegram.org' } = this.#options!;
    const [, chat = '', thread] = CHAT.exec(address || chatId!) ?? [];
    return { url: `${apiUrl.replace(/\/$/, '')}/bot${token}/sendMessage`, chat, thread };
  }

  async close(): Promise<void> {}
}

function outcomeOf(answer: OutgoingAnswer, now: number): DeliveryOutcome {
  const outcome = outcomeOfStatus(answer, now);
  const { result, description, parameters } = jsonObject(answer.body);
  if (outcome.outcome === 'sent') {
    const id = (result as { message_id?: unknown } | undefined)?.message_id;
    return typeof id === 'number' ? { ...outcome, providerId: String(id) } : outcome;
  }
  const detail = typeof description === 'string' ? `${outcome.detail}: ${description.slice(0, 200)}` : outcome.detail;
  const wait = (parameters as { retry_after?: unknown } | undefined)?.retry_after;
  if (outcome.outcome === 'retry') {
    return { ...outcome, detail, ...(typeof wait === 'number' && { retryAfterMs: Math.min(3600, wait) * 1000 }) };
  }
  // The bot was thrown out or blocked, or the chat is gone: its owner's doing, not the token's.
  if (answer.status === 403 || /chat not found/i.test(detail)) {
    return { outcome: 'failed', reason: 'address_rejected', detail };
  }
  return answer.status === 404 ? { outcome: 'failed', reason: 'authentication', detail } : { ...outcome, detail };
}
