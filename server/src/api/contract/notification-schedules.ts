import { z } from 'zod';
import { instant, list } from './common.ts';
import { notifyBody } from './notifications.ts';

const { send_at: _, delay: __, ...notifyFields } = notifyBody.shape;

export const notificationScheduleForm = z.strictObject({
  name: z.string().trim().min(1).max(200),
  notification: z.strictObject(notifyFields).describe('what is said to whom, as in `POST /api/notifications/notify`'),
  start: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/, 'use a time by the clock on the wall: 2026-01-05T08:00')
    .describe('the first time, by the clock on the wall of `time_zone`: `2026-01-05T08:00`'),
  time_zone: z.string().max(100).refine(isTimeZone, 'is no time zone; use a name such as Europe/Paris').default('UTC'),
  rrule: z.string().max(500).nullable().default(null).describe('RFC 5545: `FREQ=WEEKLY;BYDAY=MO`; null: once'),
  enabled: z.boolean().default(true).describe('false: paused, its turns pass by'),
});

/** As the schedule is shown: an address that it has need not be known to keep it. */
export const notificationScheduleReplacement = notificationScheduleForm.extend({
  notification: notificationScheduleForm.shape.notification.extend({
    has_address: z.literal(true).optional().describe('keeps the address that is there, in place of `to`'),
  }),
});

export const notificationSchedulePatch = z.strictObject({ enabled: z.boolean().describe('false: paused') });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

export const notificationSchedule = z.object({
  id: z.string(),
  name: z.string(),
  notification: z.record(z.string(), z.unknown()),
  start: z.string(),
  time_zone: z.string(),
  rrule: z.string().nullable(),
  enabled: z.boolean(),
  next_at: instant.nullable().describe('null: over, or paused'),
  upcoming: z.array(instant).describe('its next turns, at most five'),
  last_at: instant.nullable(),
  last_notification_id: z.string().nullable(),
  last_error: z.string().nullable().describe('why the last one could not be made'),
  created_at: instant,
});

export const notificationScheduleList = list(notificationSchedule);
export const notificationScheduleParams = z.strictObject({ id: z.string().min(1).max(100) });

export type NotificationScheduleView = z.output<typeof notificationSchedule>;
