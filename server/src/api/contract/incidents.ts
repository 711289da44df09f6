import { z } from 'zod';
import { cursorParameter, instant, instantParameter, limitParameter, list, severity } from './common.ts';

const labels = z.record(z.string(), z.string());
const status = z.enum(['open', 'acknowledged', 'resolved']);

const joinReason = z.object({
  kind: z.enum(['opened', 'rule', 'service', 'alert', 'topology', 'merged', 'split']),
  text: z.string(),
  rule: z.string().nullable().describe('name of the correlation rule'),
  keys: labels.describe('labels that were equal'),
  path: z.array(z.string()).describe('from the caller to what it depends on'),
  episode_id: z.string().nullable().describe('the episode that it was found by'),
});

const member = z.object({
  episode_id: z.string(),
  alert_id: z.string(),
  alert_name: z.string(),
  severity,
  service: z.string(),
  labels,
  state: z.enum(['firing', 'resolved']),
  fired_at: instant,
  ended_at: instant.nullable(),
  acknowledged_by: z.string().nullable(),
  joined_at: instant,
  reason: joinReason,
});

const cause = z.object({
  episode_id: z.string(),
  alert_id: z.string(),
  alert_name: z.string(),
  service: z.string(),
  count: z.int(),
  score: z.number().describe('0 to 1'),
  reasons: z.array(z.string()),
});

const fields = {
  id: z.string(),
  title: z.string(),
  status,
  severity: severity.describe('the worst of its alerts so far'),
  services: z.array(z.string()),
  opened_at: instant,
  updated_at: instant,
  resolved_at: instant.nullable(),
  resolved_by: z.string().nullable().describe('null: its alerts ended by themselves'),
  duration_seconds: z.number(),
  acknowledged_by: z.string().nullable(),
  acknowledged_at: instant.nullable(),
  acknowledged_until: instant.nullable(),
  snoozed_by: z.string().nullable(),
  snoozed_until: instant.nullable(),
  assignee: z.string().nullable(),
  merged_into: z.string().nullable(),
  alert_count: z.int(),
  firing_count: z.int(),
};

const incidentSummary = z.object(fields);
export type IncidentSummary = z.infer<typeof incidentSummary>;

export const incident = z.object({
  ...fields,
  suspected_causes: z.array(cause).describe('the likeliest first'),
  alerts: z.array(member).describe('the oldest first, at most 500'),
});
export type IncidentView = z.infer<typeof incident>;

export const incidentList = z.object({
  ...list(incidentSummary).shape,
  counts: z.object({ open: z.int(), acknowledged: z.int() }).describe('of all incidents, whatever the filter'),
});
export type IncidentList = z.infer<typeof incidentList>;

export const incidentListParameters = z.strictObject({
  status: status.optional(),
  severity: severity.optional(),
  service: z.string().optional(),
  assignee: z.string().optional(),
  search: z.string().max(200).optional().describe('in the title'),
  start: instantParameter.optional().describe('incidents that were open at some moment from here'),
  end: instantParameter.optional(),
  limit: limitParameter(),
  cursor: cursorParameter,
});

export const incidentParameters = z.strictObject({ incident_id: z.string() });
