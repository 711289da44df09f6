import type { Clock } from '../model/clock.ts';
import type { ChannelName } from '../model/notification-request.ts';
import { AddressGuard } from './address-guard.ts';
import type { Channel } from './channel.ts';
import { DiscordChannel } from './discord/index.ts';
import { EmailChannel, type EmailOptions } from './email/index.ts';
import { NtfyChannel, type NtfyOptions } from './ntfy/index.ts';
import { OutgoingHttp, type Resolve } from './outgoing-http.ts';
import { PagerDutyChannel, type PagerDutyOptions } from './pagerduty/index.ts';
import { SlackChannel } from './slack/index.ts';
import { SmsChannel, type TwilioOptions } from './sms/index.ts';
import { TeamsChannel } from './teams/index.ts';
import { TelegramChannel, type TelegramOptions } from './telegram/index.ts';
import { WebhookChannel, type WebhookOptions } from './webhook/index.ts';

export interface ChannelOptions {
  readonly smtp?: EmailOptions | undefined;
  readonly webhook?: WebhookOptions | undefined;
  readonly slackWebhookUrl?: string | undefined;
  readonly teamsWebhookUrl?: string | undefined;
  readonly twilio?: TwilioOptions | undefined;
  readonly discordWebhookUrl?: string | undefined;
  readonly telegram?: TelegramOptions | undefined;
  readonly ntfy?: NtfyOptions | undefined;
  readonly pagerDuty?: PagerDutyOptions | undefined;
  /** Networks, addresses and hosts inside that callers' webhooks may reach: `10.1.0.0/16`, `relay:9000`. */
  readonly webhookAllowList: readonly string[];
}

/** Channels that send; the inbox (`in_app`) is written together with the notification itself. */
type SendingChannelName = Exclude<ChannelName, 'in_app'>;

export interface Channels {
  readonly byName: Readonly<Record<SendingChannelName, Channel>>;
  close(): Promise<void>;
}

/** All channels, by name. A new one is a folder, a line here and a word in `model/notification-request.ts`. */
export function createChannels(options: ChannelOptions, clock: Clock, resolve?: Resolve): Channels {
  const configured = [
    ...[options.webhook?.url, options.slackWebhookUrl, options.teamsWebhookUrl, options.twilio?.apiUrl],
    ...[options.discordWebhookUrl, options.telegram?.apiUrl, options.ntfy?.url, options.pagerDuty?.apiUrl],
  ]
    .filter((url) => url !== undefined)
    .map(hostAndPort);
  const http = new OutgoingHttp(new AddressGuard([...options.webhookAllowList, ...configured]), resolve);
  const byName = {
    email: new EmailChannel(options.smtp),
    webhook: new WebhookChannel(options.webhook, http, clock),
    slack: new SlackChannel(options.slackWebhookUrl, http, clock),
    teams: new TeamsChannel(options.teamsWebhookUrl, http, clock),
    sms: new SmsChannel(options.twilio, http, clock),
    discord: new DiscordChannel(options.discordWebhookUrl, http, clock),
    telegram: new TelegramChannel(options.telegram, http, clock),
    ntfy: new NtfyChannel(options.ntfy, http, clock),
    pagerduty: new PagerDutyChannel(options.pagerDuty ?? {}, http, clock),
  };
  return {
    byName,
    close: async () => {
      for (const channel of Object.values(byName)) await channel.close();
      await http.close();
    },
  };
}

/** What an operator has configured may lie inside: it is its own permission. */
function hostAndPort(text: string): string {
  const url = new URL(text);
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}
