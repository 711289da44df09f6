import type { Clock } from '../model/clock.ts';
import type { Channel, ChannelMessage, DeliveryOutcome } from './channel.ts';
import { type OutgoingAnswer, type OutgoingHttp, outcomeOfError, outcomeOfStatus } from './outgoing-http.ts';
import { redactUrl } from './redact-url.ts';

/** What one chat's incoming webhook has of its own. */
export interface ChatDialect {
  /** The setting that names the default webhook. */
  readonly variable: string;
  /** As in "is not the https URL of ...". */
  readonly target: string;
  /** Milliseconds between two messages to one webhook. */
  readonly paceMs: number;
  body(message: ChannelMessage): string;
  /** Adds what the chat's answer tells beyond its status. */
  explain(outcome: DeliveryOutcome, answer: OutgoingAnswer): DeliveryOutcome;
}

/** A chat that takes messages as JSON at a secret https address. */
export class ChatWebhook implements Channel {
  readonly deduplicates = false;
  readonly timeoutMs = 20_000;
  readonly paceMs: number;
  readonly #dialect: ChatDialect;
  readonly #url: string | undefined;
  readonly #http: OutgoingHttp;
  readonly #clock: Clock;

  constructor(dialect: ChatDialect, url: string | undefined, http: OutgoingHttp, clock: Clock) {
    this.paceMs = dialect.paceMs;
    this.#dialect = dialect;
    this.#url = url;
    this.#http = http;
    this.#clock = clock;
  }

  get hasDefault(): boolean {
    return this.#url !== undefined;
  }

  unavailable(address: string): string | undefined {
    return address !== '' || this.hasDefault ? undefined : `set ${this.#dialect.variable}`;
  }

  checkAddress(address: string): string | undefined {
    const isHttps = URL.canParse(address) && /^https:/i.test(address);
    return isHttps ? undefined : `is not the https URL of ${this.#dialect.target}`;
  }

  describe(address: string): string {
    return redactUrl(address || this.#url!);
  }

  endpoint(address: string): string {
    return new URL(address || this.#url!).host;
  }

  async send(message: ChannelMessage, address: string, signal: AbortSignal): Promise<DeliveryOutcome> {
    try {
      const answer = await this.#http.post({
        url: address || this.#url!,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: this.#dialect.body(message),
        signal,
      });
      return this.#dialect.explain(outcomeOfStatus(answer, this.#clock.now()), answer);
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  async close(): Promise<void> {}
}
