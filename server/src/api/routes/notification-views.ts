import { formatInstant } from '../../lib/instant.ts';
import { truncate } from '../../lib/truncate.ts';
import { notFound } from '../../model/errors.ts';
import type { DeliveryItem, NotificationItem, Notifications } from '../../notifications/index.ts';
import type { Notification, NotificationDetail, NotificationFrame } from '../contract/notifications.ts';

/** The notification, as `userId` has it in the inbox where one is named. Throws `not_found`. */
export async function getOrFail(notifications: Notifications, id: string, userId?: string): Promise<NotificationItem> {
  const item = await notifications.get(id, userId);
  if (!item) throw notFound(`there is no notification ${id}`);
  return item;
}

/** Most bytes of one frame of a socket. */
const FRAME_BYTES = 64 * 1024;
/** Characters of a message that is too long for its frame; whoever wants the rest asks for the notification. */
const CUT_MESSAGE = 8000;

/** The text of a frame. What would be too long loses the end of its message, and how its deliveries went. */
export function toFrameText(item: NotificationItem): string {
  const frame = toFrame(item);
  const text = JSON.stringify(frame);
  if (Buffer.byteLength(text) <= FRAME_BYTES) return text;
  return JSON.stringify({ ...frame, message: truncate(frame.message, CUT_MESSAGE), deliveries: [] });
}

function toFrame(item: NotificationItem): NotificationFrame {
  const { type, ...rest } = toNotification(item);
  return { type: 'notification', notification_type: type, seq: item.seq!, ...rest };
}

export function toNotification(item: NotificationItem): Notification {
  return {
    id: item.id,
    user_id: item.userId,
    type: item.type,
    severity: item.severity,
    subject: item.subject,
    message: item.message,
    status: item.status,
    created_at: formatInstant(item.createdAt),
    seen_at: orNull(item.seenAt),
    read_at: orNull(item.readAt),
    archived_at: orNull(item.archivedAt),
    snoozed_until: orNull(item.snoozedUntil),
    alert_id: item.alertId,
    incident_id: item.incidentId,
    deliveries: item.deliveries.map(toDelivery),
  };
}

function toDelivery(delivery: DeliveryItem): Notification['deliveries'][number] {
  return {
    id: delivery.id,
    channel: delivery.channel,
    recipient: delivery.recipient,
    status: delivery.status,
    reason: delivery.reason,
    detail: delivery.detail,
    attempts: delivery.attempts.map((attempt) => ({ ...attempt, at: formatInstant(attempt.at) })),
    scheduled_until: orNull(delivery.heldUntil),
    bundled_into: delivery.bundledInto,
    sent_at: orNull(delivery.sentAt),
    delivered_at: orNull(delivery.deliveredAt),
  };
}

export function toDetail(item: NotificationItem): NotificationDetail {
  return {
    ...toNotification(item),
    episode_id: item.episodeId,
    critical: item.critical,
    template: item.template,
    template_error: item.templateError,
    data: item.data,
    metadata: item.metadata,
    deliveries: item.deliveries.map((delivery) => ({
      ...toDelivery(delivery),
      user_id: delivery.userId,
      next_attempt_at: orNull(delivery.nextAttemptAt),
      trace: [...delivery.trace],
    })),
  };
}

function orNull(time: number | null): string | null {
  return time === null ? null : formatInstant(time);
}
