import { describe, expect, it } from 'vitest';
import { timeGrid } from './time-grid.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const END = Date.UTC(2026, 0, 5, 12, 34, 56, 789);

describe('timeGrid', () => {
  const f = (length: number, stepMs: number) =>
    expect(timeGrid({ start: END - length, end: END }).stepMs, `${length} ms`).toBe(stepMs);

  it('takes round steps, 120 at most', () => {
    f(1000, 10_000);
    f(20 * MINUTE, 10_000);
    f(HOUR, 30_000);
    f(2 * HOUR, MINUTE);
    f(2 * HOUR + 1, 2 * MINUTE);
    f(DAY, 30 * MINUTE);
    f(30 * DAY, 6 * HOUR);
    f(365 * DAY, 4 * DAY);
  });

  it('keeps to the grid and ends with a whole step', () => {
    const { range, stepMs } = timeGrid({ start: END - HOUR, end: END });
    expect(range.start % stepMs).toBe(0);
    expect(range.end).toBe(Date.UTC(2026, 0, 5, 12, 34, 30));
    expect((range.end - range.start) / stepMs).toBeLessThanOrEqual(121);
  });

  it('is never empty', () => {
    const { range } = timeGrid({ start: END, end: END + 1 });
    expect(range.end - range.start).toBe(10_000);
  });

  it('is of whole minutes where sums by the minute answer', () => {
    for (const length of [2 * HOUR + 1, 5 * HOUR, 3 * DAY, 400 * DAY]) {
      const { range, stepMs } = timeGrid({ start: END - length, end: END });
      expect([range.start % MINUTE, stepMs % MINUTE]).toEqual([0, 0]);
    }
  });
});
