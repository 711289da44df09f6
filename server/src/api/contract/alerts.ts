import { z } from 'zod';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import { SEVERITIES } from '../../model/severity.ts';
import {
  booleanParameter,
  cursorParameter,
  duration,
  instant,
  instantParameter,
  limitParameter,
  list,
  severity,
} from './common.ts';

/** What is planned and refused by name until it is built. */
const notBuilt = z.undefined({ error: 'is not built yet' }).optional().meta({ description: 'not built yet: refused' });

const text = (most: number) => z.string().max(most);
const name = text(200).trim().min(1, 'must not be empty');
const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'use letters, digits and _, not starting with a digit');
const finite = z.number('must be a number');
const operators = ['>', '>=', '<', '<=', '==', '!='] as const;
const silencePolicy = z.enum(['keep_last', 'fire', 'resolve']);
const languages = ['promql', 'logs', 'trace', 'sql', 'alerts'] as const;
const redFigures = ['rate', 'error_percent', 'p50', 'p95', 'p99'] as const;

const shortDuration = duration.describe('Prometheus duration (`30s`, `5m`), at most 7d');

const severityThreshold = z.strictObject({ severity, threshold: finite });

const notifySettings = z.strictObject({
  users: z.array(text(200).min(1)).max(100).default([]),
  groups: z.array(text(180).min(1)).max(20).default([]).describe('their members are told as well'),
  channels: z.array(z.enum(CHANNEL_NAMES)).min(1).nullable().default(null),
  receiver: text(200)
    .min(1)
    .nullable()
    .default(null)
    .describe('a receiver of the routing, in place of users and channels'),
  escalation_policy_id: text(200)
    .min(1)
    .nullable()
    .default(null)
    .describe('an escalation policy: besides those who are named here, or alone where nobody is'),
});

const redSettings = z.strictObject({
  service: text(200).min(1).nullable().default(null).describe('null: `service`, else each service by itself'),
  operation: text(500).min(1).nullable().default(null).describe('null: all together; `group_by` tells them apart'),
  environment: text(200).min(1).nullable().default(null),
  figure: z.enum(redFigures).describe('`rate` in requests per second, latencies in milliseconds'),
  min_requests: z.int().min(1).max(1_000_000).default(1).describe('fewer requests in the window are no data'),
});

const absenceSettings = z.strictObject({
  for: duration.describe('how long the silence lasts before it counts: 1s to 7d'),
});

/** Fields that a person may set. In a change, null takes a value away; what is not named stays. */
const fields = {
  description: text(4000),
  severity,
  service: text(200).min(1).nullable(),
  metric: text(300).min(1).nullable().describe('metric to watch; needs `threshold`'),
  query: text(10_000)
    .min(1)
    .nullable()
    .describe(
      '`promql` and `sql`: with `threshold` values are compared, without it whatever comes is an alert; `logs`: a log search, counted in `window`; `alerts`: `"A" and not "B"`',
    ),
  query_language: z.enum(languages).describe('`trace` goes with `red`'),
  window: shortDuration.nullable().describe('what an evaluation of logs or requests looks back; default 5m'),
  red: redSettings.nullable().describe('requests of services, from their spans'),
  operator: z.enum(operators).nullable(),
  threshold: finite.nullable(),
  recovery_threshold: finite.nullable().describe('a firing alert ends only when this one is passed back, too'),
  thresholds: z.array(severityThreshold).min(1).max(SEVERITIES.length).nullable(),
  for: shortDuration,
  keep_firing_for: shortDuration,
  interval: duration.describe('1s to 1d'),
  no_data: silencePolicy.describe('what it means that there are no data at all'),
  on_error: silencePolicy.describe('what it means that the data cannot be read'),
  missing_tolerance: z
    .int()
    .min(0)
    .max(100)
    .describe('evaluations without data, or that fail, that are nothing unusual'),
  series_no_data: silencePolicy.describe('what it means that a label set is missing while others are there'),
  series_no_data_after: shortDuration.describe('once it is missing for so long; default 1h'),
  group_by: z.array(z.string().min(1).max(200)).max(20).nullable().describe('labels that tell instances apart'),
  labels: z.record(labelName, text(1000)),
  annotations: z.record(labelName, text(4000)).describe('Liquid templates, such as `{{ value }}`'),
  notify: notifySettings.nullable().describe('null: the default recipients'),
  enabled: z.boolean(),
  ends_at: instantParameter.nullable().describe('when a manual alert ends by itself'),
  absence: absenceSettings.nullable().describe('silence is the alert: of metric, query or service, also if never seen'),
  anomaly: notBuilt,
};

