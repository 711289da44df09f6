import type { Clock } from '../model/clock.ts';
import type { Issue } from '../model/errors.ts';
import type { ChannelName } from '../model/notification-request.ts';
import type { Channel } from './channel.ts';
import { DiscordChannel } from './discord/index.ts';
import { EmailChannel } from './email/index.ts';
import { NtfyChannel } from './ntfy/index.ts';
import type { OutgoingHttp } from './outgoing-http.ts';
import { PagerDutyChannel } from './pagerduty/index.ts';
import { SlackChannel } from './slack/index.ts';
import { SmsChannel } from './sms/index.ts';
import { TeamsChannel } from './teams/index.ts';
import { TelegramChannel } from './telegram/index.ts';
import { WebhookChannel } from './webhook/index.ts';

/** Channels that send; the inbox (`in_app`) is written together with the notification itself. */
export type SendingChannelName = Exclude<ChannelName, 'in_app'>;

/** One setting of a kind of channel. */
interface ChannelField {
  readonly name: string;
  readonly help: string;
  /** True: goes in and never comes out. */
  readonly secret?: true;
  readonly required?: true;
  /** True: where the secrets are sent to; they have to be given again when it changes. */
  readonly destination?: true;
}

export type ChannelSettings = Readonly<Record<string, string>>;

export interface OpenedChannel {
  readonly channel: Channel;
  /** Where it sends to, unless told otherwise. */
  readonly address: string;
}

export interface ChannelKind {
  readonly fields: readonly ChannelField[];
  /** Throws where a setting cannot be used. */
  open(settings: ChannelSettings, http: OutgoingHttp, clock: Clock): OpenedChannel;
}

const secret = (name: string, help: string): ChannelField => ({ name, help, secret: true });
const needed = (field: ChannelField): ChannelField => ({ ...field, required: true });
const plain = (name: string, help: string): ChannelField => ({ name, help });
const server = (help: string): ChannelField => ({ name: 'api_url', help, destination: true });

/** What each kind of channel is set up with. */
export const CHANNEL_KINDS: Readonly<Record<SendingChannelName, ChannelKind>> = {
  email: {
    fields: [
      needed(secret('url', 'smtp://user:password@host:587 or smtps://; ?tls=required, opportunistic or off')),
      needed(plain('from', 'sender: alerts@example.org or Name <alerts@example.org>')),
      plain('to', 'recipients where none is named, several with commas'),
    ],
    open: ({ url = '', from = '', to = '' }) => ({
      channel: new EmailChannel({ url, from }),
      address: addressesOf(to).join(','),
    }),
  },
  slack: {
    fields: [
      secret('webhook_url', 'an incoming webhook, or bot_token'),
      secret('bot_token', 'xoxb-...: threads, and messages that change when they are resolved'),
      plain('channel', 'for the bot: #channel or the id of a channel or person'),
      server('another server of Slack’s Web API'),
    ],
    open: ({ webhook_url: webhookUrl, bot_token: token, channel, api_url: apiUrl }, http, clock) => {
      if ((webhookUrl === undefined) === (token === undefined)) {
        throw new ChannelSettingError('webhook_url', 'give either webhook_url or bot_token');
      }
      if (token !== undefined && channel === undefined) throw new ChannelSettingError('channel', 'name the channel');
      const bot = token === undefined ? undefined : { token, channel, apiUrl };
      return { channel: new SlackChannel({ webhookUrl, bot }, http, clock), address: '' };
    },
  },
  teams: {
    fields: [needed(secret('webhook_url', 'webhook of a workflow'))],
    open: ({ webhook_url: url }, http, clock) => ({ channel: new TeamsChannel(url, http, clock), address: '' }),
  },
  sms: {
    fields: [
      needed(plain('account_sid', 'Twilio account: AC...')),
      needed(secret('auth_token', 'its token')),
      needed(plain('from', 'sending number, E.164, or a messaging service: MG...')),
      plain('to', 'number where none is named, E.164'),
      server('another server of Twilio’s API'),
    ],
    open: (
      { account_sid: accountSid = '', auth_token: authToken = '', from = '', to = '', api_url: apiUrl },
      ...rest
    ) => ({
      channel: new SmsChannel({ accountSid, authToken, from, apiUrl }, ...rest),
      address: to,
    }),
  },
  webhook: {
    fields: [
      needed(secret('url', 'http or https')),
      secret('secret', 'signs: whsec_ and the base64 of 24 to 64 random bytes; two while one replaces the other'),
    ],
    open: ({ url = '', secret: key }, http, clock) => ({
      channel: new WebhookChannel({ url, secret: key }, http, clock),
      address: '',
    }),
  },
  discord: {
    fields: [needed(secret('webhook_url', 'webhook of a channel'))],
    open: ({ webhook_url: url }, http, clock) => ({ channel: new DiscordChannel(url, http, clock), address: '' }),
  },
  telegram: {
    fields: [
      needed(secret('bot_token', 'token of the bot')),
      needed(plain('chat_id', 'chat that it writes to: an id or @channel, with :topic')),
      server('another server of Telegram’s Bot API'),
    ],
    open: ({ bot_token: token = '', chat_id: chatId, api_url: apiUrl }, http, clock) => ({
      channel: new TelegramChannel({ token, chatId, apiUrl }, http, clock),
      address: '',
    }),
  },
  ntfy: {
    fields: [
      needed({ ...plain('url', 'URL of a topic: https://ntfy.sh/my-alerts'), destination: true }),
      secret('token', 'access token of that server'),
    ],
    open: ({ url = '', token }, http, clock) => ({
      channel: new NtfyChannel({ url, token }, http, clock),
      address: '',
    }),
  },
  pagerduty: {
    fields: [
      needed(secret('routing_key', 'integration key of a service (Events API 2)')),
      server('another server of PagerDuty’s events'),
    ],
    open: ({ routing_key: routingKey, api_url: apiUrl }, http, clock) => ({
      channel: new PagerDutyChannel({ routingKey, apiUrl }, http, clock),
      address: '',
    }),
  },
};

