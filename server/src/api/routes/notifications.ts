import { type Route, route } from '../../http/index.ts';
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import {
  type EnqueuedNotification,
  furthestStatus,
  type NotificationItem,
  type Notifications,
  type PreferenceSheet,
  type PreferenceUpdate,
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
  type Preferences,
  preferences,
  preferencesBody,
  userParams,
} from '../contract/notifications.ts';
import { instantOf } from '../window.ts';
import { channelRoutes } from './channels.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { inboxRoutes, type TicketOffice } from './inbox.ts';
import { notificationHistoryRoutes } from './notification-history.ts';
import { getOrFail, toDetail, toNotification } from './notification-views.ts';
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
    notifyRoute(notifications),
    listRoute(notifications, clock),
    ...preferenceRoutes(notifications),
    ...inboxRoutes({ notifications, tickets, clock }),
    ...templateRoutes(notifications),
    ...channelRoutes(notifications),
    ...deadLetterRoutes(notifications, clock),
    ...notificationHistoryRoutes(notifications, clock),
    retryRoute(notifications),
    detailRoute(notifications),
  ];
}

function notifyRoute(notifications: Notifications): Route {
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
          userId: body.user_id,
          topic: body.topic,
          type: body.type,
          channels: body.channel,
          subject: body.subject,
          message: body.message,
          to: body.to,
          template: body.template,
          data: body.data,
          locale: body.locale,
          severity: body.severity,
          critical: body.critical,
          metadata: body.metadata,
        },
        { idempotencyKey: idempotencyKey(request.headers['idempotency-key']), principal: principal.name },
      );
      if (!query.wait) return toAnswer(result, 'queued');
      const settled = (await notifications.settled(result.id))!;
      return toAnswer(settled, furthestStatus(settled.deliveries.map((delivery) => delivery.status)));
    },
  });
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

function preferenceRoutes(notifications: Notifications): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/notifications/preferences/{user_id}',
      tag: TAG,
      summary: 'How a user wants to be told; the defaults for a user never seen',
      scope: 'read',
      params: userParams,
      success: { status: 200, schema: preferences },
      async handle({ params }) {
        return toPreferences(await notifications.preferences(params.user_id));
      },
    }),
    route({
      method: 'POST',
      path: '/api/notifications/preferences',
      tag: TAG,
      summary: 'Set how a user wants to be told: one channel, or several by `channels`',
      scope: 'write',
      body: preferencesBody,
      success: { status: 200, schema: preferences },
      async handle({ body }) {
        const updates: PreferenceUpdate[] = [];
        if (body.channel !== undefined) updates.push(toUpdate(body.channel, body, body.type, ''));
        for (const channel of CHANNEL_NAMES) {
          const settings = body.channels?.[channel];
          if (settings) updates.push(toUpdate(channel, settings, body.type, `channels.${channel}.`));
        }
        return toPreferences(await notifications.updatePreferences(body.user_id, updates));
      },
    }),
  ];
}

function toUpdate(
  channel: PreferenceUpdate['channel'],
  settings: {
    enabled?: boolean | undefined;
    address?: string | null | undefined;
    min_severity?: PreferenceUpdate['minSeverity'];
  },
  type: string | undefined,
  path: string,
): PreferenceUpdate {
  const { enabled, address, min_severity: minSeverity } = settings;
  return { channel, type, enabled, address, minSeverity, path };
}

function toPreferences(sheet: PreferenceSheet): Preferences {
  const channels = Object.entries(sheet.channels).map(([channel, settings]) => [
    channel,
    {
      enabled: settings.enabled,
      ...(settings.address !== undefined && { address: settings.address }),
      verified: settings.verified,
      ...(settings.minSeverity !== undefined && { min_severity: settings.minSeverity }),
    },
  ]);
  const types = Object.entries(sheet.types).map(([type, byChannel]) => [
    type,
    Object.fromEntries(
      Object.entries(byChannel).map(([channel, { enabled, minSeverity }]) => [
        channel,
        { ...(enabled !== undefined && { enabled }), ...(minSeverity !== undefined && { min_severity: minSeverity }) },
      ]),
    ),
  ]);
  return {
    user_id: sheet.userId,
    time_zone: 'UTC',
    locale: 'en',
    channels: Object.fromEntries(channels),
    types: Object.fromEntries(types),
  };
}
