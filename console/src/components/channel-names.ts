import type { Preferences } from '../api-client/types.ts';

export type ChannelName = keyof Preferences['channels'];

const NAMES: Record<ChannelName, string> = {
  in_app: 'In-app inbox',
  email: 'Email',
  slack: 'Slack',
  teams: 'Teams',
  sms: 'SMS',
  webhook: 'Webhook',
  discord: 'Discord',
  telegram: 'Telegram',
  ntfy: 'ntfy',
  pagerduty: 'PagerDuty',
};

/** The channels for a choice. */
export const CHANNEL_CHOICES = Object.entries(NAMES).map(([value, label]) => ({ value: value as ChannelName, label }));

export function nameOfChannel(channel: string): string {
  return NAMES[channel as ChannelName] ?? channel;
}
