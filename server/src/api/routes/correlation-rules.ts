import type { Alerting, CorrelationRule } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import { formatDuration, parseDuration } from '../../lib/duration.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import {
  type CorrelationRuleView,
  correlationRule,
  correlationRuleForm,
  correlationRuleList,
  correlationRuleListParameters,
  correlationRuleParameters,
  correlationRulePatch,
} from '../contract/correlation-rules.ts';
import { showMatchers, toMatchers } from './matchers.ts';

export interface CorrelationRuleRoutesDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

export function correlationRuleRoutes({ alerting, clock }: CorrelationRuleRoutesDependencies): Route[] {
  const tag = 'incidents';
  const { incidents } = alerting;
  const { rules } = incidents;
  return [
    route({
      method: 'GET',
      path: '/api/alerts/correlation-rules',
      tag,
      summary: 'Which alerts are one incident: the rules in the order in which they are tried',
      description:
        'An alert joins the incident of the first rule that matches it; one that no rule matches joins that of its service. After that, an alert joins the incident of a service that its own depends on, or that depends on it.',
      scope: 'read',
      query: correlationRuleListParameters,
      success: { status: 200, schema: correlationRuleList },
      handle: ({ query: { limit, cursor } }) => {
        const all = rules.list();
        const start = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
        const items = all.slice(start, start + limit).map(show);
        const { windowMs, topologyWindowMs, reopenWindowMs } = incidents.settings;
        return {
          items,
          next_cursor: all.length > start + limit ? items.at(-1)!.id : null,
          defaults: {
            window: formatDuration(windowMs),
            topology_window: formatDuration(topologyWindowMs),
            reopen_window: formatDuration(reopenWindowMs),
          },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/api/alerts/correlation-rules',
      tag,
      summary: 'Make a correlation rule',
      scope: 'write',
      body: correlationRuleForm,
      success: { status: 201, schema: correlationRule },
      handle: async ({ body: { window, matchers, ...form }, principal, reply }) => {
        const whole = { ...form, matchers: matchers ? toMatchers(matchers) : [], windowMs: parseDuration(window)! };
        const created = await rules.create(whole, principal.name, clock.now());
        reply.header('location', `/api/alerts/correlation-rules/${created.id}`);
        return show(created);
      },
    }),
    route({
      method: 'GET',
      path: '/api/alerts/correlation-rules/{rule_id}',
      tag,
      summary: 'One correlation rule',
      scope: 'read',
      params: correlationRuleParameters,
      success: { status: 200, schema: correlationRule },
      handle: ({ params }) => show(rules.get(params.rule_id)),
    }),
    route({
      method: 'PUT',
      path: '/api/alerts/correlation-rules/{rule_id}',
      tag,
      summary: 'Change the given fields of a correlation rule',
      scope: 'write',
      params: correlationRuleParameters,
      body: correlationRulePatch,
      success: { status: 200, schema: correlationRule },
      handle: async ({ params, body: { window, matchers, name, keys, enabled } }) => {
        const patch = {
          ...(name !== undefined && { name }),
          ...(keys !== undefined && { keys }),
          ...(enabled !== undefined && { enabled }),
          ...(window !== undefined && { windowMs: parseDuration(window)! }),
          ...(matchers !== undefined && { matchers: matchers === null ? [] : toMatchers(matchers) }),
        };
        return show(await rules.update(params.rule_id, patch, clock.now()));
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/alerts/correlation-rules/{rule_id}',
      tag,
      summary: 'Remove a correlation rule; what was joined by it stays joined',
      scope: 'write',
      params: correlationRuleParameters,
      success: { status: 204 },
      handle: ({ params }) => rules.remove(params.rule_id),
    }),
  ];
}

function show(rule: CorrelationRule): CorrelationRuleView {
  return {
    id: rule.id,
    name: rule.name,
    ...showMatchers(rule.matchers.matchers),
    keys: [...rule.keys],
    window: formatDuration(rule.windowMs),
    enabled: rule.enabled,
    configured: rule.isConfigured,
    created_by: rule.createdBy,
    created_at: rule.isConfigured ? null : formatInstant(rule.createdAt),
    updated_at: rule.isConfigured ? null : formatInstant(rule.updatedAt),
  };
}
