import { type Route, route } from '../../http/index.ts';
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts';
import { parseDuration } from '../../lib/duration.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import {
  type EnqueuedNotification,
  furthestStatus,
  type NotificationItem,
  type Notifications,
} from '../../notifications/index.ts';
import {
  type NotifyAnswer,
  notificationDetail,
  notificationFilters,
  notificationList,
  notificationParams,
  notifyAnswer,
  notifyBody,
  notifyParameters,
} from '../contract/notifications.ts';
import { instantOf } from '../window.ts';
import { channelRoutes } from './channels.ts';
import { contactLinkRoutes } from './contact-links.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { inboxRoutes, type TicketOffice } from './inbox.ts';
import { notificationHistoryRoutes } from './notification-history.ts';
import { notificationScheduleRoutes } from './notification-schedules.ts';
import { getOrFail, toDetail, toNotification } from './notification-views.ts';
import { toCommand } from './notify-form.ts';
import { preferenceRoutes } from './preferences.ts';
import { suppressionRoutes } from './suppressions.ts';
import { templateRoutes } from './templates.ts';

const TAG = 'notifications';

export interface NotificationRoutesDependencies {
  readonly notifications: Notifications;
  readonly tickets: TicketOffice;
  readonly clock: Clock;
}

/** Everything under `/api/notifications`. */
export function notificationRoutes({ notifications, tickets, clock }: NotificationRoutesDependencies): Route[] {
  return [
    notifyRoute(notifications, clock),
    listRoute(notifications, clock),
    ...preferenceRoutes({ notifications, clock }),
    ...contactLinkRoutes(notifications),
    ...notificationScheduleRoutes(notifications),
    ...inboxRoutes({ notifications, tickets, clock }),
    ...templateRoutes(notifications),
    ...channelRoutes(notifications),
    ...deadLetterRoutes(notifications, clock),
    ...suppressionRoutes(notifications),
    ...notificationHistoryRoutes(notifications, clock),
    retryRoute(notifications),
    cancelRoute(notifications),
    detailRoute(notifications),
  ];
}

function notifyRoute(notifications: Notifications, clock: Clock): Route {
  return route({
    method: 'POST',
    path: '/api/notifications/notify',
    tag: TAG,
    summary: 'Tell somebody something',
    description:
      'A channel that is switched off or not configured gives a delivery `suppressed` with the reason and what to do, not an error. The header `Idempotency-Key` makes repetitions within 24 hours safe.',
    scope: 'write',
    query: notifyParameters,
    body: notifyBody,
    success: { status: 202, schema: notifyAnswer },
    async handle({ body, query, request, principal }) {
      const result = await notifications.notify(
        {
          ...toCommand(body),
          sendAt: sendTime(body, clock.now()),
        },
        { idempotencyKey: idempotencyKey(request.headers['idempotency-key']), principal: principal.name },
      );
      if (!query.wait) return toAnswer(result, 'queued');
      const settled = (await notifications.settled(result.id))!;
      return toAnswer(settled, furthestStatus(settled.deliveries.map((delivery) => delivery.status)));
    },
  });
}

/** How far ahead something can be scheduled, milliseconds. */
const MOST_AHEAD = 90 * 86_400_000;

/** Unix milliseconds; `undefined`: at once. */
function sendTime(
  body: {
    send_at?: string | undefined;
    delay?: string | undefined;
    digest?: string | undefined;
    unless_seen_within?: string | undefined;
  },
  now: number,
): number | undefined {
  if (body.send_at !== undefined && body.delay !== undefined) {
    throw invalid({ path: 'delay', message: 'give either send_at or delay' });
  }
  for (const path of ['digest', 'unless_seen_within'] as const) {
    if (body[path] !== undefined && (body.send_at ?? body.delay) !== undefined) {
      throw invalid({ path, message: 'does not go with a time' });
    }
  }
  const path = body.delay === undefined ? 'send_at' : 'delay';
  const delay = body.delay === undefined ? undefined : parseDuration(body.delay);
  const at = delay === undefined ? body.send_at && instantOf('send_at', body.send_at, now) : now + delay;
  if (at === undefined || at === '') return undefined;
  if (at > now + MOST_AHEAD) throw invalid({ path, message: 'at most 90 days ahead' });
  return at;
}

