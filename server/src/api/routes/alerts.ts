import { createHash } from 'node:crypto';
import {
  type Alerting,
  type AlertPatch,
  isInState,
  type LiveRule,
  serviceOf,
  shownLabels,
} from '../../alerting/index.ts';
import { type Principal, type Route, route } from '../../http/index.ts';
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import { environmentOf } from '../../model/service.ts';
import {
  type AlertList,
  alert,
  alertAction,
  alertForm,
  alertList,
  alertListParameters,
  alertParameters,
  alertPatch,
  alertSnooze,
  alertTestResult,
  type EpisodeList,
  episodeList,
  episodeListParameters,
} from '../contract/alerts.ts';
import { instantOf } from '../window.ts';
import { toForm, toPatch } from './alert-forms.ts';
import { showAlert, showEpisode } from './alert-views.ts';
import { toHandAction, toSnooze } from './hand-action.ts';

export interface AlertRoutesDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

const LONGEST_KEY = 255;
const NOBODY = 'nobody is to be told: set ALERT_USERS or ALERT_EMAIL_TO, or notify of the alert';

export function alertRoutes({ alerting, clock }: AlertRoutesDependencies): Route[] {
  const tag = 'alerts';
  const suppressedBy = (episodeId: string) => alerting.suppressedBy(episodeId);
  const show = (live: LiveRule) => showAlert(live, clock.now(), suppressedBy);
  return [
    route({
      method: 'GET',
      path: '/api/alerts',
      tag,
      summary: 'Alerts with their present state, newest first',
      scope: 'read',
      query: alertListParameters,
      success: { status: 200, schema: alertList },
      handle: ({ query }): AlertList => {
        const { state, severity, service, environment, search, enabled, limit, cursor } = query;
        const wanted = search?.toLowerCase();
        const shown = alerting
          .list()
          .filter(({ rule }) => cursor === undefined || rule.id < cursor)
          .filter(({ rule }) => enabled === undefined || rule.enabled === enabled)
          .filter(({ rule }) => severity === undefined || rule.severity === severity)
          .filter((live) => service === undefined || isAboutService(live, service))
          .filter((live) => environment === undefined || isAboutEnvironment(live, environment))
          .filter(({ rule }) => !wanted || `${rule.name}\n${rule.description}`.toLowerCase().includes(wanted))
          .filter((live) => state === undefined || isInState(live, state))
          .map(show);
        const items = shown.slice(0, limit);
        return { items, next_cursor: shown.length > limit ? items.at(-1)!.id : null };
      },
    }),
    route({
      method: 'POST',
      path: '/api/alerts',
      tag,
      summary: 'Create an alert',
      description:
        'Name metric or query and a threshold; or only words in name and description that say what to watch (`High CPU usage`) and a threshold; or no condition at all for a manual alert that fires until it is resolved. `Idempotency-Key` is honoured for 24 hours.',
      scope: 'write',
      body: alertForm,
      success: { status: 201, schema: alert },
      handle: async ({ body, principal, request, reply }) => {
        const key = idempotencyKey(request.headers['idempotency-key'], principal);
        const requestHash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
        const { live } = await alerting.create(toForm(body, clock.now()), {
          by: principal.name,
          ...(key !== undefined && { idempotency: { key, requestHash } }),
        });
        reply.header('location', `/api/alerts/${live.rule.id}`);
        return show(live);
      },
    }),
    route({
      method: 'GET',
      path: '/api/alerts/history',
      tag,
      summary: 'Episodes: each time that an alert fired, newest first',
      scope: 'read',
      query: episodeListParameters,
      success: { status: 200, schema: episodeList },
      handle: async ({ query }): Promise<EpisodeList> => {
        const { alert_id: ruleId, state, severity, service, environment, limit, cursor } = query;
        const now = clock.now();
        const [start, end] = [
          query.start && instantOf('start', query.start, now),
          query.end && instantOf('end', query.end, now),
        ] as number[];
        if (start !== undefined && end !== undefined && start >= end) {
          throw invalid({ path: 'start', message: 'must be before end' });
        }
        const after = cursor === undefined ? undefined : historyPosition(cursor);
        const filter = { ruleId, state, severity, service, environment, start, end, after, limit: limit + 1 };
        const records = await alerting.history(filter);
        const last = records.length > limit ? records[limit - 1]!.episode : undefined;
        return {
          items: records.slice(0, limit).map((record) => showEpisode(record, now)),
          next_cursor: last ? encodeCursor([last.fired_at, last.id]) : null,
        };
      },
    }),
    route({
      method: 'GET',
      path: '/api/alerts/{alert_id}',
      tag,
      summary: 'One alert',
      scope: 'read',
      params: alertParameters,
      success: { status: 200, schema: alert },
      handle: ({ params }) => show(alerting.get(params.alert_id)),
    }),
    route({
      method: 'PUT',
      path: '/api/alerts/{alert_id}',
      tag,
      summary: 'Change the given fields of an alert; null takes a value away',
      scope: 'write',
      params: alertParameters,
      body: alertPatch,
      success: { status: 200, schema: alert },
      handle: async ({ params, body, principal }) => {
        const patch: AlertPatch = toPatch(body, clock.now());
        return show(await alerting.update(params.alert_id, patch, principal.name, body.version));
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/alerts/{alert_id}',
      tag,
      summary: 'Remove an alert: what fires is resolved, the history stays',
      scope: 'write',
      params: alertParameters,
      success: { status: 204 },
      handle: ({ params, principal }) => alerting.remove(params.alert_id, principal.name),
    }),
    route({
      method: 'POST',
      path: '/api/alerts/{alert_id}/acknowledge',
      tag,
      summary: 'Say that somebody takes care of what fires',
      scope: 'write',
      params: alertParameters,
      body: alertAction,
      success: { status: 200, schema: alert },
      handle: async ({ params, body, principal }) =>
        show(await alerting.acknowledge(params.alert_id, toHandAction(body, principal, clock.now()))),
    }),
    route({
      method: 'POST',
      path: '/api/alerts/{alert_id}/snooze',
      tag,
      summary: 'Hear nothing of what fires until then; what still fires then is told once more',
      scope: 'write',
      params: alertParameters,
      body: alertSnooze,
      success: { status: 200, schema: alert },
      handle: async ({ params, body, principal }) =>
        show(await alerting.snooze(params.alert_id, toSnooze(body, principal, clock.now()))),
    }),
    route({
      method: 'POST',
      path: '/api/alerts/{alert_id}/resolve',
      tag,
      summary: 'End what fires; it stays closed until its condition was clear once, or until `until`',
      scope: 'write',
      params: alertParameters,
      body: alertAction,
      success: { status: 200, schema: alert },
      handle: async ({ params, body, principal }) =>
        show(await alerting.resolve(params.alert_id, toHandAction(body, principal, clock.now()))),
    }),
    route({
      method: 'POST',
      path: '/api/alerts/{alert_id}/test',
      tag,
      summary: 'Send a notification marked as a test to those who would hear of the alert',
      scope: 'write',
      params: alertParameters,
      success: { status: 202, schema: alertTestResult },
      handle: async ({ params }) => {
        const sent = await alerting.test(params.alert_id);
        return sent.deliveries.length > 0 ? sent : { ...sent, detail: NOBODY };
      },
    }),
  ];
}

function isAboutService(live: LiveRule, service: string): boolean {
  const identities = [...live.instances.values()].map(({ identity }) => identity);
  return live.rule.service === service || identities.some((identity) => serviceOf(live.rule, identity) === service);
}

function isAboutEnvironment({ rule, instances }: LiveRule, environment: string): boolean {
  const labels = [...instances.values()].map(({ identity }) => shownLabels(rule, identity));
  return [rule.labels, ...labels].some((some) => environmentOf(some) === environment);
}

/** Keys belong to their user, so that nobody can meet another's. */
function idempotencyKey(header: string | string[] | undefined, principal: Principal): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && header.length > 0 && header.length <= LONGEST_KEY)
    return `${principal.name}:${header}`;
  throw invalid({ path: 'Idempotency-Key', message: `must have 1 to ${LONGEST_KEY} characters` });
}

function historyPosition(cursor: string): { firedAt: number; id: string } {
  const position = decodeCursor(cursor);
  if (Array.isArray(position) && typeof position[0] === 'number' && typeof position[1] === 'string') {
    return { firedAt: position[0], id: position[1] };
  }
  throw invalid({ path: 'cursor', message: 'is not a cursor of this list' });
}
