import { describe, expect, it } from 'vitest';
import { CLOCK_CHANGES } from '../../../../tests/support/wall-walk.ts';
import { wallClock } from '../../lib/wall-clock.ts';
import { finalShifts, shiftAt } from './final-shifts.ts';
import type { OnCallLayer, OnCallSchedule } from './schedule.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

function layer(changes: Partial<OnCallLayer> = {}): OnCallLayer {
  return {
    name: 'first',
    rotation: 'daily',
    every: 1,
    start: '2026-01-05T09:00',
    participants: ['anna', 'ben', 'cem'],
    hours: [],
    ...changes,
  };
}

function schedule(timeZone: string, ...layers: OnCallLayer[]): OnCallSchedule {
  return { id: '1', name: 'web', description: '', timeZone, layers, overrides: [], createdAt: 0, updatedAt: 0 };
}

function shown(from: string, to: string, of: OnCallSchedule): string[] {
  const shifts = finalShifts(of, { start: Date.parse(from), end: Date.parse(to) });
  return shifts.map(
    ({ userId, startsAt }) => `${new Date(startsAt).toISOString().slice(0, 16)}Z ${userId.slice(0, 1)}`,
  );
}

describe('handoffs at changes of the clocks', () => {
  const cases: [zone: string, start: string, from: string, to: string, expected: string[]][] = [
    [
      'Europe/Paris',
      '2026-03-28T02:30',
      '2026-03-28T01:00Z',
      '2026-03-30T12:00Z',
      ['28T01:30', '29T01:00', '30T00:30'],
    ],
    [
      'Europe/Paris',
      '2026-10-24T02:30',
      '2026-10-24T00:00Z',
      '2026-10-26T12:00Z',
      ['24T00:30', '25T00:30', '26T01:30'],
    ],
    [
      'America/New_York',
      '2026-03-07T02:30',
      '2026-03-07T00:00Z',
      '2026-03-09T12:00Z',
      ['07T07:30', '08T07:00', '09T06:30'],
    ],
    [
      'America/New_York',
      '2026-10-31T01:30',
      '2026-10-31T00:00Z',
      '2026-11-02T12:00Z',
      ['31T05:30', '01T05:30', '02T06:30'],
    ],
    [
      'Australia/Lord_Howe',
      '2026-10-03T02:15',
      '2026-10-02T00:00Z',
      '2026-10-05T12:00Z',
      ['02T15:45', '03T15:30', '04T15:15'],
    ],
    [
      'Australia/Lord_Howe',
      '2026-04-04T01:45',
      '2026-04-03T00:00Z',
      '2026-04-06T12:00Z',
      ['03T14:45', '04T14:45', '05T15:15'],
    ],
    [
      'Pacific/Apia',
      '2012-03-31T03:30',
      '2012-03-30T00:00Z',
      '2012-04-02T12:00Z',
      ['30T13:30', '31T13:30', '01T14:30'],
    ],
    // The 30th of December 2011 was left out: its turn lasts from the beginning of the 31st to the handoff of that day.
    [
      'Pacific/Apia',
      '2011-12-29T09:00',
      '2011-12-29T00:00Z',
      '2011-12-31T12:00Z',
      ['29T19:00', '30T10:00', '30T19:00'],
    ],
  ];
  it.each(cases)('%s, daily from %s', (zone, start, from, to, expected) => {
    const shifts = shown(from, to, schedule(zone, layer({ start })));
    expect(shifts.map((text) => text.slice(8, 16))).toEqual(expected);
    expect(shifts.map((text) => text.slice(-1))).toEqual(['a', 'b', 'c']);
  });

  /** A plain reference: walk through the time, and never let the wall clock go back. */
  it.each<readonly [zone: string, change: string]>([
    ...CLOCK_CHANGES,
    ['Pacific/Apia', '2011-12-30T10:00Z'],
    ['Pacific/Apia', '2012-03-31T14:00Z'],
  ])('%s at %s: every quarter of an hour as the walk says', (zone, change) => {
    const middle = Date.parse(change);
    const first = wallClock(middle - 5 * DAY, zone).round({ smallestUnit: 'hour' });
    const start = first.toString().slice(0, 16);
    const hours = [{ days: [1, 2, 3, 4, 5, 6, 7], start: '22:15', end: '02:15' }];
    for (const [rotation, every, length] of [
      ['hourly', 1, 1],
      ['hourly', 12, 12],
      ['daily', 1, 24],
    ] as const) {
      for (const restricted of [false, true]) {
        const one = layer({ start, rotation, every, hours: restricted ? hours : [] });
        const shifts = finalShifts(schedule(zone, one), { start: middle - 4 * DAY, end: middle + 4 * DAY });
        let latest = first;
        for (let at = middle - 4 * DAY; at < middle + 4 * DAY; at += 15 * MINUTE) {
          const wall = wallClock(at, zone);
          if (Temporal.PlainDateTime.compare(wall, latest) > 0) latest = wall;
          const turn = Math.floor(first.until(latest, { largestUnit: 'minutes' }).minutes / 60 / length);
          const minute = latest.hour * 60 + latest.minute;
          const isOpen = !restricted || minute >= 22 * 60 + 15 || minute < 2 * 60 + 15;
          const found = shifts.filter(({ startsAt, endsAt }) => startsAt <= at && at < endsAt);
          const expected = isOpen ? [one.participants[turn % 3]] : [];
          expect(
            found.map(({ userId }) => userId),
            new Date(at).toISOString(),
          ).toEqual(expected);
        }
      }
    }
  });
});

describe('the final timeline', () => {
  it('lays later layers over earlier ones within their hours, and overrides over all', () => {
    const nights = { days: [1, 2, 3, 4, 5], start: '20:00', end: '08:00' };
    const above = layer({ name: 'nights', participants: ['dora'], hours: [nights], start: '2026-01-05T00:00' });
    const under = layer({ rotation: 'weekly', participants: ['anna', 'ben'] });
    const override = { id: '1', userId: 'cem', createdBy: 'x' };
    const [startsAt, endsAt] = [Date.parse('2026-01-06T06:00Z'), Date.parse('2026-01-06T12:00Z')];
    const all = { ...schedule('UTC', under, above), overrides: [{ ...override, startsAt, endsAt }] };
    expect(shown('2026-01-05T00:00Z', '2026-01-07T00:00Z', all)).toEqual([
      '2026-01-05T09:00Z a',
      '2026-01-05T20:00Z d',
      '2026-01-06T06:00Z c',
      '2026-01-06T12:00Z a',
      '2026-01-06T20:00Z d',
    ]);
    expect(shown('2026-01-09T21:00Z', '2026-01-13T00:00Z', all)).toEqual([
      '2026-01-09T21:00Z d',
      '2026-01-10T08:00Z a',
      '2026-01-12T09:00Z b',
      '2026-01-12T20:00Z d',
    ]);
  });

  it('knows nobody before the first handoff, nor outside of the hours', () => {
    const office = schedule('UTC', layer({ hours: [{ days: [1], start: '09:00', end: '17:00' }] }));
    const at = (time: string) => shiftAt(office, Date.parse(time))?.userId;
    expect(at('2026-01-05T08:59:59.999Z')).toBeUndefined();
    expect(at('2026-01-05T09:00Z')).toBe('anna');
    expect(at('2026-01-05T16:59:59.999Z')).toBe('anna');
    expect(at('2026-01-05T17:00Z')).toBeUndefined();
  });
});
