import { z } from 'zod';
import { cursorParameter, duration, instant, instantParameter, limitParameter, list, severity } from './common.ts';

const text = (most: number) => z.string().max(most);
const labels = z.record(z.string(), z.string());

export const matcher = z.object({ name: z.string(), operator: z.enum(['=', '!=', '=~', '!~']), value: z.string() });

export const matchersView = z.array(matcher);

/** As a list of matchers, each a text or an object, or as one text. */
export const matchers = z
  .union([
    z
      .array(z.union([z.strictObject(matcher.shape), text(10_000)]))
      .min(1)
      .max(100),
    text(10_000).min(1),
  ])
  .describe(
    '`["severity=\\"warning\\"", {"name": "service", "operator": "=~", "value": "a|b"}]`, or one text with commas',
  );
export type MatchersBody = z.output<typeof matchers>;

const suppression = z.object({
  kind: z.enum(['silence', 'maintenance', 'inhibition', 'time_interval', 'flapping', 'snooze']),
  id: z.string(),
  detail: z.string(),
});

// Silences

const silenceState = z.enum(['pending', 'active', 'expired']);

export const silence = z.object({
  id: z.string(),
  state: silenceState,
  matchers: matchersView,
  matcher_text: z.string().describe('the matchers as people write them'),
  starts_at: instant,
  ends_at: instant,
  created_by: z.string(),
  comment: z.string(),
  updated_at: instant,
  alert_count: z.int().describe('how many alerts that fire now it is about'),
});
export type Silence = z.infer<typeof silence>;

export const silenceList = list(silence);
export type SilenceList = z.infer<typeof silenceList>;

export const silenceListParameters = z.strictObject({
  state: silenceState.optional().describe('left out: those that have not expired'),
  limit: limitParameter(),
  cursor: cursorParameter,
});

export const silenceParameters = z.strictObject({ silence_id: z.string() });

const silenceFields = {
  matchers,
  starts_at: instantParameter.optional().describe('left out: now'),
  ends_at: instantParameter.optional(),
  duration: duration.optional().describe('instead of `ends_at`'),
  comment: text(4000).min(1, 'say why'),
  created_by: text(200).min(1).optional().describe('left out: the caller'),
};
export const silenceForm = z.strictObject(silenceFields);
export type SilenceFormBody = z.output<typeof silenceForm>;
export const silencePatch = z.strictObject(silenceFields).partial();

export const matchersForm = z.strictObject({ matchers });

export const silencePreview = z.object({
  count: z.int().describe('alerts that fire now and would be silenced'),
  items: z.array(z.object({ alert_id: z.string(), episode_id: z.string(), alert_name: z.string(), severity, labels })),
});
export type SilencePreview = z.infer<typeof silencePreview>;

// Maintenance windows

export const maintenanceWindow = z.object({
  id: z.string(),
  name: z.string(),
  matchers: matchersView,
  matcher_text: z.string(),
  start: z.string().describe('local date and time of the first occurrence'),
  duration: z.string(),
  rrule: z.string().nullable(),
  time_zone: z.string(),
  comment: z.string(),
  created_by: z.string(),
  enabled: z.boolean(),
  active: z.boolean(),
  next_occurrences: z.array(z.object({ starts_at: instant, ends_at: instant })).describe('the next five'),
  created_at: instant,
  updated_at: instant,
});
export type MaintenanceWindow = z.infer<typeof maintenanceWindow>;

export const maintenanceList = list(maintenanceWindow);
export const maintenanceListParameters = z.strictObject({ limit: limitParameter(), cursor: cursorParameter });
export const maintenanceParameters = z.strictObject({ window_id: z.string() });

