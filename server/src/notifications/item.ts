import type { DeliveryStatus } from '../model/delivery-status.ts';
import type { ChannelName } from '../model/notification-request.ts';
import type { Severity } from '../model/severity.ts';
import {
  type Executor,
  listAttempts,
  listDeliveries,
  type NotificationView,
  type StoredAttempt,
  type StoredDelivery,
} from '../stores/control/index.ts';
import { furthestStatus } from './lifecycle.ts';
import type { TraceStep } from './preferences/decide.ts';
import type { Content } from './templates/render.ts';
import { pickVariant } from './templates/variant.ts';

/** A notification as the history shows it. Times are Unix milliseconds. */
export interface NotificationItem {
  readonly id: string;
  /** Whose item this is; null where it is not about one user. */
  readonly userId: string | null;
  /** Its number in the user's inbox. */
  readonly seq: number | null;
  readonly type: string;
  readonly severity: Severity;
  readonly critical: boolean;
  readonly subject: string;
  readonly message: string;
  readonly status: DeliveryStatus;
  readonly createdAt: number;
  readonly seenAt: number | null;
  readonly readAt: number | null;
  readonly archivedAt: number | null;
  readonly snoozedUntil: number | null;
  readonly alertId: string | null;
  readonly episodeId: string | null;
  readonly incidentId: string | null;
  readonly template: string | null;
  readonly templateError: string | null;
  readonly data: Record<string, unknown>;
  readonly metadata: Record<string, unknown> | null;
  readonly deliveries: readonly DeliveryItem[];
}

export interface DeliveryItem {
  readonly id: string;
  readonly channel: ChannelName;
  readonly recipient: string;
  readonly userId: string | null;
  readonly status: DeliveryStatus;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly attempts: readonly { readonly at: number; readonly outcome: string; readonly detail: string | null }[];
  readonly nextAttemptAt: number | null;
  /** Until when it waits; null: it does not. */
  readonly heldUntil: number | null;
  /** The notification that told of it together with others. */
  readonly bundledInto: string | null;
  readonly sentAt: number | null;
  readonly deliveredAt: number | null;
  readonly trace: readonly TraceStep[];
}

/** Views with their deliveries; for one user, only that user's. */
export async function loadItems(
  db: Executor,
  views: readonly NotificationView[],
  userId?: string,
): Promise<NotificationItem[]> {
  const all = await listDeliveries(
    db,
    views.map((view) => view.id),
  );
  const deliveries = userId === undefined ? all : all.filter((row) => row.user_id === userId);
  const attempts = Map.groupBy(
    await listAttempts(
      db,
      deliveries.filter((row) => row.attempt_count > 0).map((row) => row.id),
    ),
    (row) => row.delivery_id,
  );
  const byNotification = Map.groupBy(deliveries, (row) => row.notification_id);
  return views.map((view) => {
    const own = byNotification.get(view.id) ?? [];
    const items = own.map((row) => toDeliveryItem(row, attempts.get(row.id) ?? []));
    const inApp = userId === undefined ? undefined : own.find((row) => row.channel === 'in_app');
    return { ...toItem(view, items, userId ?? view.user_id), ...(inApp && wordsOf(view, inApp)) };
  });
}

/** Subject and message as the user's inbox has them, where the template has other ones for it. */
function wordsOf(view: NotificationView, delivery: StoredDelivery): { subject: string; message: string } | undefined {
  const { variants = [] } = JSON.parse(view.content) as Content;
  const words = pickVariant(variants, 'in_app', delivery.locale);
  return words && { subject: words.subject, message: words.message };
}

function toItem(view: NotificationView, deliveries: readonly DeliveryItem[], userId: string | null): NotificationItem {
  return {
    id: view.id,
    userId,
    seq: view.seq,
    type: view.type,
    severity: view.severity as Severity,
    critical: view.critical === 1,
    subject: view.subject,
    message: view.message,
    status: furthestStatus(deliveries.map((delivery) => delivery.status)),
    createdAt: view.created_at,
    seenAt: view.seen_at,
    readAt: view.read_at,
    archivedAt: view.archived_at,
    snoozedUntil: view.snoozed_until,
    alertId: view.alert_id,
    episodeId: view.episode_id,
    incidentId: view.incident_id,
    template: view.template,
    templateError: view.template_error,
    data: JSON.parse(view.data),
    metadata: view.metadata === null ? null : JSON.parse(view.metadata),
    deliveries,
  };
}

function toDeliveryItem(row: StoredDelivery, attempts: readonly StoredAttempt[]): DeliveryItem {
  return {
    id: row.id,
    channel: row.channel as ChannelName,
    recipient: row.recipient,
    userId: row.user_id,
    status: row.status as DeliveryStatus,
    reason: row.reason,
    detail: row.detail,
    attempts: attempts.map(({ at, outcome, detail }) => ({ at, outcome, detail })),
    nextAttemptAt: row.is_open === 1 ? row.next_at : null,
    heldUntil: row.held_until,
    bundledInto: row.bundled_into,
    sentAt: row.sent_at,
    deliveredAt: row.delivered_at,
    trace: JSON.parse(row.trace),
  };
}
