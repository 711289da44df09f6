import { describe, expect, it } from 'vitest';
import { CLOCK_CHANGES, wallWalk } from '../../../tests/support/wall-walk.ts';
import { occurrences, parseRecurrence } from './recurrence.ts';

function begins(start: string, timeZone: string, rule: string | null, limit: number, notBefore?: string): string[] {
  const recurrence = rule === null ? undefined : parseRecurrence(rule, timeZone);
  const from = notBefore === undefined ? undefined : Date.parse(notBefore);
  const found: string[] = [];
  for (const at of occurrences(Temporal.PlainDateTime.from(start), timeZone, recurrence, from)) {
    if (from === undefined || at >= from) found.push(new Date(at).toISOString().slice(0, 16));
    if (found.length === limit) break;
  }
  return found;
}

describe('occurrences', () => {
  it('keeps to the wall clock of Paris over both changes', () => {
    expect(begins('2026-03-28T02:30', 'Europe/Paris', 'FREQ=DAILY', 3)).toEqual([
      '2026-03-28T01:30',
      // 02:30 does not exist that night: an hour later.
      '2026-03-29T01:30',
      '2026-03-30T00:30',
    ]);
    expect(begins('2026-10-24T02:30', 'Europe/Paris', 'FREQ=DAILY', 3)).toEqual([
      '2026-10-24T00:30',
      // 02:30 comes twice: the first.
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  it('keeps to the wall clock of New York over both changes', () => {
    expect(begins('2026-03-07T01:00', 'America/New_York', 'FREQ=DAILY', 3)).toEqual([
      '2026-03-07T06:00',
      '2026-03-08T06:00',
      '2026-03-09T05:00',
    ]);
    expect(begins('2026-10-31T03:00', 'America/New_York', 'FREQ=DAILY', 2)).toEqual([
      '2026-10-31T07:00',
      '2026-11-01T08:00',
    ]);
  });

  it('keeps to the wall clock of Lord Howe, which changes by half an hour', () => {
    expect(begins('2026-04-04T05:00', 'Australia/Lord_Howe', 'FREQ=DAILY', 2)).toEqual([
      '2026-04-03T18:00',
      '2026-04-04T18:30',
    ]);
    expect(begins('2026-10-03T05:00', 'Australia/Lord_Howe', 'FREQ=DAILY', 2)).toEqual([
      '2026-10-02T18:30',
      '2026-10-03T18:00',
    ]);
  });

  it.each(CLOCK_CHANGES)(
    'in %s, around %s, comes daily at its time, the first one, or later by what is skipped',
    (zone, change) => {
      const walk = wallWalk(zone, change, 60);
      const days = [...new Set(walk.map(({ date }) => date))].slice(1, 4);
      for (let minute = 0; minute < 1440; minute += 15) {
        const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
        const expected = days.map((date) => {
          const minutes = walk.filter((one) => one.date === date);
          const shown = minutes.find((one) => one.minute === minute)?.at ?? minutes[0]!.at + minute * 60_000;
          return new Date(shown).toISOString().slice(0, 16);
        });
        expect(begins(`${days[0]}T${time}`, zone, 'FREQ=DAILY', 3), time).toEqual(expected);
      }
    },
  );

  it.each([
    ['FREQ=WEEKLY;BYDAY=SA,SU', ['2026-01-03T02:00', '2026-01-04T02:00', '2026-01-10T02:00']],
    ['FREQ=WEEKLY;INTERVAL=2', ['2026-01-01T02:00', '2026-01-15T02:00', '2026-01-29T02:00']],
    ['FREQ=MONTHLY;BYDAY=1SU', ['2026-01-04T02:00', '2026-02-01T02:00', '2026-03-01T02:00']],
    ['FREQ=MONTHLY;BYDAY=-1FR', ['2026-01-30T02:00', '2026-02-27T02:00', '2026-03-27T02:00']],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', ['2026-01-31T02:00', '2026-02-28T02:00', '2026-03-31T02:00']],
    ['FREQ=MONTHLY;BYMONTHDAY=31', ['2026-01-31T02:00', '2026-03-31T02:00', '2026-05-31T02:00']],
    ['FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=14', ['2026-07-14T02:00', '2027-07-14T02:00', '2028-07-14T02:00']],
    ['FREQ=DAILY;BYDAY=MO', ['2026-01-05T02:00', '2026-01-12T02:00', '2026-01-19T02:00']],
    ['FREQ=DAILY;COUNT=2', ['2026-01-01T02:00', '2026-01-02T02:00']],
    ['FREQ=DAILY;UNTIL=20260102', ['2026-01-01T02:00', '2026-01-02T02:00']],
  ])('%s', (rule, expected) => {
    expect(begins('2026-01-01T02:00', 'UTC', rule, 3)).toEqual(expected);
  });

  it('skips the past without counting it out', () => {
    const rules = ['FREQ=DAILY', 'FREQ=WEEKLY;INTERVAL=3', 'FREQ=MONTHLY;BYDAY=2TU', 'FREQ=YEARLY'];
    for (const rule of rules) {
      const all = begins('2001-02-03T04:05', 'Europe/Paris', rule, 10_000).filter((at) => at >= '2026-01-01');
      const skipped = begins('2001-02-03T04:05', 'Europe/Paris', rule, 3, '2026-01-01T00:00:00Z');
      expect(skipped).toEqual(all.slice(0, 3));
    }
  });

  it.each([
    ['FREQ=HOURLY', /FREQ/],
    ['BYDAY=MO', /FREQ/],
    ['FREQ=WEEKLY;BYDAY=XX', /no day/],
    ['FREQ=WEEKLY;BYDAY=1MO', /MONTHLY/],
    ['FREQ=DAILY;COUNT=0', /COUNT/],
    ['FREQ=DAILY;COUNT=1;UNTIL=20260101', /either/],
    ['FREQ=DAILY;BYHOUR=3', /BYHOUR: not built/],
    ['FREQ=DAILY;FREQ=DAILY', /twice/],
    ['FREQ', /NAME=VALUE/],
  ])('refuses %s', (rule, message) => {
    expect(() => parseRecurrence(rule, 'UTC')).toThrow(message);
  });
});
