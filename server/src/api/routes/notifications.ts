import { type Route, route } from '../../http/index.ts';
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import type { Notifications } from '../../notifications/index.ts';
import {
  notificationDetail,
  notificationFilters,
  notificationList,
  notificationParams,
} from '../contract/notifications.ts';
import { instantOf } from '../window.ts';
import { channelRoutes } from './channels.ts';
import { contactLinkRoutes } from './contact-links.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { inboxRoutes, type TicketOffice } from './inbox.ts';
import { notificationHistoryRoutes } from './notification-history.ts';
import { notificationScheduleRoutes } from './notification-schedules.ts';
import { getOrFail, toDetail, toNotification } from './notification-views.ts';
import { notifyRoutes } from './notify.ts';
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
    ...notifyRoutes(notifications, clock),
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
