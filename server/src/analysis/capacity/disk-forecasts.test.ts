import { expect, it } from 'vitest';
import { forecastOf } from './disk-forecasts.ts';

const DAY = 86_400_000;
const now = 20_000 * DAY;
/** Hourly points over `days` days that end now. */
const hourly = (days: number, value: (day: number) => number) =>
  Array.from({ length: days * 24 + 1 }, (_, hour): [number, number] => {
    const day = hour / 24;
    return [20_000 - days + day, value(day)];
  });

it('follows a straight line to its end', () => {
  const forecast = forecastOf(
    hourly(7, (day) => 50 + 2 * day),
    now,
  )!;
  expect(forecast.usedPercent).toBe(64);
  expect(forecast.trendPerDay).toBeCloseTo(2);
  // 36 points at 2 a day.
  expect(forecast.fullAt).toBeCloseTo(now + 18 * DAY, -4);
  expect(forecast.confidence).toBeCloseTo(1);
});

it('is less sure of a short or ragged history', () => {
  const short = forecastOf(
    hourly(2, (day) => 50 + day),
    now,
  )!;
  expect(short.confidence).toBeCloseTo(2 / 7);
  const ragged = forecastOf(
    hourly(7, (day) => 50 + ((day * 24) % 2) * 10),
    now,
  )!;
  expect(ragged.confidence).toBeLessThan(0.05);
});

it('says nothing about an end that does not come', () => {
  expect(
    forecastOf(
      hourly(7, (day) => 50 - day),
      now,
    ),
  ).toMatchObject({ fullAt: undefined });
  expect(
    forecastOf(
      hourly(7, () => 50),
      now,
    ),
  ).toMatchObject({ trendPerDay: 0, fullAt: undefined });
  expect(
    forecastOf(
      hourly(7, (day) => 1 + day / 100),
      now,
    ),
  ).toMatchObject({ fullAt: undefined });
  expect(
    forecastOf(
      hourly(7, () => 100),
      now,
    ),
  ).toMatchObject({ fullAt: now });
});

it('wants a day of data, and fresh', () => {
  expect(forecastOf([], now)).toBeUndefined();
  expect(forecastOf(hourly(1, (day) => day).slice(1), now)).toBeUndefined();
  expect(
    forecastOf(
      hourly(7, (day) => day),
      now + DAY,
    ),
  ).toBeUndefined();
});
