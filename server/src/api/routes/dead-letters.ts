import type { z } from 'zod';
import { type Route, route } from '../../http/index.ts';
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import type { Severity } from '../../model/severity.ts';
import type { Notifications } from '../../notifications/index.ts';
import { deadFilters, deadList, replayAnswer, replayBody } from '../contract/channels.ts';
import { instantOf } from '../window.ts';

const tag = 'notifications';

/** Deliveries that were given up after many attempts. */
export function deadLetterRoutes(notifications: Notifications, clock: Clock): Route[] {
  const { deadLetters } = notifications;
  return [
    route({
      method: 'GET',
      path: '/api/notifications/dead',
      tag,
      summary: 'Deliveries that were given up after many attempts, newest first',
      scope: 'read',
      query: deadFilters,
      success: { status: 200, schema: deadList },
      async handle({ query }) {
        const filter = filterOf(query, clock.now());
        const after = query.cursor === undefined ? undefined : parseCursor(query.cursor);
        const found = await deadLetters.list(filter, { limit: query.limit + 1, after });
        const page = found.slice(0, query.limit);
        const last = page.at(-1);
        return {
          items: page.map((row) => ({
            id: row.id,
            notification_id: row.notification_id,
            channel: row.channel as ChannelName,
            recipient: row.recipient,
            user_id: row.user_id,
            type: row.type,
            severity: row.severity as Severity,
            subject: row.subject,
            reason: row.reason,
            detail: row.detail,
            attempts: row.attempt_count,
            created_at: formatInstant(row.created_at),
          })),
          next_cursor: found.length > page.length && last ? encodeCursor([last.created_at, last.id]) : null,
          total: await deadLetters.count(filter),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/api/notifications/dead/replay',
      tag,
      summary: 'Send again what was given up: by ids, by a filter, or all',
      scope: 'write',
      body: replayBody,
      success: { status: 202, schema: replayAnswer },
      async handle({ body }) {
        const result = await deadLetters.replay({ ...filterOf(body, clock.now()), ids: body.ids });
        notifications.wake();
        return result;
      },
    }),
  ];
}

function filterOf(
  { channel, reason, user_id: userId, start, end }: Omit<z.output<typeof replayBody>, 'ids' | 'all'>,
  now: number,
) {
  return {
    ...{ channel, reason, userId },
    start: start === undefined ? undefined : instantOf('start', start, now),
    end: end === undefined ? undefined : instantOf('end', end, now),
  };
}

function parseCursor(cursor: string): { createdAt: number; id: string } {
  const position = decodeCursor(cursor);
  if (Array.isArray(position) && typeof position[0] === 'number' && typeof position[1] === 'string') {
    return { createdAt: position[0], id: position[1] };
  }
  throw invalid({ path: 'cursor', message: 'use next_cursor of the page before' });
}
