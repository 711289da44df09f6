import type { ChannelMessage } from '../channels/index.ts';
import { formatDuration } from '../lib/duration.ts';
import { formatInstant } from '../lib/instant.ts';
import type { Severity } from '../model/severity.ts';
import type { StoredDelivery, StoredNotification } from '../stores/control/index.ts';
import type { Content } from './templates/render.ts';
import { pickVariant } from './templates/variant.ts';

/** A message older than this says so. */
const LATE = 60_000;

/** What a channel is given to send: the stored notification, as it is to be told now. */
export function toChannelMessage(
  notification: StoredNotification,
  delivery: StoredDelivery,
  now: number,
): ChannelMessage {
  const { variants = [], ...content } = JSON.parse(notification.content) as Content;
  const {
    channel: _channel,
    locale: _locale,
    ...words
  } = pickVariant(variants, delivery.channel, delivery.locale) ?? {
    ...content,
    subject: notification.subject,
    message: notification.message,
  };
  const notes: string[] = [];
  if (delivery.collapsed === 1) notes.push('It fired and was resolved before the first message could go out.');
  // What was meant to wait is not late.
  const age = now - (delivery.released_at ?? notification.created_at);
  if (age > LATE) {
    const delay = formatDuration(Math.round(age / 60_000) * 60_000);
    notes.push(`Delayed by ${delay}: said at ${formatInstant(notification.created_at)}.`);
  }
  return {
    ...content,
    ...words,
    message: [words.message, ...notes].join('\n\n'),
    deliveryId: delivery.id,
    notificationId: notification.id,
    type: notification.type,
    severity: notification.severity as Severity,
    createdAt: notification.created_at,
    alertId: notification.alert_id ?? undefined,
    episodeId: notification.episode_id ?? undefined,
    incidentId: notification.incident_id ?? undefined,
    startsThread: delivery.starts_thread === 1,
    data: JSON.parse(notification.data),
    metadata: notification.metadata === null ? undefined : JSON.parse(notification.metadata),
  };
}