/** What is wrong with a setting of a channel. */
class ChannelSettingError extends Error {
  override readonly name = 'ChannelSettingError';
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** Everything that is wrong with a channel's settings; `path` is the name of the setting. */
export function checkChannel(kind: SendingChannelName, settings: ChannelSettings): Issue[] {
  const { fields } = CHANNEL_KINDS[kind];
  const issues: Issue[] = [];
  for (const name of Object.keys(settings)) {
    if (fields.some((field) => field.name === name)) continue;
    const known = fields.map((field) => field.name).join(', ');
    issues.push({ path: name, message: `a channel of the kind ${kind} has no such setting; it has ${known}` });
  }
  for (const { name, required, help } of fields) {
    if (required && settings[name] === undefined) issues.push({ path: name, message: `is missing: ${help}` });
    const problem = settings[name] === undefined ? undefined : checkText(name, settings[name]);
    if (problem !== undefined) issues.push({ path: name, message: problem });
  }
  if (issues.length > 0) return issues;
  return checkOpening(kind, settings);
}

function checkOpening(kind: SendingChannelName, settings: ChannelSettings): Issue[] {
  try {
    const { channel, address } = CHANNEL_KINDS[kind].open(settings, NO_HTTP, NO_CLOCK);
    const wrong = addressesOf(address).flatMap((one) => channel.checkAddress(one) ?? []);
    if (wrong.length > 0) return wrong.map((message) => ({ path: 'to', message }));
    const target = { slack: settings.webhook_url ?? settings.channel, telegram: settings.chat_id };
    const own = {
      ntfy: settings.url,
      teams: settings.webhook_url,
      discord: settings.webhook_url,
      webhook: settings.url,
    };
    const [name, value] = Object.entries({ ...target, ...own }).find(([one]) => one === kind) ?? [];
    const problem = name === undefined || value === undefined ? undefined : channel.checkAddress(value);
    if (problem === undefined) return [];
    return [{ path: Object.keys(settings).find((key) => settings[key] === value)!, message: problem }];
  } catch (error) {
    const field = error instanceof ChannelSettingError ? error.field : CHANNEL_KINDS[kind].fields[0]!.name;
    const path = /whsec_/.test((error as Error).message) ? 'secret' : field;
    return [{ path, message: (error as Error).message }];
  }
}

/** Channels do not touch these before they send. */
const NO_HTTP = undefined as unknown as OutgoingHttp;
const NO_CLOCK = undefined as unknown as Clock;

function checkText(name: string, value: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(value)) return 'use no line breaks or control characters';
  if (!/url$/.test(name) || name === 'url') return undefined;
  return URL.canParse(value) && /^https?:/i.test(value) ? undefined : 'is not an http or https URL';
}

function addressesOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
