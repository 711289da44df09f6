import type { Alerting, CorrelationRule, RulePreview } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import { formatDuration, parseDuration } from '../../lib/duration.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import type { Severity } from '../../model/severity.ts';
import {
  type CorrelationPreview,
  type CorrelationRuleView,
  correlationPreview,
  correlationPreviewForm,
  correlationRule,
  correlationRuleForm,
  correlationRuleList,
  correlationRuleListParameters,
  correlationRuleParameters,
  correlationRulePatch,
} from '../contract/correlation-rules.ts';
import { showMatchers, toMatchers } from './matchers.ts';

const LONGEST_PREVIEW_MS = 90 * 86_400_000;
const MOST_SHOWN = 50;
const MOST_SHOWN_ALERTS = 20;

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
      method: 'POST',
      path: '/api/alerts/correlation-rules/preview',
      tag,
      summary: 'What a correlation rule would have joined of what has fired',
      scope: 'read',
      body: correlationPreviewForm,
      success: { status: 200, schema: correlationPreview },
      handle: async ({ body: { matchers, keys, window, since } }) => {
        const sinceMs = parseDuration(since)!;
        if (sinceMs <= 0 || sinceMs > LONGEST_PREVIEW_MS) {
          throw invalid({ path: 'since', message: 'must be above zero and at most 90d' });
        }
        const form = { matchers: matchers ? toMatchers(matchers) : [], keys, windowMs: parseDuration(window)! };
        const now = clock.now();
        return showPreview(await incidents.preview(rules.tried(form), { start: now - sinceMs, end: now + 1 }));
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

function showPreview({ looked, matched, truncated, incidents }: RulePreview): CorrelationPreview {
  return {
    ...{ looked, matched, truncated, incident_count: incidents.length },
    joined: incidents.reduce((sum, { episodes }) => sum + episodes.length, 0),
    incidents: incidents.slice(0, MOST_SHOWN).map(({ keys, episodes }) => ({
      keys: { ...keys },
      alert_count: episodes.length,
      incidents_now: new Set(episodes.map((episode) => episode.incident_id)).size,
      alerts: episodes.slice(0, MOST_SHOWN_ALERTS).map((episode) => ({
        episode_id: episode.id,
        alert_id: episode.rule_id,
        alert_name: episode.rule_name,
        service: episode.service,
        severity: episode.severity as Severity,
        fired_at: formatInstant(episode.fired_at),
        ended_at: episode.ended_at === null ? null : formatInstant(episode.ended_at),
        incident_id: episode.incident_id,
      })),
    })),
  };
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
