import { firstMoment, wallClock } from '../../lib/wall-clock.ts';

/** `instant`, `15m`, `hourly`, `daily` (at 08:00) or `daily@HH:MM`. */
export type Digest = string;

const QUARTER = 15 * 60_000;
const MORNING = '08:00';

/**
 * When the digest is sent that a message of `at` goes into, by the clock on the wall of `timeZone`; `undefined`: it is
 * sent by itself. Unix milliseconds. Everybody in between has the same time, so that they meet.
 */
export function nextDigest(digest: Digest, timeZone: string, at: number): number | undefined {
  if (digest === '15m') return (Math.floor(at / QUARTER) + 1) * QUARTER;
  if (digest === 'hourly') {
    const hour = wallClock(at, timeZone).round({ smallestUnit: 'hour', roundingMode: 'floor' });
    for (let ahead = 1; ; ahead++) {
      const moment = firstMoment(hour.add({ hours: ahead }), timeZone);
      if (moment > at) return moment;
    }
  }
  if (!digest.startsWith('daily')) return undefined;
  const time = digest.split('@')[1] ?? MORNING;
  const today = wallClock(at, timeZone).toPlainDate();
  for (let ahead = 0; ; ahead++) {
    const moment = firstMoment(today.add({ days: ahead }).toPlainDateTime(time), timeZone);
    if (moment > at) return moment;
  }
}
