import type { ConfigMap } from '../../lib/config-map.ts';

interface Span {
  readonly first: number;
  readonly last: number;
}

/** One of the times of a named interval: all that is given must hold; of a list, one entry. */
interface TimeInterval {
  /** Minutes of the day, `last` exclusive. */
  readonly times: readonly Span[] | undefined;
  /** 0 is Sunday. */
  readonly weekdays: readonly Span[] | undefined;
  /** Negative ones count from the end of the month. */
  readonly daysOfMonth: readonly Span[] | undefined;
  readonly months: readonly Span[] | undefined;
  readonly years: readonly Span[] | undefined;
  readonly timeZone: string;
}

export interface NamedInterval {
  readonly name: string;
  readonly intervals: readonly TimeInterval[];
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = 'january february march april may june july august september october november december'.split(' ');

/**
 * `time_intervals` of a configuration, or `mute_time_intervals`: their names are added to the `known` ones, each there
 * once. https://prometheus.io/docs/alerting/latest/configuration/#time_interval
 */
export function parseNamedIntervals(
  maps: readonly ConfigMap[],
  kind: 'time interval' | 'mute time interval',
  known: Set<string>,
): NamedInterval[] {
  return maps.map((map) => {
    const name = map.text('name') ?? '';
    if (name === '') map.fail('name', `missing name in ${kind}`);
    else if (known.has(name)) map.fail('name', `${kind} "${name}" is not unique`);
    known.add(name);
    const intervals = (map.maps('time_intervals') ?? []).map(parseInterval);
    map.refuseOthers();
    return { name, intervals };
  });
}

function parseInterval(map: ConfigMap): TimeInterval {
  const times = map.maps('times')?.map(parseTimes);
  const spans = (key: string, parse: (text: string) => Span) =>
    map.texts(key)?.map((text, index) => attempt(map, `${key}[${index}]`, () => parse(text.trim().toLowerCase())));
  const interval = {
    times,
    weekdays: spans('weekdays', (text) => span(text, weekday, 'start day cannot be after end day')),
    daysOfMonth: spans('days_of_month', parseDaysOfMonth),
    months: spans('months', (text) => span(text, month, 'start month cannot be after end month')),
    years: spans('years', (text) => span(text, year, 'start year cannot be after end year')),
    timeZone: attempt(map, 'location', () => timeZone(map.text('location') || 'UTC')) ?? 'UTC',
  };
  map.refuseOthers();
  return interval as TimeInterval;
}

function attempt<T>(map: ConfigMap, key: string, parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    return map.fail(key, (error as Error).message);
  }
}

function parseTimes(map: ConfigMap): Span {
  const read = (key: string) => attempt(map, key, () => minuteOfDay(map.text(key) ?? '')) ?? Number.NaN;
  const times = { first: read('start_time'), last: read('end_time') };
  if (times.first >= times.last) map.fail('end_time', 'start time cannot be equal or greater than end time');
  map.refuseOthers();
  return times;
}

function minuteOfDay(text: string): number {
  const [, hours, minutes] = /^((?:[01]\d)|(?:2[0-4])):([0-5]\d)$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  if (hours !== undefined && total <= 24 * 60) return total;
  throw new Error(`couldn't parse timestamp "${text}", invalid format: use HH:MM from 00:00 to 24:00`);
}

function span(text: string, parse: (word: string) => number, message: string): Span {
  const parts = text.split(':');
  if (parts.length > 2) throw new Error(`"${text}": use one value, or first:last`);
  const first = parse(parts[0]!);
  const last = parse(parts[1] ?? parts[0]!);
  if (first > last) throw new Error(message);
  return { first, last };
}

function parseDaysOfMonth(text: string): Span {
  const [, from, , to] = /^(-?\d+)(:(-?\d+))?$/.exec(text) ?? [];
  if (from === undefined) throw new Error(`"${text}": use days such as 1:5, 15 or -3:-1`);
  const days = { first: Number(from), last: Number(to ?? from) };
  for (const day of [days.first, days.last]) {
    if (day === 0 || Math.abs(day) > 31) {
      throw new Error(`${day} is not a valid day of the month: out of range`);
    }
  }
  if (days.first < 0 && days.last > 0) throw new Error('end day must be negative if start day is negative');
  // As of February, the shortest month.
  const counted = (day: number) => (day < 0 ? 28 + day : day);
  if (counted(days.first) > counted(days.last)) {
    throw new Error(`end day ${days.last} is always before start day ${days.first}`);
  }
  return days;
}

function weekday(word: string): number {
  const day = WEEKDAYS.indexOf(word);
  if (day >= 0) return day;
  throw new Error(`${word} is not a valid weekday`);
}

function month(word: string): number {
  const number = MONTHS.indexOf(word) + 1 || Number(word);
  if (Number.isInteger(number) && number >= 1 && number <= 12) return number;
  throw new Error(`${word} is not a valid month`);
}

function year(word: string): number {
  if (/^\d{1,4}$/.test(word)) return Number(word);
  throw new Error(`${word} is not a valid year`);
}

/** Throws where the name is none of the IANA data base. */
export function timeZone(name: string): string {
  const zone = name === 'Local' ? Temporal.Now.timeZoneId() : name;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return zone;
  } catch {
    throw new Error(`unknown time zone ${name}: use a name such as Europe/Paris`);
  }
}

/** True where one of the interval's times holds at this moment, Unix milliseconds. */
export function containsTime({ intervals }: NamedInterval, at: number): boolean {
  return intervals.some((interval) => contains(interval, at));
}

function contains(interval: TimeInterval, at: number): boolean {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(interval.timeZone);
  const minute = local.hour * 60 + local.minute;
  const within = (spans: readonly Span[] | undefined, value: number) =>
    spans === undefined || spans.some(({ first, last }) => value >= first && value <= last);
  if (interval.times && !interval.times.some(({ first, last }) => minute >= first && minute < last)) return false;
  return (
    within(interval.weekdays, local.dayOfWeek % 7) &&
    within(interval.months, local.month) &&
    within(interval.years, local.year) &&
    (interval.daysOfMonth?.some((days) => isDayOfMonth(days, local.day, local.daysInMonth)) ?? true)
  );
}

function isDayOfMonth({ first, last }: Span, day: number, daysInMonth: number): boolean {
  const counted = (value: number) => (value < 0 ? daysInMonth + value + 1 : value);
  return counted(first) <= daysInMonth && day >= counted(first) && day <= Math.min(counted(last), daysInMonth);
}
