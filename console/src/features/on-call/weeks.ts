/** A week of the calendar, in the browser's time zone. Times are Unix milliseconds. */
export interface Week {
  readonly start: number;
  readonly end: number;
  /** When each of its seven days begins. */
  readonly days: readonly number[];
}

/** The weeks from the Monday on that is not after `time`. */
export function weeksFrom(time: number, count: number): Week[] {
  const monday = new Date(time);
  monday.setHours(0, 0, 0, 0);
  monday.setDate(monday.getDate() - ((monday.getDay() + 6) % 7));
  const day = (offset: number) => {
    const date = new Date(monday);
    date.setDate(date.getDate() + offset);
    return date.getTime();
  };
  return Array.from({ length: count }, (_, week) => ({
    start: day(week * 7),
    end: day(week * 7 + 7),
    days: Array.from({ length: 7 }, (_, index) => day(week * 7 + index)),
  }));
}

/** Where something lies within the week, in percent; `undefined`: not within it. */
export function placeIn(week: Week, start: number, end: number): { left: number; width: number } | undefined {
  const from = Math.max(start, week.start);
  const until = Math.min(end, week.end);
  if (from >= until) return undefined;
  const share = 100 / (week.end - week.start);
  return { left: (from - week.start) * share, width: (until - from) * share };
}
