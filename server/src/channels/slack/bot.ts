import { createHash } from 'node:crypto';
import type { Clock } from '../../model/clock.ts';
import type { ChannelMessage, DeliveryOutcome, DeliveryReason } from '../channel.ts';
import { jsonObject } from '../json-object.ts';
import { type OutgoingHttp, outcomeOfError, outcomeOfStatus } from '../outgoing-http.ts';
import { slackMessage } from './payload.ts';

export interface SlackBotOptions {
  /** `xoxb-...`, with the scope `chat:write`. */
  readonly token: string;
  /** Of those who name none: `#alerts`, or an id of a channel or person. */
  readonly channel?: string | undefined;
  /** Default: Slack's own. */
  readonly apiUrl?: string | undefined;
}

/** Slack's words for what went wrong: https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const REASONS: Readonly<Record<string, DeliveryReason>> = {
  channel_not_found: 'address_rejected',
  not_in_channel: 'address_rejected',
  is_archived: 'address_rejected',
  user_not_found: 'address_rejected',
  cannot_dm_bot: 'address_rejected',
  restricted_action: 'rejected',
  msg_too_long: 'too_large',
  msg_blocks_too_long: 'too_large',
  too_many_attachments: 'too_large',
};
const AUTHENTICATION = new Set(
  'not_authed invalid_auth account_inactive token_expired token_revoked no_permission missing_scope not_allowed_token_type org_login_required access_denied ekm_access_denied'.split(
    ' ',
  ),
);
const PASSING = new Set('internal_error fatal_error service_unavailable request_timeout team_added_to_org'.split(' '));
const LIMITED = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);
const HINTS: Readonly<Record<string, string>> = {
  not_in_channel: ' (invite the bot: /invite @bot)',
  missing_scope: ' (the bot needs chat:write)',
};

interface Said {
  readonly outcome: DeliveryOutcome;
  /** `<channel>/<ts>`. */
  readonly id?: string;
}

/**
 * Slack's Web API: an episode is a thread, and its first message turns green when the episode ends.
 * https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/reference/methods/chat.update
 */
export class SlackBot {
  readonly #options: SlackBotOptions;
  readonly #http: OutgoingHttp;
  readonly #clock: Clock;

  constructor(options: SlackBotOptions, http: OutgoingHttp, clock: Clock) {
    this.#options = options;
    this.#http = http;
    this.#clock = clock;
  }

  get hasDefault(): boolean {
    return this.#options.channel !== undefined;
  }

  describe(address: string): string {
    return address || (this.#options.channel ?? '');
  }

  /** Tokens fail one by one. */
  endpoint(): string {
    return `bot ${createHash('sha256').update(this.#options.token).digest('hex').slice(0, 8)}`;
  }

  async send(message: ChannelMessage, address: string, signal: AbortSignal): Promise<DeliveryOutcome> {
    const [channelId, ts] = message.threadRoot?.split('/') ?? [];
    const isReply = channelId !== undefined && ts !== undefined;
    if (isReply && message.good) {
      // First, and with the same result every time: the reply below is what may not be repeated.
      const { outcome } = await this.#call('chat.update', { channel: channelId, ts, ...slackMessage(message) }, signal);
      // A message that is gone or closed to changes is no reason to keep the news back.
      if (outcome.outcome === 'retry') return { ...outcome, mayHaveArrived: false };
    }
    const { outcome, id } = await this.#call(
      'chat.postMessage',
      {
        channel: isReply ? channelId : address || this.#options.channel,
        ...slackMessage(message),
        unfurl_links: false,
        ...(isReply && { thread_ts: ts }),
      },
      signal,
    );
    return outcome.outcome === 'sent' && id !== undefined ? { ...outcome, providerId: id } : outcome;
  }

  async #call(method: string, body: object, signal: AbortSignal): Promise<Said> {
    const { token, apiUrl = 'https://slack.com/api' } = this.#options;
    try {
      const answer = await this.#http.post({
        url: `${apiUrl.replace(/\/$/, '')}/${method}`,
        headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
        signal,
      });
      const outcome = outcomeOfStatus(answer, this.#clock.now());
      const { ok, error, channel, ts } = jsonObject(answer.body);
      if (outcome.outcome !== 'sent' && typeof error !== 'string') return { outcome };
      if (ok === true) return { outcome, id: `${String(channel)}/${String(ts)}` };
      // Slack answers 200 to what it refuses.
      const wait = outcome.outcome === 'retry' ? outcome.retryAfterMs : undefined;
      return { outcome: refusal(typeof error === 'string' ? error : 'no answer of Slack’s', method, wait) };
    } catch (error) {
      return { outcome: outcomeOfError(error) };
    }
  }
}

function refusal(error: string, method: string, retryAfterMs: number | undefined): DeliveryOutcome {
  const word = error.replace(/[^\w ’]/g, '').slice(0, 60);
  const detail = `${method} answered ${word}${HINTS[word] ?? ''}`;
  const wait = retryAfterMs !== undefined && { retryAfterMs };
  if (LIMITED.has(word)) return { outcome: 'retry', reason: 'rate_limited', detail, endpoint: 'none', ...wait };
  if (AUTHENTICATION.has(word)) return { outcome: 'retry', reason: 'authentication', detail, endpoint: 'open' };
  if (PASSING.has(word)) return { outcome: 'retry', reason: 'server_error', detail, ...wait };
  // A channel that is gone says nothing about the bot.
  return { outcome: 'failed', reason: REASONS[word] ?? 'rejected', detail };
}
