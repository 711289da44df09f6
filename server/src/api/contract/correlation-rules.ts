import { z } from 'zod';
import { matcher, matchers } from './alert-routing.ts';
import { cursorParameter, duration, instant, limitParameter, list } from './common.ts';

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
export const correlationRuleListParameters = z.strictObject({ limit: limitParameter(), cursor: cursorParameter });
export const correlationRuleParameters = z.strictObject({ rule_id: z.string() });
