/** From this hour on, and before that one, it is night. */
const NIGHT = { from: 22, until: 7 };

/** Says whether a moment (Unix milliseconds) lies in the night of a time zone (IANA). */
export function nightsOf(timeZone: string): (at: number) => boolean {
  const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone });
  return (at) => {
    const hours = Number(hour.format(at));
    return hours >= NIGHT.from || hours < NIGHT.until;
  };
}
