/** How something comes again, as a form asks: what it cannot ask is `custom`, written as RFC 5545. */
export interface Recurrence {
  kind: 'once' | 'daily' | 'weekly' | 'monthly' | 'custom';
  /** Of `weekly`: `MO` to `SU`. */
  days: string[];
  /** Of `custom`. */
  rule: string;
}

export const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
const NAMES: Record<string, string> = {
  MO: 'Mon',
  TU: 'Tue',
  WE: 'Wed',
  TH: 'Thu',
  FR: 'Fri',
  SA: 'Sat',
  SU: 'Sun',
};

export function nameOfDay(day: string): string {
  return NAMES[day] ?? day;
}

export function readRecurrence(rrule: string | null): Recurrence {
  const none = { days: [], rule: rrule ?? '' };
  if (rrule === null) return { kind: 'once', ...none };
  if (rrule === 'FREQ=DAILY') return { kind: 'daily', ...none };
  if (rrule === 'FREQ=MONTHLY') return { kind: 'monthly', ...none };
  const weekly = /^FREQ=WEEKLY(?:;BYDAY=([A-Z]{2}(?:,[A-Z]{2})*))?$/.exec(rrule);
  if (weekly) return { kind: 'weekly', days: weekly[1]?.split(',') ?? [], rule: rrule };
  return { kind: 'custom', ...none };
}

export function writeRecurrence({ kind, days, rule }: Recurrence): string | null {
  if (kind === 'once') return null;
  if (kind === 'custom') return rule.trim();
  if (kind !== 'weekly' || days.length === 0) return `FREQ=${kind.toUpperCase()}`;
  return `FREQ=WEEKLY;BYDAY=${DAYS.filter((day) => days.includes(day)).join(',')}`;
}

/** `every Mon, Sun`, `every day`, or the rule itself. */
export function describeRecurrence(rrule: string | null): string {
  const { kind, days } = readRecurrence(rrule);
  if (kind === 'once') return 'once';
  if (kind === 'daily') return 'every day';
  if (kind === 'monthly') return 'every month';
  if (kind === 'weekly') return days.length === 0 ? 'every week' : `every ${days.map(nameOfDay).join(', ')}`;
  return rrule ?? '';
}
