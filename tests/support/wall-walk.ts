/** One minute, and what a clock on the wall shows in it. */
export interface WallMinute {
  /** Unix milliseconds. */
  readonly at: number;
  /** Such as `2026-03-29`. */
  readonly date: string;
  /** Since midnight by the wall. */
  readonly minute: number;
}

/** Both changes of the clocks of a year in each of three zones; Lord Howe's are of half an hour. */
export const CLOCK_CHANGES = [
  ['Europe/Paris', '2026-03-29T01:00Z'],
  ['Europe/Paris', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
] as const;

/** A walk through the time within so many hours of a moment, minute by minute: a plain reference for all that goes by clocks. */
export function wallWalk(zone: string, middle: string, hours: number): WallMinute[] {
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, ...parts });
  const start = Date.parse(middle) - hours * 3_600_000;
  return Array.from({ length: hours * 120 }, (_, index) => {
    const at = start + index * 60_000;
    const [date, time] = format.format(at).split(' ') as [string, string];
    const [hour, minute] = time.split(':').map(Number) as [number, number];
    return { at, date, minute: hour * 60 + minute };
  });
}

/** Minutes since midnight of a time such as `22:15`. */
export function minuteOf(time: string): number {
  const [hour, minute] = time.split(':').map(Number) as [number, number];
  return hour * 60 + minute;
}
