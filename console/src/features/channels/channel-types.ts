import type { ChannelList } from '../../api-client/types.ts';

export type Channel = ChannelList['items'][number];
export type ChannelKind = ChannelList['kinds'][number];

/** Begins the query keys of everything about channels. */
export const CHANNELS = 'api/notifications/channels';

const NAMES: Record<string, string> = {
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

export function nameOfKind(kind: string): string {
  return NAMES[kind] ?? kind;
}
