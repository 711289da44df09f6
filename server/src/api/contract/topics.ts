import { z } from 'zod';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import { instant, list, severity } from './common.ts';
import { userId } from './notifications.ts';

const topicId = z.string().regex(/^[A-Za-z0-9][\w.:/-]{0,99}$/, 'use letters, digits and . _ - : /');
const typePattern = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\s]+$/, 'use no blanks')
  .refine((pattern) => pattern.split('*').length <= 5, 'use at most four *');

const topicFields = {
  name: z.string().trim().min(1).max(200).optional().describe('default: the id'),
  description: z.string().max(1000).default(''),
  event_types: z
    .array(typePattern)
    .max(100)
    .default([])
    .describe('types of events that belong to it; `*` stands for anything'),
  annotates: z.boolean().default(false).describe('its events are shown on charts, as annotations'),
};
export const topicBody = z.strictObject({ id: topicId, ...topicFields });
export const topicPut = z.strictObject(topicFields);
export const topicParams = z.strictObject({ id: z.string().min(1).max(100) });
export const topic = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  event_types: z.array(z.string()),
  annotates: z.boolean(),
  subscriptions: z.int().describe('how many'),
  created_at: instant,
  updated_at: instant,
});
export const topicList = list(topic);

const words = z
  .record(z.string().min(1).max(200), z.string().max(1000))
  .refine((entries) => Object.keys(entries).length > 0, 'name an attribute')
  .describe('by attribute, or `data.` and a path');

/** Filters within filters, at most so deep. */
const DEPTH = 4;

type Filter =
  | { exact: Record<string, string> }
  | { prefix: Record<string, string> }
  | { suffix: Record<string, string> }
  | { all: Filter[] }
  | { any: Filter[] }
  | { not: Filter };

function filterOf(depth: number): z.ZodType<Filter> {
  const flat = [z.strictObject({ exact: words }), z.strictObject({ prefix: words }), z.strictObject({ suffix: words })];
  if (depth === 0) return z.union(flat) as z.ZodType<Filter>;
  const inner = filterOf(depth - 1);
  const several = z.array(inner).min(1).max(20);
  return z.union([
    ...flat,
    z.strictObject({ all: several }),
    z.strictObject({ any: several }),
    z.strictObject({ not: inner }),
  ]) as z.ZodType<Filter>;
}

export const subscriptionBody = z
  .strictObject({
    topic: z.string().max(100).optional().describe('a topic, or `event_type`'),
    event_type: typePattern.optional().describe('types of events; `*` stands for anything'),
    user_id: userId.optional().describe('who is told, as the preferences say; or `channel`'),
    channel: z.enum(CHANNEL_NAMES).exclude(['in_app']).optional(),
    address: z.string().trim().min(1).max(2000).optional().describe('left out: the configured endpoint of the channel'),
    filters: z
      .array(filterOf(DEPTH))
      .max(20)
      .default([])
      .describe('all have to fit: exact, prefix, suffix, all, any, not, as in the CloudEvents Subscriptions API'),
    min_severity: severity.nullable().default(null),
    template: z.string().max(100).nullable().default(null).describe('default: that of the event’s type'),
    enabled: z.boolean().default(true),
  })
  .superRefine((body, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if ((body.topic === undefined) === (body.event_type === undefined)) {
      refuse('topic', 'say of what: either topic or event_type');
    }
    if ((body.user_id === undefined) === (body.channel === undefined)) {
      refuse('user_id', 'say who is told: either user_id or channel');
    }
    if (body.address !== undefined && body.channel === undefined) refuse('address', 'goes with channel only');
  });

export const subscription = z.object({
  id: z.string(),
  topic: z.string().nullable(),
  event_type: z.string().nullable(),
  user_id: z.string().nullable(),
  channel: z.enum(CHANNEL_NAMES).nullable(),
  recipient: z.string().describe('the user or the address; of URLs only the host'),
  filters: z.array(z.record(z.string(), z.unknown())),
  min_severity: severity.nullable(),
  template: z.string().nullable(),
  enabled: z.boolean(),
  created_at: instant,
  updated_at: instant,
});
export const subscriptionList = list(subscription);
export const subscriptionFilters = z.strictObject({
  topic: z.string().max(100).optional(),
  user_id: userId.optional(),
});

export type TopicView = z.output<typeof topic>;
export type SubscriptionBody = z.output<typeof subscriptionBody>;
export type SubscriptionView = z.output<typeof subscription>;
