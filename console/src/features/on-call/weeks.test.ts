import { expect, it } from 'vitest';
import { placeIn, weeksFrom } from './weeks.ts';

const HOUR = 3_600_000;

it('begins with a Monday, and goes on day by day', () => {
  const weeks = weeksFrom(new Date(2026, 0, 8, 15).getTime(), 2);
  expect(weeks.map(({ start }) => new Date(start).getDay())).toEqual([1, 1]);
  expect(new Date(weeks[0]!.start).getDate()).toBe(5);
  expect(weeks[0]!.end).toBe(weeks[1]!.start);
  expect(weeks[0]!.days).toHaveLength(7);
});

it('places what lies in the week, and cuts what goes beyond it', () => {
  const [week] = weeksFrom(new Date(2026, 0, 5).getTime(), 1);
  const length = week!.end - week!.start;
  expect(placeIn(week!, week!.start - HOUR, week!.start + length / 4)).toEqual({ left: 0, width: 25 });
  expect(placeIn(week!, week!.end, week!.end + HOUR)).toBeUndefined();
});
