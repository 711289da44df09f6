import type { Clock } from '../../model/clock.ts';
import type { Channel, ChannelMessage, DeliveryOutcome } from '../channel.ts';
import { type ChatDialect, ChatWebhook } from '../chat-webhook.ts';
import type { OutgoingHttp } from '../outgoing-http.ts';
import { SlackBot, type SlackBotOptions } from './bot.ts';
import { slackBody } from './payload.ts';

export type { SlackBotOptions } from './bot.ts';

export interface SlackOptions {
  readonly webhookUrl?: string | undefined;
  readonly bot?: SlackBotOptions | undefined;
}

const SLACK: ChatDialect = {
  variable: 'SLACK_WEBHOOK_URL, or SLACK_BOT_TOKEN and SLACK_CHANNEL',
  target: 'a Slack webhook',
  // One message a second for each channel.
  paceMs: 1000,
  body: slackBody,
  explain(outcome, answer) {
    if (outcome.outcome === 'sent') return outcome;
    // Slack's own word, such as `channel_is_archived`.
    const word = /^[a-z_]{2,60}$/.exec(answer.body.trim())?.[0];
    return word === undefined ? outcome : { ...outcome, detail: `${outcome.detail}: ${word}` };
  },
};

/**
 * Slack by incoming webhooks (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks) and, for
 * addresses that are channels, by a bot.
 */
export class SlackChannel implements Channel {
  readonly deduplicates = false;
  readonly threads = true;
  readonly timeoutMs = 20_000;
  readonly paceMs = 1000;
  readonly #webhook: ChatWebhook;
  readonly #bot: SlackBot | undefined;

  constructor({ webhookUrl, bot }: SlackOptions, http: OutgoingHttp, clock: Clock) {
    this.#webhook = new ChatWebhook(SLACK, webhookUrl, http, clock);
    this.#bot = bot && new SlackBot(bot, http, clock);
  }

  get hasDefault(): boolean {
    return this.#webhook.hasDefault || this.#bot?.hasDefault === true;
  }

  unavailable(address: string): string | undefined {
    if (isWebhook(address)) return undefined;
    if (address !== '') return this.#bot ? undefined : 'set SLACK_BOT_TOKEN';
    return this.hasDefault ? undefined : this.#webhook.unavailable('');
  }

  checkAddress(address: string): string | undefined {
    if (isWebhook(address)) return this.#webhook.checkAddress(address);
    return /^([#@]?[\p{L}\p{N}][\p{L}\p{N}._-]{0,79})$/u.test(address)
      ? undefined
      : 'is neither the https URL of a Slack webhook nor a channel such as #alerts';
  }

  describe(address: string): string {
    return this.#choose(address).describe(address);
  }

  endpoint(address: string): string {
    return this.#choose(address).endpoint(address);
  }

  send(message: ChannelMessage, address: string, signal: AbortSignal): Promise<DeliveryOutcome> {
    return this.#choose(address).send(message, address, signal);
  }

  async close(): Promise<void> {}

  /** Of a default webhook and a default channel of the bot, the bot's: it can do more. */
  #choose(address: string): ChatWebhook | SlackBot {
    if (isWebhook(address) || !this.#bot) return this.#webhook;
    return address !== '' || this.#bot.hasDefault ? this.#bot : this.#webhook;
  }
}

/** Anything that looks like a URL: a mistyped one is not a channel. */
function isWebhook(address: string): boolean {
  return address.includes(':');
}
