import { type Principal, type Route, type RouteContext, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, ServiceError } from '../../model/errors.ts';
import { INBOX_PROTOCOL, type InboxAction, type Notifications } from '../../notifications/index.ts';
import {
  bulkBody,
  changedAnswer,
  inboxCounts,
  inboxParameters,
  notificationPatch,
  readAllBody,
  ticketAnswer,
  ticketBody,
} from '../contract/inbox.ts';
import { notificationDetail, notificationParams, userParams } from '../contract/notifications.ts';
import { getOrFail, toDetail, toFrameText } from './notification-views.ts';

const TAG = 'notifications';
const FORBIDDEN = 4003;

/** Gives out one-time tickets for sockets. */
export interface TicketOffice {
  issue(userId: string): { readonly ticket: string; readonly expiresAt: number };
}

interface InboxRoutesDependencies {
  readonly notifications: Notifications;
  readonly tickets: TicketOffice;
  readonly clock: Clock;
}

/** Users' inboxes: their sockets, and what is done with the items. */
export function inboxRoutes({ notifications, tickets, clock }: InboxRoutesDependencies): Route[] {
  return [
    socketRoute(notifications),
    ticketRoute(tickets),
    countsRoute(notifications),
    patchRoute(notifications, clock),
    ...bulkRoutes(notifications),
  ];
}

function socketRoute(notifications: Notifications): Route {
  return route({
    method: 'GET',
    path: '/api/notifications/ws/{user_id}',
    tag: TAG,
    summary: "A user's notifications as they come: a WebSocket, one notification a frame",
    description:
      'With the subprotocol `system-service.v1` also `hello`, `updated`, `counts` and other frames, and commands. The user `me` is the owner of the credential.',
    scope: 'read',
    params: userParams,
    query: inboxParameters,
    success: { status: 200, description: 'never: open it as a WebSocket' },
    handle() {
      throw new ServiceError('upgrade_required', 'open this address as a WebSocket (ws://... or wss://...)');
    },
    subprotocols: [INBOX_PROTOCOL],
    webSocket(
      socket,
      {
        params,
        query,
        principal,
      }: Pick<
        RouteContext<{ user_id: string }, { after_seq?: number | undefined }, undefined>,
        'params' | 'query' | 'principal'
      >,
    ) {
      const userId = params.user_id === 'me' ? ownerOf(principal) : params.user_id;
      if (principal.userId !== undefined && principal.userId !== userId) {
        return socket.close(FORBIDDEN, 'the ticket is of another user');
      }
      const format = toFrameText;
      void notifications.inbox.connect(userId, socket, query.after_seq, format);
    },
  });
}

function ownerOf(principal: Principal): string {
  return principal.userId ?? principal.name;
}

function ticketRoute(tickets: TicketOffice): Route {
  return route({
    method: 'POST',
    path: '/api/notifications/ws-ticket',
    tag: TAG,
    summary: 'A ticket for one WebSocket of one user, good for 30 seconds',
    description:
      'For pages that must not hold an API key: `new WebSocket(url, ["system-service.v1", "bearer", ticket])`.',
    scope: 'read',
    body: ticketBody,
    success: { status: 201, schema: ticketAnswer },
    handle({ body }) {
      const { ticket, expiresAt } = tickets.issue(body.user_id);
      return { ticket, user_id: body.user_id, expires_at: formatInstant(expiresAt) };
    },
  });
}

function countsRoute(notifications: Notifications): Route {
  return route({
    method: 'GET',
    path: '/api/notifications/counts/{user_id}',
    tag: TAG,
    summary: 'How much of an inbox is unread and unseen',
    scope: 'read',
    params: userParams,
    success: { status: 200, schema: inboxCounts },
    async handle({ params }) {
      return { user_id: params.user_id, ...(await notifications.inbox.counts(params.user_id)) };
    },
  });
}

function patchRoute(notifications: Notifications, clock: Clock): Route {
  return route({
    method: 'PATCH',
    path: '/api/notifications/{id}',
    tag: TAG,
    summary: 'Mark an item of inboxes as seen, read, archived, or snooze it',
    scope: 'write',
    params: notificationParams,
    body: notificationPatch,
    success: { status: 200, schema: notificationDetail },
    async handle({ params, body }) {
      await getOrFail(notifications, params.id);
      if (typeof body.snoozed_until === 'string' && Date.parse(body.snoozed_until) <= clock.now()) {
        throw invalid({ path: 'snoozed_until', message: 'use a time in the future, or null to bring it back now' });
      }
      const which = { notificationIds: [params.id], userId: body.user_id };
      for (const action of actionsOf(body)) await notifications.inbox.change(which, action);
      return toDetail(await getOrFail(notifications, params.id, body.user_id));
    },
  });
}

function actionsOf(body: {
  seen?: true | undefined;
  read?: boolean | undefined;
  archived?: boolean | undefined;
  snoozed_until?: string | null | undefined;
}): InboxAction[] {
  const actions: InboxAction[] = [];
  if (body.seen) actions.push({ kind: 'seen' });
  if (body.read !== undefined) actions.push({ kind: body.read ? 'read' : 'unread' });
  if (body.archived !== undefined) actions.push({ kind: body.archived ? 'archive' : 'unarchive' });
  if (body.snoozed_until === null) actions.push({ kind: 'unsnooze' });
  else if (body.snoozed_until !== undefined) actions.push({ kind: 'snooze', until: Date.parse(body.snoozed_until) });
  return actions;
}

function bulkRoutes(notifications: Notifications): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/notifications/read-all',
      tag: TAG,
      summary: "Mark all of a user's notifications as read",
      scope: 'write',
      body: readAllBody,
      success: { status: 200, schema: changedAnswer },
      async handle({ body }) {
        return { updated: await notifications.inbox.change({ userId: body.user_id }, { kind: 'read' }) };
      },
    }),
    route({
      method: 'POST',
      path: '/api/notifications/bulk',
      tag: TAG,
      summary: 'The same with many items of an inbox, or with all',
      description: '`delete` takes them out of the inbox; the history keeps them.',
      scope: 'write',
      body: bulkBody,
      success: { status: 200, schema: changedAnswer },
      async handle({ body }) {
        const which = { userId: body.user_id, notificationIds: body.ids, type: body.type };
        return { updated: await notifications.inbox.change(which, { kind: body.action }) };
      },
    }),
  ];
}
