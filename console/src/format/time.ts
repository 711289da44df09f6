/** Times in the zone of the reader. */

const full = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
  timeZoneName: 'short',
});
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: '2-digit' });
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

const moment = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const momentOfToday = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const momentOfYear = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
const HALF_YEAR_MS = 183 * 86_400_000;

export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Everything, with zone: for tooltips. */
export function formatFull(time: string | number): string {
  return full.format(new Date(time));
}

/** `14:03:22.120`, preceded by the day where it is not today. */
export function formatClock(time: string | number, now = Date.now()): string {
  const date = new Date(time);
  const text = clock.format(date);
  return date.toDateString() === new Date(now).toDateString() ? text : `${day.format(date)} ${text}`;
}

/** When something is or was, to the minute: `16:14`, `Mon, 30 Nov, 09:00`; beyond half a year only the day. */
export function formatMoment(time: string | number, now = Date.now()): string {
  const date = new Date(time);
  if (Math.abs(date.getTime() - now) > HALF_YEAR_MS) return momentOfYear.format(date);
  return (date.toDateString() === new Date(now).toDateString() ? momentOfToday : moment).format(date);
}

/** `just now`, `4m ago`, `in 2h`. */
export function formatAgo(time: string | number, now: number): string {
  const seconds = Math.round((now - new Date(time).getTime()) / 1000);
  if (Math.abs(seconds) < 5) return 'just now';
  const size = Math.abs(seconds);
  const text =
    size < 60
      ? `${size}s`
      : size < 3600
        ? `${Math.floor(size / 60)}m`
        : size < 86_400
          ? `${Math.floor(size / 3600)}h`
          : `${Math.floor(size / 86_400)}d`;
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

/** The next full hour, for a `datetime-local` field. */
export function nextHour(now = Date.now()): string {
  return toLocalInput(Math.ceil(now / 3_600_000) * 3_600_000).slice(0, 16);
}

/** What a `datetime-local` field wants: local time without zone. */
export function toLocalInput(time: number): string {
  const date = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}
