/**
 * The first moment at which the clock on the wall shows this time or a later one, Unix milliseconds: of a time that
 * comes twice the first, of a time that is skipped (also a whole day: Apia, 30 December 2011) the end of the gap. So
 * that later times on the wall never come earlier.
 */
export function firstMoment(local: Temporal.PlainDateTime, timeZone: string): number {
  const found = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (found.toPlainDateTime().equals(local)) return found.epochMilliseconds;
  return (found.getTimeZoneTransition('next') ?? found).epochMilliseconds;
}

export function wallClock(at: number, timeZone: string): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDateTime();
}

/** The last moment at which the clock on the wall shows this time; otherwise as `firstMoment`. */
export function lastMoment(local: Temporal.PlainDateTime, timeZone: string): number {
  const found = local.toZonedDateTime(timeZone, { disambiguation: 'later' });
  return found.toPlainDateTime().equals(local) ? found.epochMilliseconds : firstMoment(local, timeZone);
}
