import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { NotificationSchedule, Notifications } from '../../notifications/index.ts';
import {
  type NotificationScheduleView,
  notificationSchedule,
  notificationScheduleForm,
  notificationScheduleList,
  notificationScheduleParams,
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
      async handle({ body, principal }) {
        const { name, start, rrule, time_zone: timeZone } = body;
        return toView(
          await schedules.add({ name, start, rrule, timeZone, command: toCommand(body.notification) }, principal.name),
        );
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

function toView(schedule: NotificationSchedule): NotificationScheduleView {
  const { id, name, rrule, start, timeZone, command, nextAt, lastAt, lastNotificationId, lastError } = schedule;
  const { userId, groups, topic, type, channels, subject, message, template, severity } = command;
  const said = { user_id: userId, group: groups, topic, type, channel: channels, subject, message, template, severity };
  return {
    ...{ id, name, rrule, start, time_zone: timeZone },
    notification: Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
    next_at: nextAt === null ? null : formatInstant(nextAt),
    last_at: lastAt === null ? null : formatInstant(lastAt),
    last_notification_id: lastNotificationId,
    last_error: lastError,
    created_at: formatInstant(schedule.createdAt),
  };
}
