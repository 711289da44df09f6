import { z } from 'zod';
import { cursorParameter, instant, limitParameter, list, windowParameters } from './common.ts';

/** Only for the description: the events are read by the module that knows the CloudEvents formats. */
export const cloudEvent = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: z.string(),
    source: z.string(),
    type: z.string(),
    subject: z.string().optional(),
    time: instant.optional(),
    datacontenttype: z.string().optional(),
    dataschema: z.string().optional(),
    data: z.unknown().optional(),
    data_base64: z.string().optional(),
  })
  .describe('a CloudEvent; an array of them with application/cloudevents-batch+json');

const passedOver = z
  .object({
    count: z.int(),
    subscriptions: z
      .array(z.object({ subscription_id: z.string(), reason: z.enum(['paused', 'min_severity', 'filter']) }))
      .describe('the first 20 of them'),
  })
  .nullable()
  .describe('subscriptions to its type or topic that did not hear of it, and why; null: there are none');

export const eventsAnswer = z.object({
  accepted: z.int(),
  duplicates: z.int().describe('events of a source and id that were here already'),
  items: z.array(
    z.object({
      id: z.string().nullable().describe('null for a duplicate'),
      source: z.string(),
      event_id: z.string(),
      status: z.enum(['accepted', 'duplicate']),
      notifications: z.array(z.string()),
      annotation: z.string().nullable().describe('of what charts show of it, `GET /api/annotations`; null: nothing'),
      passed_over: passedOver,
    }),
  ),
});

export const eventList = list(
  z.object({
    id: z.string(),
    source: z.string(),
    event_id: z.string(),
    type: z.string(),
    subject: z.string().nullable(),
    time: instant.nullable(),
    attributes: z.record(z.string(), z.unknown()),
    data: z.unknown(),
    received_at: instant,
    passed_over: passedOver,
  }),
);

export type EventList = z.infer<typeof eventList>;

export const eventFilters = z.strictObject({
  type: z.string().max(1024).optional(),
  source: z.string().max(1024).optional(),
  ...windowParameters,
  limit: limitParameter(),
  cursor: cursorParameter,
});
