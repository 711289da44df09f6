/** The part of RFC 5545 that maintenance needs. */
export interface Recurrence {
  readonly frequency: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  readonly interval: number;
  readonly count: number | undefined;
  /** Unix milliseconds; the last occurrence begins no later. */
  readonly until: number | undefined;
  /** ISO day of the week (1 is Monday), and which of the month: 1 the first, -1 the last, 0 each. */
  readonly byDay: readonly { readonly day: number; readonly ordinal: number }[];
  readonly byMonthDay: readonly number[];
  readonly byMonth: readonly number[];
}

const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;

/** Reads `FREQ=WEEKLY;BYDAY=SA,SU`. Throws an `Error` that says what is wrong. https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10 */
export function parseRecurrence(text: string, timeZone: string): Recurrence {
  const parts = new Map<string, string>();
  for (const part of text.replace(/^RRULE:/i, '').split(';')) {
    const [name, value, ...rest] = part.toUpperCase().split('=');
    if (!name || !value || rest.length > 0) throw new Error(`"${part}": use NAME=VALUE, such as FREQ=WEEKLY`);
    if (parts.has(name)) throw new Error(`${name} is given twice`);
    parts.set(name, value);
  }
  const take = (name: string) => {
    const value = parts.get(name);
    parts.delete(name);
    return value;
  };
  const frequency = FREQUENCIES.find((word) => word === parts.get('FREQ'));
  if (!frequency) throw new Error(`FREQ: use one of ${FREQUENCIES.join(', ')}`);
  take('FREQ');
  const until = take('UNTIL');
  const recurrence: Recurrence = {
    frequency,
    interval: whole(take('INTERVAL') ?? '1', 'INTERVAL', 1, 1000),
    count: optionalWhole(take('COUNT'), 'COUNT', 1, 100_000),
    until: until === undefined ? undefined : parseUntil(until, timeZone),
    byDay: listOf(take('BYDAY')).map(parseDay),
    byMonthDay: listOf(take('BYMONTHDAY')).map((word) => nonZero(word, 'BYMONTHDAY', 31)),
    byMonth: listOf(take('BYMONTH')).map((word) => whole(word, 'BYMONTH', 1, 12)),
  };
  take('WKST');
  if (parts.size > 0) {
    throw new Error(
      `${[...parts.keys()].join(', ')}: not built; FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY and BYMONTH are`,
    );
  }
  if (recurrence.count !== undefined && recurrence.until !== undefined) throw new Error('give either COUNT or UNTIL');
  if (recurrence.byDay.some(({ ordinal }) => ordinal !== 0) && !['MONTHLY', 'YEARLY'].includes(frequency)) {
    throw new Error('BYDAY: a number before the day needs FREQ=MONTHLY');
  }
  if (frequency === 'YEARLY' && recurrence.byDay.length > 0 && recurrence.byMonth.length === 0) {
    throw new Error('BYDAY with FREQ=YEARLY needs BYMONTH');
  }
  return recurrence;
}

function listOf(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(',');
}

