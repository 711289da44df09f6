import type { Clock } from '../../model/clock.ts';
import type { Channel, ChannelMessage, DeliveryOutcome } from '../channel.ts';
import { type OutgoingHttp, outcomeOfError, outcomeOfStatus } from '../outgoing-http.ts';
import { redactUrl } from '../redact-url.ts';
import { alertmanagerBody } from './alertmanager-payload.ts';
import { webhookBody } from './payload.ts';
import { parseSecrets, signWebhook } from './sign.ts';

export interface WebhookOptions {
  readonly url: string;
  /** `whsec_...`; several separated by spaces while one replaces the other. Left out: unsigned. */
  readonly secret?: string | undefined;
}

/**
 * Standard Webhooks 1.0. Only the configured endpoint gets signatures: with its secret on requests to an address that
 * a caller chose, the caller could collect signed messages.
 */
export class WebhookChannel implements Channel {
  readonly deduplicates = true;
  readonly timeoutMs = 20_000;
  readonly paceMs = 0;
  readonly #url: string | undefined;
  readonly #secrets: readonly Buffer[];
  readonly #http: OutgoingHttp;
  readonly #clock: Clock;

  constructor(options: WebhookOptions | undefined, http: OutgoingHttp, clock: Clock) {
    this.#url = options?.url;
    this.#secrets = parseSecrets(options?.secret ?? '');
    this.#http = http;
    this.#clock = clock;
  }

  get hasDefault(): boolean {
    return this.#url !== undefined;
  }

  unavailable(address: string): string | undefined {
    return address !== '' || this.hasDefault ? undefined : 'set WEBHOOK_URL, or give the URL to send to';
  }

  checkAddress(address: string): string | undefined {
    return URL.canParse(address) && /^https?:/i.test(address) ? undefined : 'is not an http or https URL';
  }

  describe(address: string): string {
    return redactUrl(address || this.#url!);
  }

  endpoint(address: string): string {
    return new URL(address || this.#url!).host;
  }

  async send(message: ChannelMessage, address: string, signal: AbortSignal): Promise<DeliveryOutcome> {
    const body = (address === '' ? undefined : alertmanagerBody(message)) ?? webhookBody(message);
    const now = this.#clock.now();
    const stamp = { id: message.deliveryId, timestampSeconds: Math.floor(now / 1000), body };
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'webhook-id': stamp.id,
      'webhook-timestamp': String(stamp.timestampSeconds),
    };
    if (address === '' && this.#secrets.length > 0) headers['webhook-signature'] = signWebhook(this.#secrets, stamp);
    try {
      return outcomeOfStatus(await this.#http.post({ url: address || this.#url!, headers, body, signal }), now);
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  async close(): Promise<void> {}
}
