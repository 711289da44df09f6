import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import type { Analytics, Notifications } from '../../notifications/index.ts';
import {
  analyticsParameters,
  erasure,
  type NotificationAnalytics,
  notificationAnalytics,
} from '../contract/notification-history.ts';
import { userParams } from '../contract/notifications.ts';
import { resolveWindow } from '../window.ts';

const tag = 'notifications';

/** Figures of what was sent, and the end of it. */
export function notificationHistoryRoutes(notifications: Notifications, clock: Clock): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/notifications/analytics',
      tag,
      summary: 'What was sent, failed and held back, how fast it was, and which alerts are noisy',
      scope: 'read',
      query: analyticsParameters,
      success: { status: 200, schema: notificationAnalytics },
      async handle({ query }) {
        const { start, end } = resolveWindow(query, clock.now());
        const filter = { start, end, channel: query.channel, userId: query.user_id };
        return {
          start: formatInstant(start),
          end: formatInstant(end),
          ...show(await notifications.history.analytics(filter)),
        };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/notifications/users/{user_id}',
      tag,
      summary: 'Forget a user: inbox, deliveries with addresses, what was said to the user alone, preferences, records',
      description:
        'What is just being sent, and alerts that others have got as well, stay: call it again for the first; of the second nothing names the user.',
      scope: 'admin',
      params: userParams,
      success: { status: 200, schema: erasure },
      async handle({ params }) {
        const { inboxItems, remains, ...rest } = await notifications.erase(params.user_id);
        return { user_id: params.user_id, inbox_items: inboxItems, ...rest, remains: [...remains] };
      },
    }),
  ];
}

const SENT = ['sent', 'delivered', 'read'];
const DELIVERED = ['delivered', 'read'];
const FAILED = ['failed', 'dead', 'unknown'];
const WAITING = ['queued', 'scheduled', 'sending', 'retrying'];

function show({ counts, timeToSend, timeToDeliver, noise }: Analytics): Omit<NotificationAnalytics, 'start' | 'end'> {
  const sum = (channel: string, statuses: readonly string[]) =>
    total(counts.filter((one) => one.channel === channel && statuses.includes(one.status)));
  return {
    deliveries: total(counts),
    channels: CHANNEL_NAMES.filter((channel) => counts.some((one) => one.channel === channel)).map((channel) => ({
      channel,
      sent: sum(channel, SENT),
      delivered: sum(channel, DELIVERED),
      read: sum(channel, ['read']),
      failed: sum(channel, FAILED),
      suppressed: sum(channel, ['suppressed']),
      canceled: sum(channel, ['canceled']),
      waiting: sum(channel, WAITING),
      bundled: sum(channel, ['bundled']),
    })),
    suppressed_by: byReason(counts.filter((one) => one.status === 'suppressed')),
    failed_by: byReason(counts.filter((one) => FAILED.includes(one.status))),
    time_to_send_ms: timeToSend,
    time_to_deliver_ms: timeToDeliver,
    noise: noise.map(({ alertId, name, notifications, deliveries, items, read }) => ({
      alert_id: alertId,
      alert_name: name,
      notifications,
      deliveries,
      read_ratio: items === 0 ? null : read / items,
    })),
  };
}

function total(counts: Analytics['counts']): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

function byReason(counts: Analytics['counts']) {
  const reasons = Map.groupBy(counts, ({ reason }) => reason ?? 'unknown');
  return [...reasons]
    .map(([reason, own]) => ({ reason, count: total(own) }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}
