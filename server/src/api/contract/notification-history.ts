import { z } from 'zod';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import { instant, windowParameters } from './common.ts';
import { userId } from './notifications.ts';

export const analyticsParameters = z.strictObject({
  ...windowParameters,
  channel: z.enum(CHANNEL_NAMES).optional(),
  user_id: userId.optional(),
});

const milliseconds = z.number().nullable().describe('null where nothing was sent');

export const notificationAnalytics = z.object({
  start: instant,
  end: instant,
  deliveries: z.int(),
  channels: z.array(
    z.object({
      channel: z.enum(CHANNEL_NAMES),
      sent: z.int().describe('a provider has taken it, or an inbox has it'),
      delivered: z.int().describe('of these: proof that it arrived'),
      read: z.int().describe('of these: read'),
      failed: z.int().describe('refused for good, given up, or unknown'),
      suppressed: z.int(),
      canceled: z.int(),
      waiting: z.int(),
      bundled: z.int().describe('told together with others in one message'),
    }),
  ),
  suppressed_by: z.array(z.object({ reason: z.string(), count: z.int() })).describe('the most frequent first'),
  failed_by: z.array(z.object({ reason: z.string(), count: z.int() })),
  time_to_send_ms: z
    .object({ count: z.int(), p50: milliseconds, p90: milliseconds, p99: milliseconds, max: milliseconds })
    .describe('from the request until the provider had it; without the inboxes'),
  time_to_deliver_ms: z
    .object({ count: z.int(), p50: milliseconds, p90: milliseconds, p99: milliseconds, max: milliseconds })
    .describe('until it had arrived, where providers tell that'),
  noise: z
    .array(
      z.object({
        alert_id: z.string(),
        alert_name: z.string().nullable(),
        notifications: z.int(),
        deliveries: z.int(),
        read_ratio: z.number().nullable().describe('of the items in inboxes; null where there are none'),
      }),
    )
    .describe('the alerts that have said most, the loudest first'),
});

export const erasure = z.object({
  user_id: z.string(),
  inbox_items: z.int(),
  deliveries: z.int(),
  notifications: z.int(),
  preferences: z.int(),
  subscriptions: z.int(),
  schedules: z.int().describe('what was said to the user by the calendar'),
  records: z.int().describe('records of what the user has done, in which the name is gone'),
  remains: z
    .array(
      z.object({
        kind: z.enum(['alert', 'escalation_policy', 'on_call_schedule', 'on_call_override']),
        id: z.string(),
        name: z.string(),
      }),
    )
    .describe('what still names the user, since somebody has set it up so: to be changed there'),
});

export type NotificationAnalytics = z.output<typeof notificationAnalytics>;
