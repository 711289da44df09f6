import { describe, expect, it } from 'vitest';
import { CLOCK_CHANGES, minuteOf, wallWalk } from '../../../../tests/support/wall-walk.ts';
import { nextDigest } from './digest.ts';
import { type QuietWindow, quietUntil } from './quiet-hours.ts';
import { nextFree, parseRateLimit } from './rate-limit.ts';

const short = (at: number | undefined) => (at === undefined ? 'now' : new Date(at).toISOString().slice(0, 16));

describe('quietUntil', () => {
  const night: QuietWindow[] = [{ start: '22:00', end: '07:00' }];

  it.each<[string, QuietWindow[], string, string, string]>([
    ['before', night, 'UTC', '2026-01-05T21:59Z', 'now'],
    ['from the first moment', night, 'UTC', '2026-01-05T22:00Z', '2026-01-06T07:00'],
    ['after midnight', night, 'UTC', '2026-01-06T06:59Z', '2026-01-06T07:00'],
    ['not at the end', night, 'UTC', '2026-01-06T07:00Z', 'now'],
    ['all day', [{ start: '00:00', end: '00:00', days: [6] }], 'UTC', '2026-01-03T12:00Z', '2026-01-04T00:00'],
    ['by the day on which it begins', [{ ...night[0]!, days: [5] }], 'UTC', '2026-01-03T03:00Z', '2026-01-03T07:00'],
    ['not on other days', [{ ...night[0]!, days: [5] }], 'UTC', '2026-01-04T03:00Z', 'now'],
    [
      'windows that follow each other',
      [...night, { start: '07:00', end: '09:00' }],
      'UTC',
      '2026-01-05T23:00Z',
      '2026-01-06T09:00',
    ],
    // Paris goes from +1 to +2 at 01:00 UTC on 29 March 2026, and back at 01:00 UTC on 25 October.
    ['over the change to summer', night, 'Europe/Paris', '2026-03-28T21:00Z', '2026-03-29T05:00'],
    ['over the change to winter', night, 'Europe/Paris', '2026-10-24T20:00Z', '2026-10-25T06:00'],
    [
      'until a time that comes twice, to its second coming',
      [{ start: '22:00', end: '02:30' }],
      'Europe/Paris',
      '2026-10-25T00:45Z',
      '2026-10-25T01:30',
    ],
    [
      'until a time that is skipped',
      [{ start: '22:00', end: '02:30' }],
      'Europe/Paris',
      '2026-03-28T23:00Z',
      '2026-03-29T01:00',
    ],
    // New York: 8 March 2026 at 07:00 UTC, 1 November at 06:00 UTC.
    ['New York in spring', night, 'America/New_York', '2026-03-08T03:00Z', '2026-03-08T11:00'],
    ['New York in autumn', night, 'America/New_York', '2026-11-01T02:00Z', '2026-11-01T12:00'],
    // Lord Howe moves by half an hour: 5 April 2026 from +11 to +10:30, 4 October back.
    ['Lord Howe in April', night, 'Australia/Lord_Howe', '2026-04-04T12:00Z', '2026-04-04T20:30'],
    ['Lord Howe in October', night, 'Australia/Lord_Howe', '2026-10-03T12:00Z', '2026-10-03T20:00'],
    // Apia had no 30 December 2011: it went from -10 to +14 at midnight, 10:00 UTC.
    ['over the day that Apia skipped', night, 'Pacific/Apia', '2011-12-30T08:30Z', '2011-12-30T17:00'],
  ])('%s', (_what, windows, zone, at, expected) => {
    expect(short(quietUntil(windows, zone, Date.parse(at)))).toBe(expected);
  });
});

describe('nextDigest', () => {
  it.each([
    ['instant', 'UTC', '2026-01-05T12:03Z', 'now'],
    ['15m', 'UTC', '2026-01-05T12:03Z', '2026-01-05T12:15'],
    ['15m', 'UTC', '2026-01-05T12:15Z', '2026-01-05T12:30'],
    ['hourly', 'Asia/Kolkata', '2026-01-05T12:03Z', '2026-01-05T12:30'],
    ['daily', 'Europe/Paris', '2026-03-28T12:00Z', '2026-03-29T06:00'],
    ['daily@02:30', 'Europe/Paris', '2026-03-28T12:00Z', '2026-03-29T01:00'],
    ['daily@02:30', 'Europe/Paris', '2026-10-25T00:31Z', '2026-10-26T01:30'],
    ['daily@12:00', 'Pacific/Apia', '2011-12-29T23:00Z', '2011-12-30T10:00'],
    ['hourly', 'Australia/Lord_Howe', '2026-04-04T14:45Z', '2026-04-04T15:30'],
  ])('%s in %s at %s', (digest, zone, at, expected) => {
    expect(short(nextDigest(digest, zone, Date.parse(at)))).toBe(expected);
  });
});

describe.each(CLOCK_CHANGES)('the clocks of %s around %s', (zone, change) => {
  const walk = wallWalk(zone, change, 60);
  const moments = walk.filter(({ at }) => Math.abs(at - Date.parse(change)) < 30 * 3_600_000 && at % 900_000 === 0);
  const days = [...new Set(walk.map(({ date }) => date))];
  const passing = (date: string, time: string) => {
    const minutes = walk.filter((one) => one.date === date);
    const begins = minutes.find(({ minute }) => minute >= minuteOf(time))?.at;
    return { begins, ends: minutes.findLast(({ minute }) => minute < minuteOf(time))?.at };
  };

  it.each([
    ['22:00', '07:00'],
    ['22:00', '02:15'],
    ['22:00', '01:45'],
    ['02:15', '09:00'],
    ['01:45', '02:15'],
    ['01:30', '02:30'],
  ])('are quiet from %s, when it comes first, until %s, when it comes last', (start, end) => {
    const windows = days.slice(0, -1).map((date, index) => {
      const lastDay = minuteOf(end) > minuteOf(start) ? date : days[index + 1]!;
      return {
        from: passing(date, start).begins ?? Number.POSITIVE_INFINITY,
        until: passing(lastDay, end).ends! + 60_000,
      };
    });
    const found = moments.map(({ at }) => [short(at), short(quietUntil([{ start, end }], zone, at))]);
    const expected = moments.map(({ at }) => {
      return [short(at), short(windows.find(({ from, until }) => from <= at && at < until)?.until)];
    });
    expect(found).toEqual(expected);
  });

  it.each(['00:00', '01:45', '02:15', '02:30', '09:00'])('send a daily digest at %s, when it comes first', (time) => {
    const sendings = days.map((date) => passing(date, time).begins!).filter(Boolean);
    const found = moments.map(({ at }) => [short(at), short(nextDigest(`daily@${time}`, zone, at))]);
    expect(found).toEqual(moments.map(({ at }) => [short(at), short(sendings.find((one) => one > at))]));
  });
});

describe('nextFree', () => {
  it('looks at each window', () => {
    const limits = ['2/15m', '3/1h'].map((text) => parseRateLimit(text)!);
    const minute = 60_000;
    const now = 100 * minute;
    expect(nextFree(limits, [], now)).toBe(now);
    expect(nextFree(limits, [now - minute], now)).toBe(now);
    expect(nextFree(limits, [now - minute, now - 5 * minute], now)).toBe(now + 10 * minute);
    expect(nextFree(limits, [now - minute, now - 5 * minute, now - 20 * minute], now)).toBe(now + 40 * minute);
    expect(parseRateLimit('5 an hour')).toBeUndefined();
  });
});
