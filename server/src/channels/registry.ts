import type { Clock } from '../model/clock.ts';
import { AddressGuard } from './address-guard.ts';
import type { Channel } from './channel.ts';
import type { SendingChannelName } from './channel-kinds.ts';
import { DiscordChannel } from './discord/index.ts';
import { EmailChannel, type EmailOptions } from './email/index.ts';
import { ChannelOfKind, NamedChannels } from './named-channels.ts';
import { NtfyChannel, type NtfyOptions } from './ntfy/index.ts';
import { OutgoingHttp, type Resolve } from './outgoing-http.ts';
import { PagerDutyChannel, type PagerDutyOptions } from './pagerduty/index.ts';
import { type SlackBotOptions, SlackChannel } from './slack/index.ts';
import { SmsChannel, type TwilioOptions } from './sms/index.ts';
import { TeamsChannel } from './teams/index.ts';
import { TelegramChannel, type TelegramOptions } from './telegram/index.ts';
import { WebhookChannel, type WebhookOptions } from './webhook/index.ts';

export interface ChannelOptions {
  readonly smtp?: EmailOptions | undefined;
  readonly webhook?: WebhookOptions | undefined;
  readonly slackWebhookUrl?: string | undefined;
  readonly slackBot?: SlackBotOptions | undefined;
  readonly teamsWebhookUrl?: string | undefined;
  readonly twilio?: TwilioOptions | undefined;
  readonly discordWebhookUrl?: string | undefined;
  readonly telegram?: TelegramOptions | undefined;
  readonly ntfy?: NtfyOptions | undefined;
  readonly pagerDuty?: PagerDutyOptions | undefined;
  /** Networks, addresses and hosts inside that callers' webhooks may reach: `10.1.0.0/16`, `relay:9000`. */
  readonly webhookAllowList: readonly string[];
}

export interface Channels {
  readonly byName: Readonly<Record<SendingChannelName, Channel>>;
  /** Those that addresses of the form `channel:<id>` name. */
  readonly named: NamedChannels;
  /** Puts other networks and hosts in the place of `webhookAllowList`. */
  allow(allowList: readonly string[]): void;
  close(): Promise<void>;
}

/** All channels, by name. A new one is a folder, a line here and a word in `model/notification-request.ts`. */
export function createChannels(options: ChannelOptions, clock: Clock, resolve?: Resolve): Channels {
  const configured = [
    ...[options.webhook?.url, options.slackWebhookUrl, options.teamsWebhookUrl, options.twilio?.apiUrl],
    options.slackBot?.apiUrl,
    ...[options.discordWebhookUrl, options.telegram?.apiUrl, options.ntfy?.url, options.pagerDuty?.apiUrl],
  ]
    .filter((url) => url !== undefined)
    .map(hostAndPort);
  const guard = new AddressGuard([...options.webhookAllowList, ...configured]);
  const http = new OutgoingHttp(guard, resolve);
  const trusted = new OutgoingHttp(undefined, resolve);
  const named = new NamedChannels({ guarded: http, trusted }, clock);
  const own: Record<SendingChannelName, Channel> = {
    email: new EmailChannel(options.smtp),
    webhook: new WebhookChannel(options.webhook, http, clock),
    slack: new SlackChannel({ webhookUrl: options.slackWebhookUrl, bot: options.slackBot }, http, clock),
    teams: new TeamsChannel(options.teamsWebhookUrl, http, clock),
    sms: new SmsChannel(options.twilio, http, clock),
    discord: new DiscordChannel(options.discordWebhookUrl, http, clock),
    telegram: new TelegramChannel(options.telegram, http, clock),
    ntfy: new NtfyChannel(options.ntfy, http, clock),
    pagerduty: new PagerDutyChannel(options.pagerDuty ?? {}, http, clock),
  };
  const byName = Object.fromEntries(
    Object.entries(own).map(([kind, channel]) => {
      const name = kind as SendingChannelName;
      return [name, new ChannelOfKind(name, channel, named)];
    }),
  ) as unknown as Record<SendingChannelName, Channel>;
  return {
    byName,
    named,
    allow: (allowList) => guard.open([...allowList, ...configured]),
    close: async () => {
      for (const channel of Object.values(byName)) await channel.close();
      await named.close();
      await http.close();
      await trusted.close();
    },
  };
}

/** What an operator has configured may lie inside: it is its own permission. */
function hostAndPort(text: string): string {
  const url = new URL(text);
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}
