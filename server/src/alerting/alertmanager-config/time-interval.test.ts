import { describe, expect, it } from 'vitest';
import { ConfigMap } from '../../lib/config-map.ts';
import type { Issue } from '../../model/errors.ts';
import { containsTime, parseNamedIntervals } from './time-interval.ts';

function interval(fields: object) {
  const problems: Issue[] = [];
  const map = new ConfigMap({ name: 'x', time_intervals: [fields] }, 'time_intervals[0]', problems);
  const [named] = parseNamedIntervals([map], 'time interval', new Set());
  return { named: named!, problems };
}
const holds = (fields: object, ...times: string[]) =>
  times.map((time) => containsTime(interval(fields).named, Date.parse(time)));

describe('time intervals', () => {
  it('goes by times, their end excluded', () => {
    const office = { times: [{ start_time: '09:00', end_time: '17:00' }], weekdays: ['monday:friday'] };
    expect(
      holds(office, '2026-01-05T08:59:59Z', '2026-01-05T09:00:00Z', '2026-01-05T16:59:59Z', '2026-01-05T17:00:00Z'),
    ).toEqual([false, true, true, false]);
    expect(holds(office, '2026-01-10T12:00:00Z')).toEqual([false]);
    expect(holds({ times: [{ start_time: '23:00', end_time: '24:00' }] }, '2026-01-05T23:59:59Z')).toEqual([true]);
  });

  it('counts days of the month from its end, too', () => {
    const last = { days_of_month: ['-1'] };
    expect(holds(last, '2026-02-28T00:00:00Z', '2024-02-28T00:00:00Z', '2024-02-29T00:00:00Z')).toEqual([
      true,
      false,
      true,
    ]);
    expect(holds({ days_of_month: ['29:31'] }, '2026-02-28T00:00:00Z', '2026-04-30T00:00:00Z')).toEqual([false, true]);
  });

  it('knows months by name and number, and years', () => {
    const spring = { months: ['march:may', '12'], years: ['2026:2027'] };
    expect(holds(spring, '2026-04-01T00:00:00Z', '2026-12-01T00:00:00Z', '2028-04-01T00:00:00Z')).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each([
    ['Europe/Paris', '2026-03-29T06:59:00Z', '2026-03-29T07:00:00Z'],
    ['Europe/Paris', '2026-03-28T07:59:00Z', '2026-03-28T08:00:00Z'],
    ['America/New_York', '2026-11-01T13:59:00Z', '2026-11-01T14:00:00Z'],
    ['America/New_York', '2026-10-31T12:59:00Z', '2026-10-31T13:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-02T22:29:00Z', '2026-10-02T22:30:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T21:59:00Z', '2026-10-03T22:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-03T21:59:00Z', '2026-04-03T22:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T22:29:00Z', '2026-04-04T22:30:00Z'],
  ])('goes by the wall clock of %s on both sides of a change: from %s', (location, before, after) => {
    const fields = { location, times: [{ start_time: '09:00', end_time: '10:00' }] };
    expect(holds(fields, before, after)).toEqual([false, true]);
  });

  it.each([
    [{ times: [{ start_time: '17:00', end_time: '09:00' }] }, /cannot be equal or greater/],
    [{ times: [{ start_time: '9:00', end_time: '10:00' }] }, /HH:MM/],
    [{ weekdays: ['someday'] }, /not a valid weekday/],
    [{ weekdays: ['friday:monday'] }, /start day/],
    [{ days_of_month: ['0'] }, /not a valid day/],
    [{ days_of_month: ['5:1'] }, /end day/],
    [{ months: ['13'] }, /not a valid month/],
    [{ location: 'Mars/Olympus' }, /unknown time zone/],
    [{ hours: ['1'] }, /unknown field/],
  ])('refuses %j', (fields, message) => {
    expect(
      interval(fields)
        .problems.map((problem) => problem.message)
        .join(),
    ).toMatch(message);
  });
});
