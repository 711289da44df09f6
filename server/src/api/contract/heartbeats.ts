import { z } from 'zod';
import { matchers, matchersView } from './alert-routing.ts';
import { cursorParameter, duration, instant, limitParameter, list, severity } from './common.ts';

const name = z.string().trim().min(1, 'must not be empty').max(150);
const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'use letters, digits and _, not starting with a digit');

const fields = {
  name,
  description: z.string().max(4000),
  interval: duration.describe('how often it is to be heard of; 10s to 60d'),
  grace: duration.describe('how much later than that is no alert yet; at most 60d'),
  severity,
  labels: z.record(labelName, z.string().max(1000)).describe('further labels of its alert'),
  escalation_policy_id: z.string().min(1).max(200).nullable().describe('null: the routing decides who is told'),
  enabled: z.boolean(),
};

const ofAlerts = matchers
  .optional()
  .describe('alerts of other programs that stand for its pings, such as Prometheus\' `alertname="Watchdog"`');

export const heartbeatForm = z.strictObject({
  ...fields,
  description: fields.description.default(''),
  grace: fields.grace.default('1m'),
  severity: fields.severity.default('error'),
  labels: fields.labels.default({}),
  escalation_policy_id: fields.escalation_policy_id.default(null),
  enabled: fields.enabled.default(true),
  matchers: ofAlerts,
});
export const heartbeatPatch = z.strictObject({ ...fields, matchers: ofAlerts }).partial();
export type HeartbeatPatchBody = z.output<typeof heartbeatPatch>;

export const heartbeat = z.object({
  id: z.string(),
  ...fields,
  matchers: matchersView,
  matcher_text: z.string(),
  ping_path: z.string().describe('GET or POST; `/start` and `/fail` behind it say more. No credentials are needed'),
  state: z
    .enum(['paused', 'waiting', 'up', 'late', 'down'])
    .describe('waiting: not heard of yet; late: within its grace'),
  alert_at: instant.nullable().describe('when it becomes an alert that nothing is heard'),
  last_ping_at: instant.nullable(),
  last_start_at: instant.nullable(),
  last_fail_at: instant.nullable(),
  last_duration_seconds: z.number().nullable().describe('from the last start to the ping after it'),
  created_at: instant,
  updated_at: instant,
});
export type HeartbeatView = z.infer<typeof heartbeat>;
export const heartbeatList = list(heartbeat);
export const heartbeatListParameters = z.strictObject({ limit: limitParameter(), cursor: cursorParameter });
export const heartbeatParameters = z.strictObject({ heartbeat_id: z.string() });
export const heartbeatPingAnswer = z.object({ status: z.literal('ok') });
