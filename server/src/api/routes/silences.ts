import {
  type Alerting,
  compileMatchers,
  type RoutedAlert,
  type Silence,
  type SilenceForm,
  silenceState,
} from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import { parseDuration } from '../../lib/duration.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import {
  matchersForm,
  type SilenceFormBody,
  type SilenceList,
  type SilencePreview,
  type Silence as SilenceView,
  silence,
  silenceForm,
  silenceList,
  silenceListParameters,
  silenceParameters,
  silencePatch,
  silencePreview,
} from '../contract/alert-routing.ts';
import { instantOf } from '../window.ts';
import { showMatchers, toMatchers } from './matchers.ts';

export interface SilenceRoutesDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

/** Alerts that a preview names; it counts all of them. */
const MOST_NAMED = 100;

export function silenceRoutes({ alerting, clock }: SilenceRoutesDependencies): Route[] {
  const tag = 'silences';
  const { silences } = alerting;
  return [
    route({
      method: 'GET',
      path: '/api/silences',
      tag,
      summary: 'Silences, newest first',
      scope: 'read',
      query: silenceListParameters,
      success: { status: 200, schema: silenceList },
      handle: ({ query }): SilenceList => {
        const now = clock.now();
        const shown = silences
          .list()
          .filter(({ id }) => query.cursor === undefined || id < query.cursor)
          .filter((one) =>
            query.state ? silenceState(one, now) === query.state : silenceState(one, now) !== 'expired',
          );
        const items = shown.slice(0, query.limit).map((one) => show(one, alerting, now));
        return { items, next_cursor: shown.length > query.limit ? items.at(-1)!.id : null };
      },
    }),
    route({
      method: 'POST',
      path: '/api/silences',
      tag,
      summary: 'Silence alerts for a time',
      description:
        'Alerts that match are not told of. What was told of before is told of its end all the same, and once more when the silence is over and it still fires.',
      scope: 'write',
      body: silenceForm,
      success: { status: 201, schema: silence },
      handle: async ({ body, principal, reply }) => {
        const now = clock.now();
        const created = await silences.create(toForm(body, principal.name, now), now);
        reply.header('location', `/api/silences/${created.id}`);
        return show(created, alerting, now);
      },
    }),
    route({
      method: 'POST',
      path: '/api/silences/preview',
      tag,
      summary: 'Which alerts that fire now a silence would be about',
      scope: 'read',
      body: matchersForm,
      success: { status: 200, schema: silencePreview },
      handle: ({ body }): SilencePreview => {
        const { matches } = compileMatchers(toMatchers(body.matchers));
        const found = [...firing(alerting)].filter(({ labels }) => matches(labels));
        const items = found.slice(0, MOST_NAMED).map(({ id, ruleId, labels, severity }) => ({
          alert_id: ruleId,
          episode_id: id,
          alert_name: labels.alertname ?? '',
          severity,
          labels: { ...labels },
        }));
        return { count: found.length, items };
      },
    }),
    route({
      method: 'GET',
      path: '/api/silences/{silence_id}',
      tag,
      summary: 'One silence',
      scope: 'read',
      params: silenceParameters,
      success: { status: 200, schema: silence },
      handle: ({ params }) => show(silences.get(params.silence_id), alerting, clock.now()),
    }),
    route({
      method: 'PUT',
      path: '/api/silences/{silence_id}',
      tag,
      summary: 'Change the given fields of a silence',
      description:
        'Where that would rewrite the past (other matchers, another begin of an active one, an expired one) the answer is a new silence, and the old one ends now.',
      scope: 'write',
      params: silenceParameters,
      body: silencePatch,
      success: { status: 200, schema: silence },
      handle: async ({ params, body, principal }) => {
        const now = clock.now();
        const before = silences.get(params.silence_id);
        const { duration, ends_at } = body;
        const merged: SilenceFormBody = {
          matchers: body.matchers ?? [...before.matchers.matchers],
          starts_at: body.starts_at ?? formatInstant(before.startsAt),
          comment: body.comment ?? before.comment,
          created_by: body.created_by ?? before.createdBy,
          ...(duration !== undefined && { duration }),
          ...(ends_at !== undefined && { ends_at }),
          ...(duration === undefined && ends_at === undefined && { ends_at: formatInstant(before.endsAt) }),
        };
        return show(await silences.update(before.id, toForm(merged, principal.name, now), now), alerting, now);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/silences/{silence_id}',
      tag,
      summary: 'End a silence now; it can still be read for a while',
      scope: 'write',
      params: silenceParameters,
      success: { status: 204 },
      handle: ({ params }) => silences.expire(params.silence_id, clock.now()),
    }),
  ];
}

function toForm(body: SilenceFormBody, caller: string, now: number): SilenceForm {
  const startsAt = body.starts_at === undefined ? now : instantOf('starts_at', body.starts_at, now);
  if ((body.ends_at === undefined) === (body.duration === undefined)) {
    throw invalid({ path: 'ends_at', message: 'give either ends_at or duration' });
  }
  return {
    matchers: toMatchers(body.matchers),
    startsAt,
    endsAt:
      body.ends_at === undefined
        ? Math.max(startsAt, now) + parseDuration(body.duration!)!
        : instantOf('ends_at', body.ends_at, now),
    createdBy: body.created_by ?? caller,
    comment: body.comment,
  };
}

function* firing(alerting: Alerting): Generator<RoutedAlert> {
  for (const alert of alerting.dispatcher.table.alerts.values()) if (alert.resolvedAt === null) yield alert;
}

function show(one: Silence, alerting: Alerting, now: number): SilenceView {
  const state = silenceState(one, now);
  let count = 0;
  if (state !== 'expired') for (const { labels } of firing(alerting)) if (one.matchers.matches(labels)) count++;
  return {
    id: one.id,
    state,
    ...showMatchers(one.matchers.matchers),
    starts_at: formatInstant(one.startsAt),
    ends_at: formatInstant(one.endsAt),
    created_by: one.createdBy,
    comment: one.comment,
    updated_at: formatInstant(one.updatedAt),
    alert_count: count,
  };
}
