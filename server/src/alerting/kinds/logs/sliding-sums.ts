import type { TimeRange } from '../../../model/time-range.ts';

/** Where looks at a sliding window stand, and the slots that they add up. Milliseconds. */
export interface Grid {
  /** The first look. */
  readonly start: number;
  readonly stepMs: number;
  /** Windows and steps are whole numbers of these. */
  readonly slotMs: number;
  readonly slotsOfWindow: number;
}

/** A grid for looks about `stepMs` apart; the window comes out at most a thousandth shorter than it is. */
export function slotOf(range: TimeRange, windowMs: number, stepMs: number): Grid {
  const slotsOfWindow = Math.max(1, Math.ceil(windowMs / stepMs));
  const slotMs = Math.max(1, Math.floor(windowMs / slotsOfWindow));
  const step = slotMs * Math.max(1, Math.round(stepMs / slotMs));
  return { start: Math.ceil(range.start / slotMs) * slotMs, stepMs: step, slotMs, slotsOfWindow };
}

/** What the window before each look up to `end` holds. `points`: starts of slots and their counts, by time. */
export function slidingSums(points: readonly (readonly [slot: number, count: number])[], grid: Grid, end: number) {
  const { start, stepMs, slotMs, slotsOfWindow } = grid;
  const timestamps: number[] = [];
  const values: number[] = [];
  let [from, until, sum] = [0, 0, 0];
  for (let at = start; at <= end; at += stepMs) {
    while (until < points.length && points[until]![0] + slotMs <= at) sum += points[until++]![1];
    while (from < until && points[from]![0] < at - slotsOfWindow * slotMs) sum -= points[from++]![1];
    timestamps.push(at);
    values.push(sum);
  }
  return { timestamps, values };
}
