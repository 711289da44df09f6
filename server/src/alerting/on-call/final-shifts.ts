import type { TimeRange } from '../../model/time-range.ts';
import { layerShifts } from './layer-shifts.ts';
import type { OnCallSchedule, OnCallShift } from './schedule.ts';

/** Who is on call within the range, in order and one at a time; where nobody is, there is a gap. */
export function finalShifts(schedule: OnCallSchedule, range: TimeRange): OnCallShift[] {
  let shifts: OnCallShift[] = [];
  for (const layer of schedule.layers) shifts = laidOver(shifts, layerShifts(layer, schedule.timeZone, range));
  for (const { userId, ...override } of schedule.overrides) {
    const startsAt = Math.max(range.start, override.startsAt);
    const endsAt = Math.min(range.end, override.endsAt);
    if (startsAt < endsAt) shifts = laidOver(shifts, [{ userId, layer: null, startsAt, endsAt }]);
  }
  return withoutSeams(shifts);
}

/** The shift of this moment, as far as the next two weeks show it, or `undefined` where nobody is on call. */
export function shiftAt(schedule: OnCallSchedule, at: number): OnCallShift | undefined {
  const [first] = finalShifts(schedule, { start: at, end: at + LOOK_AHEAD_MS });
  return first?.startsAt === at ? first : undefined;
}

const LOOK_AHEAD_MS = 14 * 86_400_000;

/** `upper`, and what of `lower` it leaves free. Both in order and free of overlaps, as is the answer. */
function laidOver(lower: readonly OnCallShift[], upper: readonly OnCallShift[]): OnCallShift[] {
  const free: OnCallShift[] = [];
  let position = 0;
  for (const shift of lower) {
    let from = shift.startsAt;
    while (upper[position] && upper[position]!.endsAt <= from) position++;
    for (let index = position; upper[index] && upper[index]!.startsAt < shift.endsAt; index++) {
      const { startsAt, endsAt } = upper[index]!;
      if (from < startsAt) free.push({ ...shift, startsAt: from, endsAt: startsAt });
      from = Math.max(from, endsAt);
    }
    if (from < shift.endsAt) free.push({ ...shift, startsAt: from });
  }
  return [...free, ...upper].sort((a, b) => a.startsAt - b.startsAt);
}

function withoutSeams(shifts: readonly OnCallShift[]): OnCallShift[] {
  const joined: OnCallShift[] = [];
  for (const shift of shifts) {
    const before = joined.at(-1);
    if (before?.endsAt === shift.startsAt && before.userId === shift.userId && before.layer === shift.layer) {
      joined[joined.length - 1] = { ...before, endsAt: shift.endsAt };
    } else joined.push(shift);
  }
  return joined;
}
