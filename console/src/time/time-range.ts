/** A time range as it stands in the address: RFC 3339 or relative to now (`now-15m`). */
export interface TimeRange {
  start: string;
  end: string;
}

/** Unix milliseconds. */
interface ResolvedRange {
  start: number;
  end: number;
}

export const DEFAULT_RANGE: TimeRange = { start: 'now-15m', end: 'now' };

export const PRESETS: readonly { start: string; label: string; short: string }[] = [
  { start: 'now-5m', label: 'Last 5 minutes', short: '5m' },
  { start: 'now-15m', label: 'Last 15 minutes', short: '15m' },
  { start: 'now-30m', label: 'Last 30 minutes', short: '30m' },
  { start: 'now-1h', label: 'Last hour', short: '1h' },
  { start: 'now-3h', label: 'Last 3 hours', short: '3h' },
  { start: 'now-6h', label: 'Last 6 hours', short: '6h' },
  { start: 'now-12h', label: 'Last 12 hours', short: '12h' },
  { start: 'now-1d', label: 'Last 24 hours', short: '24h' },
  { start: 'now-2d', label: 'Last 2 days', short: '2d' },
  { start: 'now-7d', label: 'Last 7 days', short: '7d' },
];

const UNITS: Record<string, number> = { s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3, w: 604_800e3 };

/** Unix milliseconds, or undefined where the text is no time. */
export function resolveInstant(text: string, now: number): number | undefined {
  if (text === 'now') return now;
  const relative = /^now-(\d+)([smhdw])$/.exec(text);
  if (relative) return now - Number(relative[1]) * UNITS[relative[2]!]!;
  const absolute = Date.parse(text);
  return Number.isNaN(absolute) ? undefined : absolute;
}

export function resolveRange(range: TimeRange, now: number): ResolvedRange {
  const end = resolveInstant(range.end, now) ?? now;
  const start = resolveInstant(range.start, now) ?? end - UNITS.h!;
  return start < end ? { start, end } : { start: end - UNITS.h!, end };
}

/** Whether the range moves with the clock. */
export function isLive(range: TimeRange): boolean {
  return range.end === 'now';
}

const dayAndTime = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

export function describeRange(range: TimeRange): string {
  const preset = PRESETS.find((entry) => entry.start === range.start && range.end === 'now');
  if (preset) return preset.label;
  const { start, end } = resolveRange(range, Date.now());
  return isLive(range)
    ? `Since ${dayAndTime.format(start)}`
    : `${dayAndTime.format(start)} – ${dayAndTime.format(end)}`;
}

/** A whole number of seconds that gives about `points` points over the range. */
export function stepFor(range: TimeRange, points = 180): number {
  const { start, end } = resolveRange(range, Date.now());
  const wanted = (end - start) / 1000 / points;
  const steps = [5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
  return steps.find((step) => step >= wanted) ?? 86_400;
}

const AROUND_MS = 60_000;

/** A fixed range from a minute before something until a minute after it. */
export function rangeAround(time: string, durationMs = 0): TimeRange {
  const at = Date.parse(time);
  return {
    start: new Date(at - AROUND_MS).toISOString(),
    end: new Date(at + durationMs + AROUND_MS).toISOString(),
  };
}
