import { truncate } from '../../lib/truncate.ts';
import type { Clock } from '../../model/clock.ts';
import type { Channel, ChannelMessage, DeliveryOutcome } from '../channel.ts';
import { type OutgoingHttp, outcomeOfError, outcomeOfStatus } from '../outgoing-http.ts';
import { redactUrl } from '../redact-url.ts';
import { shortenList } from '../shorten-list.ts';

export interface NtfyOptions {
  /** `https://ntfy.sh/topic`. */
  readonly url: string;
  /** Access token, for this server alone. */
  readonly token?: string | undefined;
}

/** Bytes of a message: beyond, the server makes it an attachment. https://docs.ntfy.sh/publish/#limitations */
const MESSAGE_BYTES = 4096;
const PRIORITIES = { info: 3, warning: 4, error: 4, critical: 5 } as const;
const TAGS = {
  info: 'information_source',
  warning: 'warning',
  error: 'rotating_light',
  critical: 'rotating_light',
} as const;
/** The server's root and a topic. */
const TOPIC_URL = /^(https?:\/\/[^\s?#]+?)\/([A-Za-z0-9_-]{1,64})\/?$/i;

/** ntfy: https://docs.ntfy.sh/publish/#publish-as-json */
export class NtfyChannel implements Channel {
  readonly deduplicates = false;
  readonly timeoutMs = 20_000;
  readonly paceMs = 1000;
  readonly #options: NtfyOptions | undefined;
  readonly #http: OutgoingHttp;
  readonly #clock: Clock;

  constructor(options: NtfyOptions | undefined, http: OutgoingHttp, clock: Clock) {
    this.#options = options;
    this.#http = http;
    this.#clock = clock;
  }

  get hasDefault(): boolean {
    return this.#options !== undefined;
  }

  unavailable(address: string): string | undefined {
    return address !== '' || this.hasDefault ? undefined : 'set NTFY_URL, or give the URL of a topic';
  }

  checkAddress(address: string): string | undefined {
    return TOPIC_URL.test(address) ? undefined : 'is not the URL of a topic such as https://ntfy.sh/my-alerts';
  }

  describe(address: string): string {
    return redactUrl(address || this.#options!.url);
  }

  endpoint(address: string): string {
    return new URL(address || this.#options!.url).host;
  }

  async send(message: ChannelMessage, address: string, signal: AbortSignal): Promise<DeliveryOutcome> {
    const [, root = '', topic = ''] = TOPIC_URL.exec(address || this.#options!.url) ?? [];
    const { url, token } = this.#options ?? {};
    // Others' servers do not get our token.
    const isOurs = token !== undefined && url !== undefined && new URL(url).host === new URL(root).host;
    try {
      const answer = await this.#http.post({
        url: `${root}/`,
        headers: { 'content-type': 'application/json', ...(isOurs && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ topic, ...contentOf(message) }),
        signal,
      });
      return outcomeOfStatus(answer, this.#clock.now());
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  async close(): Promise<void> {}
}

function contentOf(message: ChannelMessage) {
  const [link] = message.links;
  const facts = message.facts.map(({ name, value }) => `${name}: ${value}`).join('\n');
  return {
    title: truncate(message.subject || message.message || '-', 250),
    message: withinBytes([message.message, facts].filter((part) => part !== '').join('\n\n') || '-', MESSAGE_BYTES),
    priority: message.good ? 3 : PRIORITIES[message.severity],
    tags: [message.good ? 'white_check_mark' : TAGS[message.severity]],
    ...(link && { click: link.url }),
    // Three is the most that the server takes.
    actions: message.links.slice(0, 3).map(({ label, url }) => ({ action: 'view', label: truncate(label, 60), url })),
  };
}

function withinBytes(text: string, limit: number): string {
  for (let room = limit; ; room = Math.floor(room * 0.75)) {
    const shortened = shortenList(text, room);
    if (Buffer.byteLength(shortened) <= limit) return shortened;
  }
}
