import type { z } from 'zod';
import { type Route, route } from '../../http/index.ts';
import { formatDuration } from '../../lib/duration.ts';
import { formatInstant } from '../../lib/instant.ts';
import { invalid } from '../../model/errors.ts';
import type { NotificationSchedule, Notifications } from '../../notifications/index.ts';
import {
  type NotificationScheduleView,
  notificationSchedule,
  notificationScheduleForm,
  notificationScheduleList,
  notificationScheduleParams,
  notificationSchedulePatch,
  notificationScheduleReplacement,
} from '../contract/notification-schedules.ts';
import { toCommand } from './notify-form.ts';

const TAG = 'notifications';

export function notificationScheduleRoutes({ schedules }: Notifications): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/notifications/schedules',
      tag: TAG,
      summary: 'Notifications that are made again and again',
      scope: 'read',
      success: { status: 200, schema: notificationScheduleList },
      async handle() {
        return { items: (await schedules.list()).map(toView), next_cursor: null };
      },
    }),
    route({
      method: 'POST',
      path: '/api/notifications/schedules',
      tag: TAG,
      summary: 'Make a notification at a time, or again and again',
      description:
        'By the clock on the wall of the time zone. Preferences count as they are at each time. Turns that were missed while the service did not run are made up for once.',
      scope: 'write',
      body: notificationScheduleForm,
      success: { status: 201, schema: notificationSchedule },
      async handle({ body, principal, reply }) {
        const added = await schedules.add(toScheduleForm(body), principal.name);
        reply.header('location', `/api/notifications/schedules/${added.id}`);
        return toView(added);
      },
    }),
    route({
      method: 'GET',
      path: '/api/notifications/schedules/{id}',
      tag: TAG,
      summary: 'One of them',
      scope: 'read',
      params: notificationScheduleParams,
      success: { status: 200, schema: notificationSchedule },
      async handle({ params }) {
        return toView(await schedules.get(params.id));
      },
    }),
    route({
      method: 'PUT',
      path: '/api/notifications/schedules/{id}',
      tag: TAG,
      summary: 'Replace it; an address is given again (`to`), or kept by `has_address`, as it is shown',
      scope: 'write',
      params: notificationScheduleParams,
      body: notificationScheduleReplacement,
      success: { status: 200, schema: notificationSchedule },
      async handle({ params, body }) {
        const { has_address: keeps, ...notification } = body.notification;
        const to = notification.to ?? (keeps && addressOf(await schedules.get(params.id)));
        return toView(
          await schedules.replace(params.id, toScheduleForm({ ...body, notification: { ...notification, to } })),
        );
      },
    }),
    route({
      method: 'PATCH',
      path: '/api/notifications/schedules/{id}',
      tag: TAG,
      summary: 'Pause it, or let it go on',
      description: 'What it missed while it was paused is not made up for.',
      scope: 'write',
      params: notificationScheduleParams,
      body: notificationSchedulePatch,
      success: { status: 200, schema: notificationSchedule },
      async handle({ params, body }) {
        return toView(await schedules.enable(params.id, body.enabled));
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/notifications/schedules/{id}',
      tag: TAG,
      summary: 'Make it no more',
      scope: 'write',
      params: notificationScheduleParams,
      success: { status: 204 },
      async handle({ params }) {
        await schedules.remove(params.id);
      },
    }),
  ];
}

function addressOf({ command }: NotificationSchedule): string {
  if (command.to !== undefined) return command.to;
  throw invalid({ path: 'notification.has_address', message: 'there is no address to keep; give one as "to"' });
}

function toScheduleForm(body: z.output<typeof notificationScheduleForm>) {
  const { name, start, rrule, time_zone: timeZone, enabled } = body;
  return { name, start, rrule, timeZone, enabled, command: toCommand(body.notification) };
}

function toView(schedule: NotificationSchedule): NotificationScheduleView {
  const { id, name, rrule, start, timeZone, command, nextAt, lastAt, lastNotificationId, lastError } = schedule;
  const { userId, groups, topic, type, channels, subject, message, template, severity, locale, data } = command;
  const said = {
    ...{ user_id: userId, group: groups, topic, type, channel: channels, subject, message, template, severity, locale },
    ...(command.critical && { critical: true }),
    ...(Object.keys(data).length > 0 && { data }),
    ...(command.metadata && { metadata: command.metadata }),
    ...(command.fallback && { fallback: fallbackView(command.fallback) }),
    ...(command.digest !== undefined && { digest: command.digest }),
    ...(command.unseenForMs !== undefined && { unless_seen_within: formatDuration(command.unseenForMs) }),
    // An address may hold a secret: that there is one, not which.
    ...(command.to !== undefined && { has_address: true }),
  };
  return {
    ...{ id, name, rrule, start, time_zone: timeZone },
    notification: Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
    enabled: schedule.enabled,
    upcoming: schedule.upcoming.map(formatInstant),
    next_at: nextAt === null ? null : formatInstant(nextAt),
    last_at: lastAt === null ? null : formatInstant(lastAt),
    last_notification_id: lastNotificationId,
    last_error: lastError,
    created_at: formatInstant(schedule.createdAt),
  };
}

function fallbackView({ afterMs }: { readonly afterMs?: number | undefined }) {
  return afterMs === undefined ? {} : { after: formatDuration(afterMs) };
}
