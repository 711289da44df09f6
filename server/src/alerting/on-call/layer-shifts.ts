import { firstMoment, wallClock } from '../../lib/wall-clock.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { OnCallHours, OnCallLayer, OnCallShift } from './schedule.ts';

/** A week, and the day that a change of the clocks may swallow. */
const LOOK_AHEAD_MS = 16 * 86_400_000;
const HOURS = { hourly: 1, daily: 24, weekly: 168 } as const;

/** Who a layer alone puts on call within the range, in order. */
export function layerShifts(layer: OnCallLayer, timeZone: string, range: TimeRange): OnCallShift[] {
  const open = layer.hours.length === 0 ? [range] : openTimes(layer.hours, timeZone, range);
  const shifts: OnCallShift[] = [];
  let position = 0;
  for (const turn of turns(layer, timeZone, range)) {
    while (open[position] && open[position]!.end <= turn.startsAt) position++;
    for (let index = position; open[index] && open[index]!.start < turn.endsAt; index++) {
      const { start, end } = open[index]!;
      shifts.push({ ...turn, startsAt: Math.max(start, turn.startsAt), endsAt: Math.min(end, turn.endsAt) });
    }
  }
  return shifts;
}

/** The first moment from `at` on that lies within these hours of the week; `Infinity` where there is none. */
export function nextOpening(hours: readonly OnCallHours[], timeZone: string, at: number): number {
  const [first] = openTimes(hours, timeZone, { start: at, end: at + LOOK_AHEAD_MS });
  return first?.start ?? Number.POSITIVE_INFINITY;
}

/** From handoff to handoff, clipped to the range. A turn that a change of the clocks swallows is left out. */
function* turns(layer: OnCallLayer, timeZone: string, { start, end }: TimeRange): Generator<OnCallShift> {
  const { participants, name } = layer;
  const first = Temporal.PlainDateTime.from(layer.start);
  const hours = HOURS[layer.rotation] * layer.every;
  const handoff = (turn: number) => firstMoment(first.add({ hours: turn * hours }), timeZone);
  const elapsed = first.until(wallClock(start, timeZone), { largestUnit: 'hours' }).hours;
  // The wall clock may have been set back since the last handoff, in Apia's and Manila's history by up to a day.
  let turn = Math.max(0, Math.floor((elapsed - 24) / hours) - 1);
  for (let startsAt = handoff(turn); startsAt < end; turn++) {
    const endsAt = handoff(turn + 1);
    const clipped = { startsAt: Math.max(start, startsAt), endsAt: Math.min(end, endsAt) };
    if (clipped.startsAt < clipped.endsAt) {
      yield { userId: participants[turn % participants.length]!, layer: name, ...clipped };
    }
    startsAt = endsAt;
  }
}

/** The hours of the week as times of the range, in order and apart from each other. */
function openTimes(hours: readonly OnCallHours[], timeZone: string, { start, end }: TimeRange): TimeRange[] {
  const last = wallClock(end, timeZone).toPlainDate().add({ days: 1 });
  const found: TimeRange[] = [];
  let date = wallClock(start, timeZone).toPlainDate().subtract({ days: 2 });
  for (; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 })) {
    for (const one of hours.filter(({ days }) => days.includes(date.dayOfWeek))) {
      const endDate = one.end <= one.start ? date.add({ days: 1 }) : date;
      const from = Math.max(start, firstMoment(date.toPlainDateTime(one.start), timeZone));
      const to = Math.min(end, firstMoment(endDate.toPlainDateTime(one.end), timeZone));
      if (from < to) found.push({ start: from, end: to });
    }
  }
  return joined(found.sort((a, b) => a.start - b.start));
}

function joined(ranges: readonly TimeRange[]): TimeRange[] {
  const apart: TimeRange[] = [];
  for (const range of ranges) {
    const before = apart.at(-1);
    if (before && range.start <= before.end) {
      apart[apart.length - 1] = { start: before.start, end: Math.max(before.end, range.end) };
    } else apart.push(range);
  }
  return apart;
}
