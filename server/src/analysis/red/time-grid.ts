import type { TimeRange } from '../../model/time-range.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[10, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 30].map((count) => count * MINUTE),
  ...[1, 3, 6, 12, 24].map((count) => count * HOUR),
];
const MOST_POINTS = 120;

/** A window as steps of a round length, 120 at most: whole ones only, since half a step looks like half the traffic. */
export function timeGrid(range: TimeRange): { range: TimeRange; stepMs: number } {
  const wanted = (range.end - range.start) / MOST_POINTS;
  const day = STEPS.at(-1)!;
  const stepMs = STEPS.find((step) => step >= wanted) ?? Math.ceil(wanted / day) * day;
  const start = Math.floor(range.start / stepMs) * stepMs;
  const end = Math.max(start + stepMs, Math.floor(range.end / stepMs) * stepMs);
  return { range: { start, end }, stepMs };
}
