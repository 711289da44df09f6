import { z } from 'zod';
import { matchers } from './alert-routing.ts';
import { cursorParameter, duration, instant, instantParameter, limitParameter, list, severity } from './common.ts';

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
  episode_id: z.string().nullable().describe('null: it has no alert of its own, and the services depend on it'),
  alert_id: z.string().nullable(),
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

const by = z.string().min(1).max(200).optional().describe('who; left out: the caller');
const note = z.string().max(4000).optional();
const episodeId = z.string().min(1).max(100);

/** When something is to end: at a time, or after one. */
const endFields = {
  until: instantParameter.optional(),
  for: duration.optional().describe('instead of `until`'),
};

export const incidentCare = z.strictObject({ by, note, ...endFields });
export const incidentAssignment = z.strictObject({
  by,
  note,
  to: z.string().min(1).max(200).nullable().describe('a user; null: nobody'),
});
export const incidentComment = z.strictObject({ by, note: z.string().trim().min(1, 'say something').max(10_000) });
export const incidentMerge = z.strictObject({
  by,
  note,
  into: z.string().min(1).max(100).describe('the incident that goes on'),
});
export const incidentSplit = z.strictObject({ by, note, episode_ids: z.array(episodeId).min(1).max(500) });

const timelineEntry = z.object({
  id: z.string(),
  at: instant,
  source: z.enum(['incident', 'alert', 'delivery', 'event']),
  kind: z.string().describe('`fired`, `resolved`, `acknowledged`, ...; of a delivery its status, of an event its type'),
  by: z.string().nullable(),
  text: z.string(),
  episode_id: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export const incidentTimeline = list(timelineEntry);
export type IncidentTimeline = z.infer<typeof incidentTimeline>;
export const incidentTimelineParameters = z.strictObject({ limit: limitParameter(), cursor: cursorParameter });

export const bulkAction = z
  .strictObject({
    action: z.enum(['acknowledge', 'snooze', 'silence', 'resolve']),
    ids: z.array(z.string().min(1).max(100)).min(1).max(500).optional().describe('alerts: all that fires of them'),
    episode_ids: z.array(episodeId).min(1).max(500).optional(),
    filter: z
      .strictObject({
        matchers: matchers.optional(),
        severity: severity.optional(),
        service: z.string().max(200).optional(),
        incident_id: z.string().max(100).optional(),
      })
      .optional()
      .describe('what fires now and matches all of this'),
    by,
    note,
    ...endFields,
  })
  .refine(({ ids, episode_ids, filter }) => [ids, episode_ids, filter].filter(Boolean).length === 1, {
    path: ['ids'],
    error: 'give one of ids, episode_ids and filter',
  });
export type BulkAction = z.output<typeof bulkAction>;

const bulkItem = z.object({
  id: z.string().describe('of the alert or the episode, as it was asked for'),
  result: z.enum(['done', 'nothing_fires', 'failed']),
  detail: z.string().nullable(),
  silence_id: z.string().nullable(),
});
export const bulkResult = z.object({ done: z.int(), items: z.array(bulkItem) });
export type BulkItem = z.infer<typeof bulkItem>;
