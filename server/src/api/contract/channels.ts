import { z } from 'zod';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import { cursorParameter, instant, instantParameter, limitParameter, list, severity } from './common.ts';

const kind = z.enum(CHANNEL_NAMES).exclude(['in_app']);
const channelId = z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'use letters, digits and . _ -');

const settings = z
  .record(z.string().max(50), z.string().trim().max(4000).nullable())
  .refine((value) => Object.keys(value).length <= 20, 'at most 20 settings')
  .describe('by name, see `kinds` of the list; of a change, secrets left out stay as they are, and null removes');
const channelFields = {
  name: z.string().trim().min(1).max(200).optional().describe('default: the id'),
  settings,
  enabled: z.boolean().default(true).describe('false: what would go there is held back, with that reason'),
};
export const channelBody = z.strictObject({
  id: channelId.describe('what addresses name it by: `channel:<id>`'),
  kind,
  ...channelFields,
});
export const channelPut = z.strictObject(channelFields);
export const channelParams = z.strictObject({ id: z.string().min(1).max(64) });

const breaker = z
  .object({
    state: z.enum(['closed', 'open', 'half_open']),
    failures: z.int().describe('in a row'),
    retry_at: instant.nullable(),
    last_failure: z.string().nullable(),
  })
  .describe('after five failures in a row it opens: what waits does not use up its attempts');

export const channel = z.object({
  id: z.string(),
  name: z.string(),
  kind,
  origin: z.enum(['settings', 'file', 'api']).describe('only those of `api` can be changed here'),
  enabled: z.boolean(),
  settings: z.record(z.string(), z.string()).describe('without secrets'),
  secrets: z.array(z.string()).describe('names of the secrets that are set'),
  address: z.string().describe('as `to`, as address of a preference or subscription, or in a receiver of the routing'),
  target: z.string().nullable().describe('where it sends to; of URLs only the host'),
  problem: z.string().nullable().describe('why nothing can be sent there, and what to do'),
  breaker,
  drift: z
    .enum(['same', 'different'])
    .nullable()
    .describe('of `file`: what the API had saved under this id, and the configuration now stands before'),
  created_at: instant.nullable(),
  updated_at: instant.nullable(),
  saved_by: z.string().nullable(),
});
export const channelList = list(channel).extend({
  kinds: z.array(
    z.object({
      kind,
      settings: z.array(z.object({ name: z.string(), help: z.string(), secret: z.boolean(), required: z.boolean() })),
    }),
  ),
});

export const channelTestBody = z.strictObject({
  to: z.string().trim().min(1).max(2000).optional().describe("instead of the channel's own recipient"),
  message: z.string().trim().min(1).max(2000).optional(),
});
export const channelTest = z.object({
  outcome: z.enum(['sent', 'retry', 'failed']).describe('`retry`: it would be tried again'),
  reason: z.string().nullable(),
  detail: z.string().nullable().describe("the target's own words"),
  recipient: z.string(),
  took_ms: z.number(),
});

const deadFields = {
  channel: z.enum(CHANNEL_NAMES).optional(),
  reason: z.string().max(50).optional(),
  user_id: z.string().max(200).optional(),
};
export const deadFilters = z.strictObject({
  ...deadFields,
  start: instantParameter.optional(),
  end: instantParameter.optional(),
  limit: limitParameter(),
  cursor: cursorParameter,
});
export const deadList = list(
  z.object({
    id: z.string(),
    notification_id: z.string(),
    channel: z.enum(CHANNEL_NAMES),
    recipient: z.string(),
    user_id: z.string().nullable(),
    type: z.string(),
    severity,
    subject: z.string(),
    reason: z.string().nullable(),
    detail: z.string().nullable(),
    attempts: z.int(),
    created_at: instant,
  }),
).extend({ total: z.int().describe('all that match') });

export const replayBody = z
  .strictObject({
    ids: z.array(z.string().max(100)).min(1).max(500).optional().describe('of deliveries'),
    ...deadFields,
    start: instantParameter.optional(),
    end: instantParameter.optional(),
    all: z.literal(true).optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'say which: ids, a filter, or all: true');
export const replayAnswer = z.object({
  replayed: z.int().describe('put back into their lanes, at most 10,000 a call'),
  remaining: z.int().describe('that match and are still dead'),
});

export type ChannelView = z.output<typeof channel>;
export type ChannelList = z.output<typeof channelList>;
export type ChannelTest = z.output<typeof channelTest>;
export type DeadList = z.output<typeof deadList>;
export type ReplayAnswer = z.output<typeof replayAnswer>;