function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw invalid({ path: 'Idempotency-Key', message: 'use 1 to 255 visible ASCII characters' });
}

function toAnswer(
  { id, deliveries }: EnqueuedNotification | NotificationItem,
  status: NotifyAnswer['status'],
): NotifyAnswer {
  return {
    id,
    status,
    deliveries: deliveries.map((delivery) => ({
      id: delivery.id,
      channel: delivery.channel,
      recipient: delivery.recipient,
      status: delivery.status,
      ...(delivery.reason !== null && { reason: delivery.reason }),
      ...(delivery.detail !== null && { detail: delivery.detail }),
    })),
  };
}

function listRoute(notifications: Notifications, clock: Clock): Route {
  return route({
    method: 'GET',
    path: '/api/notifications',
    tag: TAG,
    summary: 'Notifications and their deliveries, newest first',
    scope: 'read',
    query: notificationFilters,
    success: { status: 200, schema: notificationList },
    async handle({ query }) {
      const now = clock.now();
      const start = query.start === undefined ? undefined : instantOf('start', query.start, now);
      const end = query.end === undefined ? undefined : instantOf('end', query.end, now);
      if (start !== undefined && end !== undefined && start >= end) {
        throw invalid({ path: 'start', message: 'must be before end' });
      }
      const items = await notifications.list({
        userId: query.user_id,
        status: query.status,
        channel: query.channel,
        type: query.type,
        alertId: query.alert_id,
        unread: query.unread,
        unseen: query.unseen,
        archived: query.archived,
        snoozed: query.snoozed,
        start,
        end,
        after: query.cursor === undefined ? undefined : parseCursor(query.cursor),
        limit: query.limit + 1,
      });
      const page = items.slice(0, query.limit);
      const last = page.at(-1);
      const more = items.length > query.limit && last;
      return {
        items: page.map(toNotification),
        next_cursor: more ? encodeCursor([last.createdAt, last.id]) : null,
      };
    },
  });
}

function parseCursor(cursor: string): { createdAt: number; id: string } {
  const position = decodeCursor(cursor);
  if (Array.isArray(position) && typeof position[0] === 'number' && typeof position[1] === 'string') {
    return { createdAt: position[0], id: position[1] };
  }
  throw invalid({ path: 'cursor', message: 'use next_cursor of the page before' });
}

function detailRoute(notifications: Notifications): Route {
  return route({
    method: 'GET',
    path: '/api/notifications/{id}',
    tag: TAG,
    summary: 'One notification, with why it was sent where, or not',
    scope: 'read',
    params: notificationParams,
    success: { status: 200, schema: notificationDetail },
    async handle({ params }) {
      return toDetail(await getOrFail(notifications, params.id));
    },
  });
}

function cancelRoute(notifications: Notifications): Route {
  return route({
    method: 'POST',
    path: '/api/notifications/{id}/cancel',
    tag: TAG,
    summary: 'Do not send what of a notification still waits: for its time, or for the next attempt',
    description: 'What was sent stays sent. 409 where nothing waits any more.',
    scope: 'write',
    params: notificationParams,
    success: { status: 200, schema: notificationDetail },
    async handle({ params, principal }) {
      await getOrFail(notifications, params.id);
      await notifications.cancel(params.id, principal.name);
      return toDetail(await getOrFail(notifications, params.id));
    },
  });
}

function retryRoute(notifications: Notifications): Route {
  return route({
    method: 'POST',
    path: '/api/notifications/{id}/retry',
    tag: TAG,
    summary: 'Try again what has failed of a notification',
    scope: 'write',
    params: notificationParams,
    success: { status: 202, schema: notificationDetail },
    async handle({ params }) {
      await getOrFail(notifications, params.id);
      await notifications.retry(params.id);
      return toDetail(await getOrFail(notifications, params.id));
    },
  });
}