const optionalFields = z.strictObject(fields).partial().shape;

export const alertForm = z.strictObject({ name, ...optionalFields });
export type AlertFormBody = z.output<typeof alertForm>;

export const alertPatch = z.strictObject({
  name: name.optional(),
  ...optionalFields,
  version: z.int().min(1).optional().describe('the version that is changed; another one is a conflict'),
});
export type AlertPatchBody = z.output<typeof alertPatch>;

const alertState = z.enum(['inactive', 'pending', 'firing', 'recovering']);

const alertInstance = z.object({
  fingerprint: z.string(),
  labels: z.record(z.string(), z.string()),
  state: alertState,
  severity,
  value: z.number().nullable(),
  since: instant.describe('since when it is in this state'),
  started_at: instant.describe('since when the condition holds'),
  episode_id: z.string().nullable(),
  acknowledged: z.boolean(),
  acknowledged_by: z.string().nullable(),
  suppressed_by: z.array(z.string()),
});

export const alert = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  severity,
  service: z.string().nullable(),
  metric: z.string().nullable(),
  query: z.string().nullable(),
  query_language: z.enum(languages),
  kind: z.string().describe('what is watched: promql, logs, red, sql, absence, alerts, manual or external'),
  watches: z.string().describe('the same in a line'),
  window: z.string().nullable(),
  red: z
    .object({
      service: z.string().nullable(),
      operation: z.string().nullable(),
      environment: z.string().nullable(),
      figure: z.enum(redFigures),
      min_requests: z.int(),
    })
    .nullable(),
  absence: z.object({ for: z.string() }).nullable(),
  inferred: z.boolean().describe('the query was worked out from words of name and description'),
  operator: z.enum(operators).nullable(),
  threshold: z.number().nullable(),
  recovery_threshold: z.number().nullable(),
  thresholds: z.array(severityThreshold).nullable(),
  for: z.string(),
  keep_firing_for: z.string(),
  interval: z.string(),
  no_data: silencePolicy,
  on_error: silencePolicy,
  missing_tolerance: z.int(),
  series_no_data: silencePolicy,
  series_no_data_after: z.string(),
  group_by: z.array(z.string()).nullable(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  notify: z
    .object({
      users: z.array(z.string()),
      groups: z.array(z.string()),
      channels: z.array(z.string()).nullable(),
      receiver: z.string().nullable(),
      escalation_policy_id: z.string().nullable(),
    })
    .nullable(),
  enabled: z.boolean(),
  ends_at: instant.nullable(),
  state: alertState,
  health: z.enum(['ok', 'error', 'no_data', 'unknown']),
  last_error: z.string().nullable(),
  instances: z.array(alertInstance),
  last_evaluated_at: instant.nullable(),
  missed_evaluations: z.int().describe('left out since the start, because the one before took too long'),
  created_at: instant,
  updated_at: instant,
  version: z.int(),
  provisioned: z.boolean().describe('the configuration file lists it: only `enabled` can be changed here'),
});
export type Alert = z.infer<typeof alert>;
export type AlertInstance = z.infer<typeof alertInstance>;

export const alertList = list(alert);
export type AlertList = z.infer<typeof alertList>;

export const alertListParameters = z.strictObject({
  state: alertState.optional().describe('alerts in this state, or whose alert about their own health is in it'),
  severity: severity.optional(),
  service: z.string().optional().describe('alerts about this service, or that have found something of it'),
  environment: z.string().optional().describe('as `service`, by the label `environment`'),
  search: z.string().optional().describe('in name and description'),
  enabled: booleanParameter.optional(),
  limit: limitParameter(),
  cursor: cursorParameter,
});

export const alertParameters = z.strictObject({ alert_id: z.string() });

export const alertAction = z.strictObject({
  by: text(200).min(1).optional().describe('who; left out: the caller'),
  note: text(4000).optional(),
  until: instantParameter.optional(),
});
export const alertSnooze = z.strictObject({
  ...alertAction.shape,
  for: duration.optional().describe('instead of `until`'),
});

