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
  const shortNotes: string[] = [];
  const told = { good: content.good, data: JSON.parse(notification.data) as Record<string, unknown> };
  if (delivery.collapsed > 0) notes.push(collapsedNote(told, delivery, notification));
  // What was meant to wait is not late.
  const age = now - (delivery.released_at ?? notification.created_at);
  if (age > LATE) {
    const delay = formatDuration(Math.round(age / 60_000) * 60_000);
    notes.push(`Delayed by ${delay}: said at ${formatInstant(notification.created_at)}.`);
    shortNotes.push(`(delayed by ${delay})`);
  }
  return {
    ...content,
    ...words,
    shortText: [words.shortText ?? content.shortText, ...shortNotes].join(' '),
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
    data: told.data,
    metadata: notification.metadata === null ? undefined : JSON.parse(notification.metadata),
  };
}

/** What a message says that stands for earlier ones, too. */
function collapsedNote(
  { good, data }: { readonly good: boolean; readonly data: Readonly<Record<string, unknown>> },
  delivery: StoredDelivery,
  notification: StoredNotification,
): string {
  if (!good) return 'An earlier message about it could not go out; this one stands for both.';
  if (delivery.collapsed === 1) return 'An earlier message about it could not go out before it was resolved.';
  const from = timeOf(data.started_at) ?? timeOf(data.fired_at);
  const to = timeOf(data.ended_at) ?? notification.created_at;
  const times = from === undefined ? '' : ` ${minutes(from)}\u2013${minutes(to).slice(sameDay(from, to) ? 11 : 0)} UTC`;
  return `Fired and resolved${times}, before the first message could go out.`;
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** `2026-01-05 10:02` */
function minutes(at: number): string {
  return formatInstant(at).slice(0, 16).replace('T', ' ');
}

function sameDay(one: number, other: number): boolean {
  return formatInstant(one).slice(0, 10) === formatInstant(other).slice(0, 10);
}
