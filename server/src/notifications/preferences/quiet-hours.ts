import { firstMoment, lastMoment, wallClock } from '../../lib/wall-clock.ts';

/** A time of the day at which nobody wants to be told, by the clock on the wall. */
export interface QuietWindow {
  /** `HH:MM`. */
  readonly start: string;
  /** `HH:MM`; not later than `start`: of the next day. */
  readonly end: string;
  /** ISO days of the week (1 is Monday) on which it begins; left out: every day. */
  readonly days?: readonly number[];
}

/** What becomes of a message in quiet hours: it waits until their end, is not sent, or goes out all the same. */
type QuietPolicy = 'defer' | 'drop' | 'allow';

export interface QuietHours {
  readonly windows?: readonly QuietWindow[];
  readonly policy?: QuietPolicy;
}

/** Windows that follow each other at once count as one, but not for ever. */
const MOST_WINDOWS = 32;

/**
 * When the quiet hours end in which `at` lies; `undefined`: it lies in none. Unix milliseconds. Where the clock is set
 * back within a window, the hour that comes twice belongs to it both times; a time that is skipped is the end of the
 * gap.
 */
export function quietUntil(windows: readonly QuietWindow[], timeZone: string, at: number): number | undefined {
  let until: number | undefined;
  for (let round = 0; round < MOST_WINDOWS; round++) {
    const end = endOfWindow(windows, timeZone, until ?? at);
    if (end === undefined) return until;
    until = end;
  }
  return until;
}

function endOfWindow(windows: readonly QuietWindow[], timeZone: string, at: number): number | undefined {
  const today = wallClock(at, timeZone).toPlainDate();
  let latest: number | undefined;
  for (const { start, end, days } of windows) {
    // The day before yesterday counts where a day is skipped.
    for (const back of [2, 1, 0]) {
      const day = today.subtract({ days: back });
      if (days && !days.includes(day.dayOfWeek)) continue;
      const lastDay = end > start ? day : day.add({ days: 1 });
      const begins = firstMoment(day.toPlainDateTime(start), timeZone);
      const ends = lastMoment(lastDay.toPlainDateTime(end), timeZone);
      if (begins <= at && at < ends) latest = Math.max(latest ?? 0, ends);
    }
  }
  return latest;
}
