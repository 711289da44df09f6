import { type Alerting, type MaintenanceForm, type MaintenanceWindow, occurrencesFrom } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import { formatDuration, parseDuration } from '../../lib/duration.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import {
  type MaintenancePreview,
  type MaintenanceWindow as MaintenanceView,
  maintenanceForm,
  maintenanceList,
  maintenanceListParameters,
  maintenanceParameters,
  maintenancePatch,
  maintenancePreview,
  maintenancePreviewForm,
  maintenanceWindow,
} from '../contract/alert-routing.ts';
import { showMatchers, toMatchers } from './matchers.ts';

export interface MaintenanceRoutesDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

const OCCURRENCES = 5;
/** What does not decide about the time of a window. */
const NOT_ASKED = {
  name: 'preview',
  matchers: [{ name: 'alertname', operator: '=', value: 'preview' }],
  comment: '',
  createdBy: 'preview',
  enabled: true,
} as const;

export function maintenanceRoutes({ alerting, clock }: MaintenanceRoutesDependencies): Route[] {
  const tag = 'silences';
  const { maintenance } = alerting;
  return [
    route({
      method: 'GET',
      path: '/api/maintenance-windows',
      tag,
      summary: 'Maintenance windows, newest first',
      scope: 'read',
      query: maintenanceListParameters,
      success: { status: 200, schema: maintenanceList },
      handle: ({ query: { limit, cursor } }) => {
        const now = clock.now();
        const shown = maintenance.list().filter(({ id }) => cursor === undefined || id < cursor);
        const items = shown.slice(0, limit).map((window) => show(window, now));
        return { items, next_cursor: shown.length > limit ? items.at(-1)!.id : null };
      },
    }),
    route({
      method: 'POST',
      path: '/api/maintenance-windows',
      tag,
      summary: 'Plan maintenance: a silence that comes by the clocks of a time zone',
      scope: 'write',
      body: maintenanceForm,
      success: { status: 201, schema: maintenanceWindow },
      handle: async ({ body, principal, reply }) => {
        const now = clock.now();
        const form: MaintenanceForm = {
          name: body.name,
          matchers: toMatchers(body.matchers),
          start: body.start,
          durationMs: parseDuration(body.duration)!,
          rrule: body.rrule,
          timeZone: body.time_zone,
          comment: body.comment,
          createdBy: body.created_by ?? principal.name,
          enabled: body.enabled,
        };
        const created = await maintenance.create(form, now);
        reply.header('location', `/api/maintenance-windows/${created.id}`);
        return show(created, now);
      },
    }),
    route({
      method: 'POST',
      path: '/api/maintenance-windows/preview',
      tag,
      summary: 'When a maintenance window that is not saved would be: its next five occurrences',
      scope: 'read',
      body: maintenancePreviewForm,
      success: { status: 200, schema: maintenancePreview },
      handle: ({ body }): MaintenancePreview => {
        const now = clock.now();
        const form: MaintenanceForm = {
          ...NOT_ASKED,
          start: body.start,
          durationMs: parseDuration(body.duration)!,
          rrule: body.rrule,
          timeZone: body.time_zone,
        };
        return { next_occurrences: showOccurrences(maintenance.draft(form, now), now) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/maintenance-windows/{window_id}',
      tag,
      summary: 'One maintenance window, with its next occurrences',
      scope: 'read',
      params: maintenanceParameters,
      success: { status: 200, schema: maintenanceWindow },
      handle: ({ params }) => show(maintenance.get(params.window_id), clock.now()),
    }),
    route({
      method: 'PUT',
      path: '/api/maintenance-windows/{window_id}',
      tag,
      summary: 'Change the given fields of a maintenance window',
      scope: 'write',
      params: maintenanceParameters,
      body: maintenancePatch,
      success: { status: 200, schema: maintenanceWindow },
      handle: async ({ params, body }) => {
        const now = clock.now();
        const before = maintenance.get(params.window_id);
        const form: MaintenanceForm = {
          name: body.name ?? before.name,
          matchers: body.matchers ? toMatchers(body.matchers) : before.matchers.matchers,
          start: body.start ?? before.start,
          durationMs: body.duration === undefined ? before.durationMs : parseDuration(body.duration)!,
          rrule: body.rrule === undefined ? before.rrule : body.rrule,
          timeZone: body.time_zone ?? before.timeZone,
          comment: body.comment ?? before.comment,
          createdBy: body.created_by ?? before.createdBy,
          enabled: body.enabled ?? before.enabled,
        };
        return show(await maintenance.update(before.id, form, now), now);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/maintenance-windows/{window_id}',
      tag,
      summary: 'Remove a maintenance window; one that is under way ends',
      scope: 'write',
      params: maintenanceParameters,
      success: { status: 204 },
      handle: ({ params }) => maintenance.remove(params.window_id),
    }),
  ];
}

function show(window: MaintenanceWindow, now: number): MaintenanceView {
  const [next] = occurrencesFrom(window, now, 1);
  return {
    id: window.id,
    name: window.name,
    ...showMatchers(window.matchers.matchers),
    start: window.start,
    duration: formatDuration(window.durationMs),
    rrule: window.rrule,
    time_zone: window.timeZone,
    comment: window.comment,
    created_by: window.createdBy,
    enabled: window.enabled,
    active: window.enabled && (next?.startsAt ?? Number.POSITIVE_INFINITY) <= now,
    next_occurrences: showOccurrences(window, now),
    created_at: formatInstant(window.createdAt),
    updated_at: formatInstant(window.updatedAt),
  };
}

function showOccurrences(window: MaintenanceWindow, now: number): MaintenanceView['next_occurrences'] {
  return occurrencesFrom(window, now, OCCURRENCES).map(({ startsAt, endsAt }) => ({
    starts_at: formatInstant(startsAt),
    ends_at: formatInstant(endsAt),
  }));
}
