import type { EscalationPolicy } from '../../api-client/types.ts';

export type Target = EscalationPolicy['fallback'][number];

/** As people write it: `anna`, `schedule:web`, `receiver:ops`, `slack`, `email:ops@example.org`. */
export function writeTarget({ user, schedule, receiver, channel, address }: Target): string {
  if (user !== undefined) return `user:${user}`;
  if (schedule !== undefined) return `schedule:${schedule}`;
  if (receiver !== undefined) return `receiver:${receiver}`;
  return address === undefined ? `${channel}` : `${channel}:${address}`;
}

const CHANNELS = ['email', 'slack', 'teams', 'sms', 'webhook', 'discord', 'telegram', 'ntfy', 'pagerduty'];

/** A word alone is a user, unless it is a channel. */
export function readTarget(text: string): Target {
  const end = text.indexOf(':');
  const [kind, rest] = end < 0 ? [text, undefined] : [text.slice(0, end), text.slice(end + 1).trim()];
  if (rest !== undefined && ['user', 'schedule', 'receiver'].includes(kind)) return { [kind]: rest };
  if (!CHANNELS.includes(kind)) return { user: text };
  return { channel: kind as NonNullable<Target['channel']>, ...(rest && { address: rest }) };
}