function whole(text: string, name: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${name}: use a whole number from ${least} to ${most}`);
}

function optionalWhole(text: string | undefined, name: string, least: number, most: number): number | undefined {
  return text === undefined ? undefined : whole(text, name, least, most);
}

function nonZero(text: string, name: string, most: number): number {
  const value = Number(text);
  if (/^[+-]?\d+$/.test(text) && value !== 0 && Math.abs(value) <= most) return value;
  throw new Error(`${name}: use 1 to ${most}, or -1 to -${most} from the end`);
}

function parseDay(word: string): { day: number; ordinal: number } {
  const [, ordinal, name] = /^([+-]?\d+)?([A-Z]{2})$/.exec(word) ?? [];
  const day = DAYS.indexOf(name ?? '') + 1;
  if (day === 0) throw new Error(`BYDAY: "${word}" is no day; use ${DAYS.join(', ')}, or 1SU, -1FR in months`);
  return { day, ordinal: ordinal === undefined ? 0 : nonZero(ordinal, 'BYDAY', 5) };
}

function parseUntil(text: string, timeZone: string): number {
  const [, year, month, day, , hour = '23', minute = '59', second = '59', utc] =
    /^(\d{4})(\d{2})(\d{2})(T(\d{2})(\d{2})(\d{2})(Z)?)?$/.exec(text) ?? [];
  if (year === undefined) throw new Error('UNTIL: use 20261231, 20261231T235959 or 20261231T235959Z');
  const local = Temporal.PlainDateTime.from(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
  return local.toZonedDateTime(utc ? 'UTC' : timeZone).epochMilliseconds;
}

/**
 * Beginnings of occurrences, in order, Unix milliseconds. Each begins at the wall clock's time of `start`; a time that a
 * change to summer time skips is that much later, and of one that comes twice the first counts.
 */
export function* occurrences(
  start: Temporal.PlainDateTime,
  timeZone: string,
  recurrence: Recurrence | undefined,
  /** Skips, where that can be done by counting, what begins before. Unix milliseconds. */
  notBefore = Number.NEGATIVE_INFINITY,
): Generator<number> {
  const at = (date: Temporal.PlainDate) =>
    date.toPlainDateTime(start.toPlainTime()).toZonedDateTime(timeZone).epochMilliseconds;
  const first = start.toPlainDate();
  if (!recurrence) {
    yield at(first);
    return;
  }
  let [counted, empty] = [0, 0];
  for (let period = firstPeriod(first, recurrence, timeZone, notBefore); empty < MOST_EMPTY; period++) {
    const dates = datesOf(first, recurrence, period * recurrence.interval);
    if (dates === undefined) return;
    empty = dates.length === 0 ? empty + 1 : 0;
    for (const date of dates) {
      if (Temporal.PlainDate.compare(date, first) < 0) continue;
      const begin = at(date);
      if (recurrence.until !== undefined && begin > recurrence.until) return;
      yield begin;
      if (++counted === recurrence.count) return;
    }
  }
}

/** Periods before `notBefore` hold nothing of interest, unless occurrences are counted. */
function firstPeriod(
  first: Temporal.PlainDate,
  { frequency, interval, count }: Recurrence,
  timeZone: string,
  notBefore: number,
): number {
  if (count !== undefined || notBefore === Number.NEGATIVE_INFINITY) return 0;
  const date = Temporal.Instant.fromEpochMilliseconds(notBefore).toZonedDateTimeISO(timeZone).toPlainDate();
  const days = first.until(date).total({ unit: 'days' });
  const length = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 }[frequency] * interval;
  return Math.max(0, Math.floor(days / length) - 1);
}

const LAST_YEAR = 9000;
/** After so many periods in a row without an occurrence, such as the 31st of February, there is none to come. */
const MOST_EMPTY = 3000;

/** The dates of one day, week, month or year after the first, in order; `undefined` beyond all calendars. */
function datesOf(first: Temporal.PlainDate, recurrence: Recurrence, ahead: number): Temporal.PlainDate[] | undefined {
  const { frequency, byDay, byMonth, byMonthDay } = recurrence;
  const isMonth = (date: Temporal.PlainDate) => byMonth.length === 0 || byMonth.includes(date.month);
  switch (frequency) {
    case 'DAILY': {
      const date = first.add({ days: ahead });
      if (date.year > LAST_YEAR) return undefined;
      const isDay = byDay.length === 0 || byDay.some(({ day }) => day === date.dayOfWeek);
      return isDay && isMonth(date) && isMonthDay(date, byMonthDay) ? [date] : [];
    }
    case 'WEEKLY': {
      const monday = first.subtract({ days: first.dayOfWeek - 1 }).add({ weeks: ahead });
      if (monday.year > LAST_YEAR) return undefined;
      const days = byDay.length === 0 ? [first.dayOfWeek] : byDay.map(({ day }) => day).sort((a, b) => a - b);
      return days.map((day) => monday.add({ days: day - 1 })).filter((date) => isMonth(date));
    }
    case 'MONTHLY': {
      const month = first.with({ day: 1 }).add({ months: ahead });
      if (month.year > LAST_YEAR) return undefined;
      return isMonth(month) ? daysOfMonth(month, first.day, recurrence) : [];
    }
    case 'YEARLY': {
      const year = first.year + ahead;
      if (year > LAST_YEAR) return undefined;
      const months = byMonth.length === 0 ? [first.month] : [...byMonth].sort((a, b) => a - b);
      return months.flatMap((month) =>
        daysOfMonth(Temporal.PlainDate.from({ year, month, day: 1 }), first.day, recurrence),
      );
    }
  }
}

function daysOfMonth(
  month: Temporal.PlainDate,
  standard: number,
  { byDay, byMonthDay }: Recurrence,
): Temporal.PlainDate[] {
  const dates = Array.from({ length: month.daysInMonth }, (_, index) => month.with({ day: index + 1 }));
  if (byDay.length === 0 && byMonthDay.length === 0) return dates.filter(({ day }) => day === standard);
  return dates.filter(
    (date) => isMonthDay(date, byMonthDay) && (byDay.length === 0 || byDay.some((one) => isNth(date, one))),
  );
}

function isMonthDay({ day, daysInMonth }: Temporal.PlainDate, wanted: readonly number[]): boolean {
  return wanted.length === 0 || wanted.some((one) => (one > 0 ? one : daysInMonth + one + 1) === day);
}

function isNth(date: Temporal.PlainDate, { day, ordinal }: { day: number; ordinal: number }): boolean {
  if (date.dayOfWeek !== day) return false;
  if (ordinal === 0) return true;
  const fromStart = Math.ceil(date.day / 7);
  const fromEnd = Math.ceil((date.daysInMonth - date.day + 1) / 7);
  return ordinal > 0 ? fromStart === ordinal : fromEnd === -ordinal;
}
