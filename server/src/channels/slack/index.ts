import type { Clock } from '../../model/clock.ts';
import { type ChatDialect, ChatWebhook } from '../chat-webhook.ts';
import type { OutgoingHttp } from '../outgoing-http.ts';
import { slackBody } from './payload.ts';

const SLACK: ChatDialect = {
  variable: 'SLACK_WEBHOOK_URL',
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

/** Slack's incoming webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export class SlackChannel extends ChatWebhook {
  constructor(url: string | undefined, http: OutgoingHttp, clock: Clock) {
    super(SLACK, url, http, clock);
  }
}