export const alertTestResult = z.object({
  id: z.string(),
  deliveries: z.array(
    z.object({
      id: z.string(),
      channel: z.string(),
      recipient: z.string(),
      status: z.string(),
      reason: z.string().nullish(),
    }),
  ),
  detail: z.string().optional().describe('why there are no deliveries'),
});

const episodeState = z.enum(['firing', 'recovering', 'resolved']);

const episodeEvent = z.object({
  at: instant,
  kind: z
    .string()
    .describe(
      'fired, recovering, refired, severity_raised, severity_lowered, acknowledged, resolved, notified, escalated, escalation_skipped, escalation_postponed, escalation_fallback, escalation_exhausted, escalation_restarted, acknowledgement_expired, flapping',
    ),
  by: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});

const episode = z.object({
  id: z.string(),
  alert_id: z.string(),
  alert_name: z.string(),
  severity,
  service: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  fingerprint: z.string(),
  state: episodeState,
  started_at: instant,
  fired_at: instant,
  ended_at: instant.nullable(),
  duration_seconds: z.number(),
  threshold: z.number().nullable(),
  peak_value: z.number().nullable(),
  last_value: z.number().nullable(),
  acknowledged_by: z.string().nullable(),
  resolved_by: z.string().nullable(),
  resolve_reason: z.string().nullable(),
  incident_id: z.string().nullable(),
  notifications: z.array(z.object({ id: z.string(), channel: z.string(), recipient: z.string(), status: z.string() })),
  timeline: z.array(episodeEvent),
});
export type Episode = z.infer<typeof episode>;

export const episodeList = list(episode);
export type EpisodeList = z.infer<typeof episodeList>;

export const episodeListParameters = z.strictObject({
  alert_id: z.string().optional(),
  state: episodeState.optional(),
  severity: severity.optional(),
  service: z.string().optional(),
  environment: z.string().optional(),
  start: instantParameter.optional().describe('episodes open at or after this time; left out: all there are'),
  end: instantParameter.optional(),
  limit: limitParameter(),
  cursor: cursorParameter,
});

export const previewForm = z.strictObject({
  ...alertForm.shape,
  start: instantParameter.optional().describe('default: a day before the end'),
  end: instantParameter.optional().describe('default: now'),
  time_zone: z
    .string()
    .refine(isTimeZone, 'is no IANA time zone such as Europe/Paris')
    .default('UTC')
    .describe('whose nights (22:00 to 7:00) count'),
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

export const preview = z.object({
  query: z.string(),
  start: instant,
  end: instant,
  step_seconds: z.number().describe('the interval of the rule, or wider where that would be too many looks'),
  is_thinned: z
    .boolean()
    .describe('the step is wider than the interval of the rule: what was shorter than the step may be missing'),
  series: z.int().describe('series that the query gave'),
  would_have_fired: z.int().describe('episodes, those of all label sets together'),
  longest_seconds: z.number().describe('0 where it would not have fired'),
  episodes: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      severity,
      start: instant,
      fired_at: instant,
      end: instant.nullable().describe('null: it would fire still'),
      peak: z.number().nullable(),
    }),
  ),
  is_cut: z.boolean().describe('there were more than the 1000 episodes that are listed'),
  told: z
    .array(z.object({ receiver: z.string(), times: z.int(), at_night: z.int(), muted: z.int() }))
    .describe('who would have heard of it by the routing in force; alerts of one group interval count once'),
  people: z
    .array(z.object({ user: z.string(), times: z.int(), at_night: z.int() }))
    .describe(
      'users that these and their escalation policies stand for: whoever was on call then, each step as if nobody had ' +
        'acknowledged, before their preferences are asked',
    ),
});
export type Preview = z.infer<typeof preview>;

export const alertVersionParameters = z.strictObject({ alert_id: z.string(), version: z.coerce.number().int().min(1) });

export const alertVersionList = list(
  z.object({
    version: z.int(),
    changed_at: instant,
    changed_by: z.string(),
    name: z.string(),
    severity,
    query: z.string().nullable(),
    threshold: z.number().nullable(),
    definition: z.record(z.string(), z.unknown()).describe('the whole rule as it was'),
  }),
);
export type AlertVersionList = z.infer<typeof alertVersionList>;
