import type { Clock } from '../../model/clock.ts';
import { type ChatDialect, ChatWebhook } from '../chat-webhook.ts';
import { jsonObject } from '../json-object.ts';
import type { OutgoingHttp } from '../outgoing-http.ts';
import { discordBody } from './payload.ts';

/** Of Discord's answers to wait, seconds; at most an hour. */
const LONGEST_WAIT_SECONDS = 3600;

const DISCORD: ChatDialect = {
  variable: 'DISCORD_WEBHOOK_URL',
  target: 'a Discord webhook',
  // Thirty messages a minute for each webhook.
  paceMs: 2000,
  body: discordBody,
  explain(outcome, answer) {
    const body = jsonObject(answer.body);
    if (outcome.outcome === 'retry' && typeof body.retry_after === 'number') {
      const seconds = Math.min(LONGEST_WAIT_SECONDS, Math.max(0, body.retry_after));
      return { ...outcome, retryAfterMs: Math.ceil(seconds * 1000) };
    }
    if (outcome.outcome === 'sent' || typeof body.message !== 'string') return outcome;
    return { ...outcome, detail: `${outcome.detail}: ${body.message.replace(/\s+/g, ' ').slice(0, 200)}` };
  },
};

/** Webhooks of Discord: https://discord.com/developers/docs/resources/webhook#execute-webhook */
export class DiscordChannel extends ChatWebhook {
  constructor(url: string | undefined, http: OutgoingHttp, clock: Clock) {
    super(DISCORD, url, http, clock);
  }
}
