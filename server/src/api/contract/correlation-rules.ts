import { z } from 'zod';
import { matcher, matchers } from './alert-routing.ts';
import { cursorParameter, duration, instant, limitParameter, list, severity } from './common.ts';

const name = z.string().trim().min(1, 'must not be empty').max(200);
const keys = z
  .array(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'use letters, digits and _, not starting with a digit'))
  .max(20)
  .describe('labels that must be there and equal');
const window = duration.describe('since the alerts with these keys last fired or ended; above zero, at most 7d');

export const correlationRule = z.object({
  id: z.string(),
  name,
  matchers: z.array(matcher),
  matcher_text: z.string(),
  keys: z.array(z.string()),
  window: z.string(),
  enabled: z.boolean(),
  configured: z.boolean().describe('of the configuration file, where alone it can be changed'),
  created_by: z.string(),
  created_at: instant.nullable(),
  updated_at: instant.nullable(),
});
export type CorrelationRuleView = z.infer<typeof correlationRule>;

export const correlationRuleForm = z.strictObject({
  name,
  matchers: matchers.optional(),
  keys: keys.default([]),
  window: window.default('5m'),
  enabled: z.boolean().default(true),
});
export const correlationRulePatch = z
  .strictObject({ name, matchers: matchers.nullable(), keys, window, enabled: z.boolean() })
  .partial();

export const correlationRuleList = z.object({
  ...list(correlationRule).shape,
  defaults: z.object({ window: z.string(), topology_window: z.string(), reopen_window: z.string() }),
});
export type CorrelationRuleList = z.infer<typeof correlationRuleList>;
export const correlationRuleListParameters = z.strictObject({ limit: limitParameter(), cursor: cursorParameter });
export const correlationPreviewForm = z.strictObject({
  matchers: matchers.optional(),
  keys: keys.default([]),
  window: window.default('5m'),
  since: duration.default('7d').describe('how far back to look; at most 90d'),
});

const previewAlert = z.object({
  episode_id: z.string(),
  alert_id: z.string(),
  alert_name: z.string(),
  service: z.string(),
  severity,
  fired_at: instant,
  ended_at: instant.nullable(),
  incident_id: z.string().nullable().describe('the incident that it is in now'),
});
export const correlationPreview = z.object({
  looked: z.int().describe('alerts that fired in that time, at most the newest 5000'),
  matched: z.int(),
  joined: z.int().describe('alerts that would be in an incident with others'),
  incident_count: z.int(),
  truncated: z.boolean().describe('true: not all were looked at'),
  incidents: z
    .array(
      z.object({
        keys: z.record(z.string(), z.string()),
        alert_count: z.int(),
        incidents_now: z.int().describe('in how many incidents these alerts are now'),
        alerts: z.array(previewAlert).describe('the first 20, the oldest first'),
      }),
    )
    .describe('of several alerts each, the newest first; at most 50'),
});
export type CorrelationPreview = z.infer<typeof correlationPreview>;
export const correlationRuleParameters = z.strictObject({ rule_id: z.string() });
