import { formatInstant } from '../../lib/instant.ts';
import type { NotificationRequest } from '../../model/notification-request.ts';
import { formatMatchers } from '../routing/label-matchers.ts';
import { type Silence, silenceState } from './silence.ts';

const SOON_MS = 900_000;
/** A silence that is shorter was made with its end in mind. */
const SHORTEST_MS = 3_600_000;

/** True where the owner should hear that the silence is about to end. */
export function isEndingSoon(silence: Silence, now: number): boolean {
  const { startsAt, endsAt, remindedAt } = silence;
  if (remindedAt !== null || silenceState(silence, now) !== 'active') return false;
  return endsAt - now <= SOON_MS && endsAt - startsAt >= SHORTEST_MS;
}

/** To the one who made it: what will be told of again, and when. */
export function expiryNotice(silence: Silence, alertCount: number, publicUrl: string): NotificationRequest {
  const { id, createdBy, comment, endsAt, matchers } = silence;
  const what = formatMatchers(matchers.matchers);
  const alerts = alertCount === 1 ? '1 alert that still fires' : `${alertCount} alerts that still fire`;
  return {
    type: 'silence.expiring',
    severity: 'info',
    subject: `Your silence of ${what} ends soon`,
    message: `It ends at ${formatInstant(endsAt)} and keeps ${alerts} quiet (${comment}). Make it longer at ${publicUrl}/alerts/silences, or they will be told of.`,
    data: {},
    users: [createdBy],
    addresses: [],
    defaultRecipients: false,
    channels: ['in_app'],
    critical: false,
    dedupKey: `silence:${id}:${endsAt}:expiring`,
  };
}
