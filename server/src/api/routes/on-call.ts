import type { Alerting, OnCallOverride, OnCallSchedule, OnCallShift } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import {
  type OnCallOverrideView,
  type OnCallScheduleView,
  type OnCallShiftView,
  onCallAnswer,
  onCallOverride,
  onCallOverview,
  onCallParameters,
  onCallSchedule,
  overrideForm,
  overrideParameters,
  scheduleForm,
  scheduleList,
  scheduleListParameters,
  scheduleParameters,
  schedulePatch,
  shiftList,
  shiftParameters,
} from '../contract/on-call.ts';
import { instantOf } from '../window.ts';

export interface OnCallRoutesDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

const SHOWN_MS = 14 * 86_400_000;
const tag = 'on-call';

export function onCallRoutes(dependencies: OnCallRoutesDependencies): Route[] {
  return [...scheduleRoutes(dependencies), ...overrideRoutes(dependencies), ...shiftRoutes(dependencies)];
}

function scheduleRoutes({ alerting: { onCall }, clock }: OnCallRoutesDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/on-call/schedules',
      tag,
      summary: 'On-call schedules, newest first',
      scope: 'read',
      query: scheduleListParameters,
      success: { status: 200, schema: scheduleList },
      handle: ({ query: { limit, cursor } }) => {
        const shown = onCall.list().filter(({ id }) => cursor === undefined || id < cursor);
        const items = shown.slice(0, limit).map((schedule) => show(schedule, clock.now()));
        return { items, next_cursor: shown.length > limit ? items.at(-1)!.id : null };
      },
    }),
    route({
      method: 'POST',
      path: '/api/on-call/schedules',
      tag,
      summary: 'Make an on-call schedule: layers of rotations by the clocks of a time zone',
      scope: 'write',
      body: scheduleForm,
      success: { status: 201, schema: onCallSchedule },
      handle: async ({ body: { time_zone: timeZone, ...form }, reply }) => {
        const created = await onCall.create({ ...form, timeZone }, clock.now());
        reply.header('location', `/api/on-call/schedules/${created.id}`);
        return show(created, clock.now());
      },
    }),
    route({
      method: 'GET',
      path: '/api/on-call/schedules/{schedule_id}',
      tag,
      summary: 'One on-call schedule',
      scope: 'read',
      params: scheduleParameters,
      success: { status: 200, schema: onCallSchedule },
      handle: ({ params }) => show(onCall.get(params.schedule_id), clock.now()),
    }),
    route({
      method: 'PUT',
      path: '/api/on-call/schedules/{schedule_id}',
      tag,
      summary: 'Change the given fields of an on-call schedule',
      scope: 'write',
      params: scheduleParameters,
      body: schedulePatch,
      success: { status: 200, schema: onCallSchedule },
      handle: async ({ params, body }) => {
        const before = onCall.get(params.schedule_id);
        const form = {
          name: body.name ?? before.name,
          description: body.description ?? before.description,
          timeZone: body.time_zone ?? before.timeZone,
          layers: body.layers ?? before.layers,
        };
        return show(await onCall.update(before.id, form, clock.now()), clock.now());
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/on-call/schedules/{schedule_id}',
      tag,
      summary: 'Remove an on-call schedule and its overrides',
      scope: 'write',
      params: scheduleParameters,
      success: { status: 204 },
      handle: ({ params }) => onCall.remove(params.schedule_id),
    }),
  ];
}

function overrideRoutes({ alerting: { onCall }, clock }: OnCallRoutesDependencies): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/on-call/schedules/{schedule_id}/overrides',
      tag,
      summary: 'Let somebody stand in for a time',
      scope: 'write',
      params: scheduleParameters,
      body: overrideForm,
      success: { status: 201, schema: onCallOverride },
      handle: async ({ params, body, principal }) => {
        const now = clock.now();
        const form = {
          userId: body.user_id,
          startsAt: instantOf('starts_at', body.starts_at, now),
          endsAt: instantOf('ends_at', body.ends_at, now),
          createdBy: principal.name,
        };
        return showOverride(await onCall.addOverride(params.schedule_id, form, now));
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/on-call/schedules/{schedule_id}/overrides/{override_id}',
      tag,
      summary: 'Remove an override',
      scope: 'write',
      params: overrideParameters,
      success: { status: 204 },
      handle: ({ params }) => onCall.removeOverride(params.schedule_id, params.override_id),
    }),
  ];
}

function shiftRoutes({ alerting: { onCall }, clock }: OnCallRoutesDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/on-call/schedules/{schedule_id}/on-call',
      tag,
      summary: 'Who is on call at a time',
      scope: 'read',
      params: scheduleParameters,
      query: onCallParameters,
      success: { status: 200, schema: onCallAnswer },
      handle: ({ params, query }) => {
        const at = instantOf('at', query.at ?? 'now', clock.now());
        return { at: formatInstant(at), on_call: showShift(onCall.at(params.schedule_id, at)) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/on-call/schedules/{schedule_id}/shifts',
      tag,
      summary: 'The final timeline: layers and overrides laid over each other',
      scope: 'read',
      params: scheduleParameters,
      query: shiftParameters,
      success: { status: 200, schema: shiftList },
      handle: ({ params, query }) => {
        const now = clock.now();
        const start = instantOf('start', query.start ?? 'now', now);
        const end = query.end === undefined ? start + SHOWN_MS : instantOf('end', query.end, now);
        if (end <= start) throw invalid({ path: 'end', message: 'must be after start' });
        return { items: onCall.shifts(params.schedule_id, { start, end }).map(showShift) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/on-call',
      tag,
      summary: 'Who is on call now, by schedule',
      scope: 'read',
      success: { status: 200, schema: onCallOverview },
      handle: () => {
        const at = clock.now();
        const items = onCall
          .list()
          .map(({ id, name }) => ({ schedule_id: id, schedule_name: name, on_call: showShift(onCall.at(id, at)) }));
        return { at: formatInstant(at), items };
      },
    }),
  ];
}

function show(schedule: OnCallSchedule, now: number): OnCallScheduleView {
  return {
    id: schedule.id,
    name: schedule.name,
    description: schedule.description,
    time_zone: schedule.timeZone,
    layers: structuredClone(schedule.layers) as OnCallScheduleView['layers'],
    overrides: schedule.overrides.filter(({ endsAt }) => endsAt > now).map(showOverride),
    created_at: formatInstant(schedule.createdAt),
    updated_at: formatInstant(schedule.updatedAt),
  };
}

function showOverride({ id, userId, startsAt, endsAt, createdBy }: OnCallOverride): OnCallOverrideView {
  return {
    id,
    user_id: userId,
    starts_at: formatInstant(startsAt),
    ends_at: formatInstant(endsAt),
    created_by: createdBy,
  };
}

function showShift(shift: OnCallShift): OnCallShiftView;
function showShift(shift: OnCallShift | undefined): OnCallShiftView | null;
function showShift(shift: OnCallShift | undefined): OnCallShiftView | null {
  if (!shift) return null;
  const { userId, startsAt, endsAt, layer } = shift;
  return { user_id: userId, starts_at: formatInstant(startsAt), ends_at: formatInstant(endsAt), layer };
}
