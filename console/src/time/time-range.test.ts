import { describe, expect, it } from 'vitest';
import { describeRange, isLive, resolveInstant, resolveRange, stepFor } from './time-range.ts';

const NOW = Date.UTC(2026, 0, 5, 12);

describe('time ranges', () => {
  it.each([
    ['now', NOW],
    ['now-15m', NOW - 900_000],
    ['now-2d', NOW - 172_800_000],
    ['2026-01-05T11:00:00Z', NOW - 3_600_000],
    ['yesterday', undefined],
    ['now-1y', undefined],
  ])('%s', (text, expected) => {
    expect(resolveInstant(text, NOW)).toBe(expected);
  });

  it('never ends before it begins', () => {
    expect(resolveRange({ start: 'now', end: 'now-1h' }, NOW)).toEqual({
      start: NOW - 7_200_000,
      end: NOW - 3_600_000,
    });
  });

  it('moves with the clock where it ends now', () => {
    expect(isLive({ start: 'now-1h', end: 'now' })).toBe(true);
    expect(isLive({ start: 'now-2h', end: 'now-1h' })).toBe(false);
    expect(describeRange({ start: 'now-1h', end: 'now' })).toBe('Last hour');
  });

  it.each([
    ['now-5m', 5],
    ['now-15m', 5],
    ['now-1h', 20],
    ['now-1d', 600],
    ['now-7d', 3600],
  ])('gives about 180 points of a round step for %s', (start, step) => {
    expect(stepFor({ start, end: 'now' })).toBe(step);
  });
});
