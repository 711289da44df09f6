import { z } from 'zod';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import { cursorParameter, duration, instant, limitParameter, list, severity } from './common.ts';
import { hours } from './on-call.ts';

const text = (most: number) => z.string().trim().max(most);
const name = text(200).min(1, 'must not be empty');

const KINDS = ['user', 'schedule', 'channel', 'receiver', 'webhook'] as const;

const target = z
  .strictObject({
    user: name.optional().describe('user id'),
    schedule: name.optional().describe('id or name of an on-call schedule: whoever is on call then'),
    channel: z
      .enum(CHANNEL_NAMES.filter((channel) => channel !== 'in_app'))
      .optional()
      .describe('with `address`, or its configured endpoint'),
    address: z.string().max(2000).optional().describe('shown without what may be secret in it'),
    receiver: name.optional().describe('a receiver of the routing'),
    webhook: z.url().max(2000).optional().describe('short for the channel webhook with this address'),
  })
  .refine((value) => KINDS.filter((kind) => value[kind] !== undefined).length === 1, `give one of ${KINDS.join(', ')}`)
  .refine((value) => value.address === undefined || value.channel !== undefined, 'an address belongs to a channel');
export type EscalationTargetBody = z.output<typeof target>;

const conditions = z.strictObject({
  time_zone: z.string().max(100).default('UTC'),
  hours: z.array(hours).max(21).default([]).describe('outside of them the step waits; none: always'),
  min_severity: severity.nullable().default(null).describe('below it the step is passed over'),
  count: z
    .strictObject({ at_least: z.int().min(1).max(10_000), within: duration })
    .nullable()
    .default(null)
    .describe('the step waits, for its delay at most, until the alert has fired so often'),
});

const step = z.strictObject({
  delay: duration.default('5m').describe('how long those who are told have before the next step; 30s to 7d'),
  targets: z.array(target).min(1, 'name at least one target').max(50),
  urgency: z
    .enum(['high', 'low'])
    .nullable()
    .default(null)
    .describe('high passes preferences over; null: by the severity'),
  conditions: conditions.prefault({}),
});
export type EscalationStepBody = z.output<typeof step>;

const fields = {
  name,
  description: text(4000),
  steps: z.array(step).min(1, 'give at least one step').max(20),
  repeat: z.int().min(0).max(5).describe('how often the steps are begun anew'),
  fallback: z.array(target).max(50).describe('told where a step reaches nobody'),
  ack_timeout: duration
    .nullable()
    .describe('how long an acknowledgement of a critical alert holds unless it says so; null: until the alert ends'),
};

export const escalationPolicyForm = z.strictObject({
  ...fields,
  description: fields.description.default(''),
  repeat: fields.repeat.default(0),
  fallback: fields.fallback.default([]),
  ack_timeout: fields.ack_timeout.default('4h'),
});
export const escalationPolicyPatch = z.strictObject(fields).partial();
export type EscalationPolicyPatchBody = z.output<typeof escalationPolicyPatch>;

const policyLint = z.object({
  path: z.string(),
  level: z.enum(['error', 'warning']).describe('error: nobody is reached there as things stand'),
  message: z.string(),
  user: z.string().optional().describe('who is not reached, where it is about one person: the message begins with it'),
});

export const escalationPolicy = z.object({
  id: z.string(),
  ...fields,
  origin: z.enum(['api', 'file']).describe('file: the configuration file has it'),
  lint: z.array(policyLint).optional().describe('what may keep it from reaching somebody; in answers about one policy'),
  created_at: instant,
  updated_at: instant,
});
export type EscalationPolicyView = z.infer<typeof escalationPolicy>;
export const escalationPolicyList = list(escalationPolicy);
export const escalationPolicyListParameters = z.strictObject({ limit: limitParameter(), cursor: cursorParameter });
export const escalationPolicyParameters = z.strictObject({ policy_id: z.string() });
export const escalationLint = z.object({ items: z.array(policyLint) });

export const escalationListParameters = z.strictObject({
  incident_id: z.string().max(100).optional().describe('of this incident alone'),
  limit: limitParameter(),
});
export const escalationList = z.object({
  items: z.array(
    z.object({
      thread_id: z.string().describe('under which its notifications run'),
      incident_id: z.string(),
      incident_title: z.string(),
      policy_id: z.string(),
      policy_name: z.string(),
      state: z.enum(['waiting', 'acknowledged', 'exhausted']),
      last_step: z.int().nullable().describe('the step that ran last, from 1'),
      round: z.int().describe('from 1'),
      steps: z.int(),
      next_at: instant.nullable().describe('when it goes on'),
      held_by: z.string().nullable().describe('what suppresses the alerts'),
      started_at: instant,
    }),
  ),
});
export type EscalationList = z.infer<typeof escalationList>;
