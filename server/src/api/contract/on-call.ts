import { z } from 'zod';
import { cursorParameter, instant, instantParameter, limitParameter, list } from './common.ts';

const name = z.string().trim().min(1, 'must not be empty').max(200);
const userId = z.string().min(1).max(200);
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'use a time such as 09:00');

export const hours = z.strictObject({
  days: z.array(z.int().min(1).max(7)).min(1).max(7).describe('on which they begin; 1 is Monday'),
  start: clockTime,
  end: clockTime.describe('not after `start`: on the next day'),
});

const layer = z.strictObject({
  name,
  rotation: z.enum(['hourly', 'daily', 'weekly']),
  every: z.int().min(1).max(500).default(1).describe('hours, days or weeks between two handoffs'),
  start: z
    .string()
    .refine(isLocalTime, 'use a local date and time such as 2026-01-05T09:00')
    .describe('local date and time of the first handoff'),
  participants: z.array(userId).min(1, 'name at least one user').max(100).describe('user ids in their order'),
  hours: z.array(hours).max(21).default([]).describe('when it is on duty; none: always'),
});

const fields = {
  name,
  description: z.string().max(4000),
  time_zone: z.string().max(100).describe('`Europe/Paris`'),
  layers: z.array(layer).max(20).describe('a later one wins over an earlier one'),
};

export const scheduleForm = z.strictObject({
  ...fields,
  description: fields.description.default(''),
  time_zone: fields.time_zone.default('UTC'),
});
export const schedulePatch = z.strictObject(fields).partial();

const overrideView = z.object({
  id: z.string(),
  user_id: z.string(),
  starts_at: instant,
  ends_at: instant,
  created_by: z.string(),
});
export type OnCallOverrideView = z.infer<typeof overrideView>;
export const onCallOverride = overrideView;
export const overrideForm = z.strictObject({ user_id: userId, starts_at: instantParameter, ends_at: instantParameter });

const shift = z.object({
  user_id: z.string(),
  starts_at: instant,
  ends_at: instant,
  layer: z.string().nullable().describe('null: an override'),
});
export type OnCallShiftView = z.infer<typeof shift>;

export const onCallSchedule = z.object({
  id: z.string(),
  ...fields,
  overrides: z.array(overrideView).describe('those that are not over; a later one wins over an earlier one'),
  created_at: instant,
  updated_at: instant,
});
export type OnCallScheduleView = z.infer<typeof onCallSchedule>;
export const scheduleList = list(onCallSchedule);
export const scheduleListParameters = z.strictObject({ limit: limitParameter(), cursor: cursorParameter });

export const scheduleParameters = z.strictObject({ schedule_id: z.string() });
export const overrideParameters = z.strictObject({ schedule_id: z.string(), override_id: z.string() });
export const onCallParameters = z.strictObject({ at: instantParameter.optional().describe('default: now') });
export const shiftParameters = z.strictObject({
  start: instantParameter.optional().describe('default: now'),
  end: instantParameter.optional().describe('default: 14 days after start; at most 100 days after it'),
});

export const onCallAnswer = z.object({
  at: instant,
  on_call: shift.nullable().describe('from `at` on, shown for two weeks at most; null: nobody'),
});
export const shiftList = z.object({ items: z.array(shift).describe('in order; where nobody is on call, a gap') });
export const onCallOverview = z.object({
  at: instant,
  items: z.array(z.object({ schedule_id: z.string(), schedule_name: z.string(), on_call: shift.nullable() })),
});
export type OnCallOverview = z.infer<typeof onCallOverview>;

function isLocalTime(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text) || text < '1970') return false;
  const time = new Date(`${text}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}
