import { type Route, route } from '../../http/index.ts';
import { parseDuration } from '../../lib/duration.ts';
import type { Clock } from '../../model/clock.ts';
import { type Issue, invalid, ServiceError } from '../../model/errors.ts';
import {
  type EnqueuedNotification,
  furthestStatus,
  type NotificationItem,
  type Notifications,
} from '../../notifications/index.ts';
import {
  type NotifyAnswer,
  notifyAnswer,
  notifyBatch,
  notifyBatchAnswer,
  notifyBody,
  notifyParameters,
} from '../contract/notifications.ts';
import { instantOf } from '../window.ts';
import { toCommand } from './notify-form.ts';

const TAG = 'notifications';

/** How callers say something to somebody. */
export function notifyRoutes(notifications: Notifications, clock: Clock): Route[] {
  return [notifyRoute(notifications, clock), batchRoute(notifications, clock)];
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

function batchRoute(notifications: Notifications, clock: Clock): Route {
  return route({
    method: 'POST',
    path: '/api/notifications/notify/batch',
    tag: TAG,
    summary: 'Say up to 100 things, all or none',
    description:
      'Each as in `POST /api/notifications/notify`; one that cannot be understood refuses all. The header `Idempotency-Key` makes repetitions within 24 hours safe.',
    scope: 'write',
    body: notifyBatch,
    success: { status: 202, schema: notifyBatchAnswer },
    async handle({ body, request, principal }) {
      const now = clock.now();
      const issues: Issue[] = [];
      const commands = body.notifications.map((one, index) => {
        try {
          return { ...toCommand(one), sendAt: sendTime(one, now) };
        } catch (error) {
          if (!(error instanceof ServiceError) || error.code !== 'invalid') throw error;
          issues.push(...error.issues.map((issue) => ({ ...issue, path: `notifications[${index}].${issue.path}` })));
          return toCommand(one);
        }
      });
      if (issues.length > 0) throw invalid(...issues);
      const results = await notifications.notifyAll(commands, {
        idempotencyKey: idempotencyKey(request.headers['idempotency-key']),
        principal: principal.name,
      });
      return { items: results.map((result) => toAnswer(result, 'queued')) };
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
