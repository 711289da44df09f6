import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

const DAY = 86_400_000;
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('waits longer than the 24.8 days of a timer of the platform', () => {
  const called: number[] = [];
  const started = Date.now();
  systemClock.setTimer(60 * DAY, () => called.push((Date.now() - started) / DAY));
  systemClock.setTimer(Number.POSITIVE_INFINITY, () => called.push(0));
  const cancelled = systemClock.setTimer(60 * DAY, () => called.push(0));
  vi.advanceTimersByTime(59 * DAY);
  expect(called).toEqual([]);
  cancelled.cancel();
  vi.advanceTimersByTime(300 * DAY);
  expect(called).toEqual([60]);
});
