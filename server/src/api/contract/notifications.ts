import { z } from 'zod';
import { DELIVERY_STATUSES } from '../../model/delivery-status.ts';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import {
  booleanParameter,
  cursorParameter,
  digest,
  duration,
  instant,
  instantParameter,
  limitParameter,
  list,
  severity,
} from './common.ts';

const channelName = z.enum(CHANNEL_NAMES);

const deliveryStatus = z
  .enum(DELIVERY_STATUSES)
  .describe(
    '`scheduled`: it waits for its time, `reason` says for what; `bundled`: told together with others in one message; `sent`: the provider took it; `delivered`: it arrived; `failed`: the target refused it for good; `dead`: given up after many attempts; `suppressed`: not sent, see `reason`; `unknown`: it may have arrived',
  );

export const userId = z.string().trim().min(1).max(200);
export const words = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[\w.:/-]+$/, 'use letters, digits and . _ - : /');
/** Most characters of JSON in `data` and `metadata`. */
const JSON_LIMIT = 32_000;
export const variables = z
  .record(z.string(), z.unknown())
  .refine((value) => JSON.stringify(value).length <= JSON_LIMIT, `at most ${JSON_LIMIT} characters of JSON`);

export const notifyBody = z.strictObject({
  user_id: userId.optional().describe('whose inbox gets it, and whose addresses and preferences count'),
  group: z
    .union([userId.transform((name) => [name]), z.array(userId).min(1).max(20)])
    .optional()
    .describe('one or a list: also the members of these groups'),
  topic: z.string().max(100).optional().describe('also everybody who has subscribed to it'),
  type: words.default('message').describe('your category, any word; preferences can name it'),
  channel: z
    .union([channelName.transform((name) => [name]), z.array(channelName).min(1).max(CHANNEL_NAMES.length)])
    .optional()
    .describe("one or a list; left out, the user's preferences decide"),
  subject: z.string().trim().max(500).optional(),
  message: z.string().max(32_000).optional(),
  to: z.string().trim().min(1).max(2000).optional().describe("overrides the user's address"),
  template: z.string().max(100).optional().describe('id of a template, filled in with `data`'),
  data: variables.default({}).describe('variables of the template'),
  locale: z
    .string()
    .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'use a language tag: de, de-AT')
    .optional()
    .describe('which variant of the template'),
  severity: severity.default('info'),
  critical: z.boolean().default(false).describe('true: preferences cannot hold it back'),
  metadata: variables.optional().describe('kept with it and given to webhooks'),
  send_at: instantParameter.optional().describe('not before, at most 90 days ahead; preferences are asked again then'),
  delay: duration.optional().describe('the same from now on: `10m`'),
  digest: digest.optional().describe('for users who have not decided about digests: tell it together with others'),
  unless_seen_within: duration
    .optional()
    .describe('by other channels only what is not seen in the inbox by then; what the user has decided goes before'),
  fallback: z
    .strictObject({ after: duration.optional().describe('left out: only where the one before fails') })
    .optional()
    .describe('`channel` is a chain: each one where the ones before fail, or it is not read in time'),
});

export const notifyParameters = z.strictObject({
  wait: booleanParameter.optional().describe('true: answer when every delivery is final, or after 10 s'),
});

export const notifyAnswer = z.object({
  id: z.string(),
  status: deliveryStatus,
  deliveries: z.array(
    z.object({
      id: z.string(),
      channel: channelName,
      recipient: z.string(),
      status: deliveryStatus,
      reason: z.string().optional(),
      detail: z.string().optional().describe('what to do about it'),
    }),
  ),
});

export const notifyBatch = z.strictObject({ notifications: z.array(notifyBody).min(1).max(100) });
export const notifyBatchAnswer = z.object({
  items: z.array(notifyAnswer).describe('in the order of the request'),
});

const delivery = z.object({
  id: z.string(),
  channel: channelName,
  recipient: z.string().describe('the address; of URLs only the host'),
  status: deliveryStatus,
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  attempts: z.array(z.object({ at: instant, outcome: z.string(), detail: z.string().nullable() })),
  scheduled_until: instant.nullable().describe('until when it waits, outside of the queue'),
  bundled_into: z.string().nullable().describe('the notification that told of it together with others'),
  sent_at: instant.nullable(),
  delivered_at: instant.nullable(),
});

const notification = z.object({
  id: z.string(),
  user_id: z.string().nullable(),
  type: z.string(),
  severity,
  subject: z.string(),
  message: z.string(),
  status: deliveryStatus.describe('the furthest of its deliveries'),
  created_at: instant,
  seen_at: instant.nullable(),
  read_at: instant.nullable(),
  archived_at: instant.nullable(),
  snoozed_until: instant.nullable().describe('out of sight until then, when it comes back as unseen'),
  alert_id: z.string().nullable(),
  incident_id: z.string().nullable(),
  deliveries: z.array(delivery),
});

/** What one frame of the WebSocket holds. */
const notificationFrame = notification.extend({
  type: z.literal('notification'),
  notification_type: z.string(),
  seq: z.int().describe("counts up by one in each user's inbox"),
});

export const notificationDetail = notification.extend({
  episode_id: z.string().nullable(),
  critical: z.boolean(),
  template: z.string().nullable(),
  template_error: z.string().nullable().describe('why the built-in template stands in'),
  data: z.record(z.string(), z.unknown()),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  deliveries: z.array(
    delivery.extend({
      user_id: z.string().nullable(),
      next_attempt_at: instant.nullable(),
      trace: z
        .array(z.object({ rule: z.string(), result: z.string() }))
        .describe('why it was sent there, or not: each rule that was asked, and what it said'),
    }),
  ),
});

export const notificationList = list(notification);

export const notificationFilters = z.strictObject({
  user_id: userId.optional(),
  status: deliveryStatus.optional().describe('of any of its deliveries'),
  channel: channelName.optional().describe('of any of its deliveries'),
  type: z.string().max(100).optional(),
  alert_id: z.string().max(100).optional(),
  unread: booleanParameter.optional(),
  unseen: booleanParameter.optional(),
  archived: booleanParameter.optional().describe('left out: both'),
  snoozed: booleanParameter.optional().describe('left out: both'),
  start: instantParameter.optional(),
  end: instantParameter.optional(),
  limit: limitParameter(),
  cursor: cursorParameter,
});

export const notificationParams = z.strictObject({ id: z.string().min(1).max(100) });

export const userParams = z.strictObject({ user_id: userId });

export type NotifyAnswer = z.output<typeof notifyAnswer>;
export type Notification = z.output<typeof notification>;
export type NotificationFrame = z.output<typeof notificationFrame>;
export type NotificationDetail = z.output<typeof notificationDetail>;