const maintenanceFields = {
  name: text(200).trim().min(1, 'must not be empty'),
  matchers,
  start: text(30).describe('local date and time: `2026-01-04T02:00`'),
  duration: duration.describe('1s to 31d; elapsed time, whatever the clocks do meanwhile'),
  rrule: text(500)
    .nullable()
    .describe('RFC 5545: `FREQ=WEEKLY;BYDAY=SU`; with INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH; null: once'),
  time_zone: text(100).describe('`Europe/Paris`'),
  comment: text(4000),
  created_by: text(200).min(1),
  enabled: z.boolean(),
};
const { rrule, time_zone, comment, created_by, enabled, ...demanded } = maintenanceFields;
export const maintenanceForm = z.strictObject({
  ...demanded,
  rrule: rrule.default(null),
  time_zone: time_zone.default('UTC'),
  comment: comment.default(''),
  created_by: created_by.optional(),
  enabled: enabled.default(true),
});
const { start, duration: length } = maintenanceFields;
export const maintenancePreviewForm = z.strictObject({
  start,
  duration: length,
  rrule: rrule.default(null),
  time_zone: time_zone.default('UTC'),
});
export const maintenancePreview = maintenanceWindow.pick({ next_occurrences: true });
export type MaintenancePreview = z.infer<typeof maintenancePreview>;

export const maintenancePatch = z.strictObject(maintenanceFields).partial();

// Routes

const recipient = z.object({ channel: z.string(), recipient: z.string() });

const receiver = z.object({
  name: z.string(),
  default_recipients: z.boolean(),
  escalation_policy: z.string().nullable().describe('id or name'),
  integrations: z.array(recipient.extend({ send_resolved: z.boolean() })),
});

const problem = z.object({ path: z.string(), message: z.string() });

export const routingView = z.object({
  origin: z
    .enum(['built_in', 'file', 'api'])
    .describe('built_in: nothing is configured, everything goes to the default recipients'),
  route: z.record(z.string(), z.unknown()).describe("the tree, in the words of Alertmanager's configuration"),
  receivers: z.array(receiver),
  inhibit_rules: z.int(),
  time_intervals: z.array(z.string()),
  warnings: z.array(problem).describe('what was understood and has no effect'),
  original: z.string().describe('YAML, without secrets'),
});
export type RoutingView = z.infer<typeof routingView>;

export const routingImportParameters = z.strictObject({
  dry_run: z.enum(['true', 'false']).optional().describe('true: only say what it would be'),
  keep_receivers: z
    .enum(['true', 'false'])
    .optional()
    .describe(
      'true: receivers that stand with their names only keep where they send to, and `global` what it has: so `original` can be changed and sent again',
    ),
});

export const routeTestForm = z.strictObject({ labels });

export const routeTest = z.object({
  routes: z.array(
    z.object({
      path: z.array(z.string()).describe('matchers from the root on'),
      route_key: z.string(),
      receiver: z.string(),
      recipients: z.array(recipient),
      group_by: z.array(z.string()),
      group_labels: labels,
      group_wait_seconds: z.number(),
      group_interval_seconds: z.number(),
      repeat_interval_seconds: z.number().describe('0: it is not said again'),
      muted_by: z.string().nullable().describe('time interval that keeps the route quiet now'),
    }),
  ),
  suppressed_by: z.array(suppression),
});
export type RouteTest = z.infer<typeof routeTest>;

const groupAlert = z.object({
  alert_id: z.string(),
  episode_id: z.string(),
  labels,
  severity,
  state: z.enum(['firing', 'resolved']),
  started_at: instant,
  sent_at: instant.nullable().describe('when its receiver heard of it first'),
  suppressed_by: z.array(z.string()),
});

const alertGroup = z.object({
  id: z.string(),
  receiver: z.string(),
  route_key: z.string(),
  labels,
  is_former: z
    .boolean()
    .describe(
      'its alerts go elsewhere since the routes were changed; kept until those who were told have heard of the end',
    ),
  created_at: instant,
  last_notified_at: instant.nullable(),
  notification_count: z.int(),
  next_reminder_at: instant
    .nullable()
    .describe('when it is said again, if nothing else happens and nobody acknowledges; null: never'),
  next_look_at: instant.nullable().describe('when is decided next whether to tell of it'),
  alerts: z.array(groupAlert),
});

export type AlertGroup = z.infer<typeof alertGroup>;

export const alertGroupList = list(alertGroup);
export const alertGroupListParameters = z.strictObject({
  receiver: z.string().optional(),
  limit: limitParameter(),
  cursor: cursorParameter,
});
