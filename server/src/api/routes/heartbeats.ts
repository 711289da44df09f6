import type { Alerting, Heartbeat, HeartbeatForm } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import { formatDuration, parseDuration } from '../../lib/duration.ts';
import { formatInstant } from '../../lib/instant.ts';
import { type Issue, invalid } from '../../model/errors.ts';
import {
  type HeartbeatPatchBody,
  type HeartbeatView,
  heartbeat,
  heartbeatForm,
  heartbeatList,
  heartbeatListParameters,
  heartbeatParameters,
  heartbeatPatch,
  heartbeatPingAnswer,
} from '../contract/heartbeats.ts';
import { showMatchers, toMatchers } from './matchers.ts';

export interface HeartbeatRoutesDependencies {
  readonly alerting: Alerting;
}

const tag = 'heartbeats';
const DAY_MS = 86_400_000;
const LONGEST_MS = 60 * DAY_MS;

export function heartbeatRoutes({ alerting: { heartbeats } }: HeartbeatRoutesDependencies): Route[] {
  const show = (one: Heartbeat) => showHeartbeat(one, heartbeats);
  return [
    route({
      method: 'GET',
      path: '/api/heartbeats',
      tag,
      summary: 'Heartbeats by name: what is to be heard of on time',
      scope: 'read',
      query: heartbeatListParameters,
      success: { status: 200, schema: heartbeatList },
      handle: ({ query: { limit, cursor } }) => {
        const shown = heartbeats.list().filter(({ name }) => cursor === undefined || name > cursor);
        const items = shown.slice(0, limit).map(show);
        return { items, next_cursor: shown.length > limit ? items.at(-1)!.name : null };
      },
    }),
    route({
      method: 'POST',
      path: '/api/heartbeats',
      tag,
      summary: 'Make a heartbeat: an alert fires where nothing is heard of it on time',
      scope: 'write',
      body: heartbeatForm,
      success: { status: 201, schema: heartbeat },
      handle: async ({ body, reply }) => {
        const created = await heartbeats.create({ matchers: [], ...toForm(body) } as HeartbeatForm);
        reply.header('location', `/api/heartbeats/${created.id}`);
        return show(created);
      },
    }),
    route({
      method: 'GET',
      path: '/api/heartbeats/{heartbeat_id}',
      tag,
      summary: 'One heartbeat',
      scope: 'read',
      params: heartbeatParameters,
      success: { status: 200, schema: heartbeat },
      handle: ({ params }) => show(heartbeats.get(params.heartbeat_id)),
    }),
    route({
      method: 'PUT',
      path: '/api/heartbeats/{heartbeat_id}',
      tag,
      summary: 'Change the given fields of a heartbeat',
      scope: 'write',
      params: heartbeatParameters,
      body: heartbeatPatch,
      success: { status: 200, schema: heartbeat },
      handle: async ({ params, body }) => show(await heartbeats.update(params.heartbeat_id, toForm(body))),
    }),
    route({
      method: 'DELETE',
      path: '/api/heartbeats/{heartbeat_id}',
      tag,
      summary: 'Remove a heartbeat; its alert ends',
      scope: 'write',
      params: heartbeatParameters,
      success: { status: 204 },
      handle: ({ params }) => heartbeats.remove(params.heartbeat_id),
    }),
    ...(['success', 'start', 'fail'] as const).flatMap((kind) => [
      pingRoute('GET', kind, heartbeats),
      pingRoute('POST', kind, heartbeats),
    ]),
  ];
}

const SUMMARIES = {
  success: 'Be heard of: the path is the credential',
  start: 'Say that a run begins: the time until the next ping is its duration',
  fail: 'Say that a run failed: the alert fires at once',
};

function pingRoute(method: 'GET' | 'POST', kind: keyof typeof SUMMARIES, heartbeats: Alerting['heartbeats']): Route {
  return route({
    method,
    path: `/api/heartbeats/{heartbeat_id}/ping${kind === 'success' ? '' : `/${kind}`}`,
    tag,
    summary: SUMMARIES[kind],
    scope: 'public',
    params: heartbeatParameters,
    // Whatever programs send along: only that they do counts.
    ...(method === 'POST' && {
      consumes: ['application/x-www-form-urlencoded', 'text/plain', 'application/octet-stream', 'application/json'],
      bodyLimit: 100_000,
    }),
    success: { status: 200, schema: heartbeatPingAnswer },
    handle: async ({ params }) => {
      await heartbeats.ping(params.heartbeat_id, kind);
      return { status: 'ok' };
    },
  });
}

/** The fields that are given. Throws 422 where a time is out of bounds or a matcher cannot be understood. */
function toForm(body: HeartbeatPatchBody): Partial<HeartbeatForm> {
  const issues: Issue[] = [];
  const milliseconds = (path: 'interval' | 'grace', least: number) => {
    const value = parseDuration(body[path]!)!;
    if (value < least || value > LONGEST_MS) issues.push({ path, message: `must be ${formatDuration(least)} to 60d` });
    return value;
  };
  const { name, description, severity, labels, escalation_policy_id: escalationPolicyId, enabled } = body;
  const form = {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(body.interval !== undefined && { intervalMs: milliseconds('interval', 10_000) }),
    ...(body.grace !== undefined && { graceMs: milliseconds('grace', 0) }),
    ...(severity !== undefined && { severity }),
    ...(labels !== undefined && { labels }),
    ...(escalationPolicyId !== undefined && { escalationPolicyId }),
    ...(enabled !== undefined && { enabled }),
    ...(body.matchers !== undefined && { matchers: toMatchers(body.matchers) }),
  };
  if (issues.length > 0) throw invalid(...issues);
  return form;
}

function showHeartbeat(one: Heartbeat, heartbeats: Alerting['heartbeats']): HeartbeatView {
  const { state, deadline } = heartbeats.stateOf(one);
  const at = (time: number | null) => (time === null ? null : formatInstant(time));
  return {
    id: one.id,
    name: one.name,
    description: one.description,
    interval: formatDuration(one.intervalMs),
    grace: formatDuration(one.graceMs),
    severity: one.severity,
    labels: { ...one.labels },
    escalation_policy_id: one.escalationPolicyId,
    enabled: one.enabled,
    ...showMatchers(one.matchers),
    ping_path: `/api/heartbeats/${one.id}/ping`,
    state,
    alert_at: state === 'paused' || state === 'down' ? null : formatInstant(deadline),
    last_ping_at: at(one.lastPingAt),
    last_start_at: at(one.lastStartAt),
    last_fail_at: at(one.lastFailAt),
    last_duration_seconds: one.lastDurationMs === null ? null : one.lastDurationMs / 1000,
    created_at: formatInstant(one.createdAt),
    updated_at: formatInstant(one.updatedAt),
  };
}
