import { parseDuration } from '../../lib/duration.ts';
import type { ChannelName } from '../../model/notification-request.ts';

/** At most `count` messages to one user within any `windowMs` milliseconds. */
export interface RateLimit {
  readonly count: number;
  readonly windowMs: number;
}

export type RateLimits = Readonly<Partial<Record<ChannelName, readonly RateLimit[]>>>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What GoAlert found people to bear. */
export const DEFAULT_RATE_LIMITS: RateLimits = {
  sms: [
    { count: 5, windowMs: 15 * MINUTE },
    { count: 11, windowMs: HOUR },
    { count: 21, windowMs: 3 * HOUR },
  ],
  email: [{ count: 30, windowMs: HOUR }],
};

/** Reads `5/15m`; `undefined` where it is something else. */
export function parseRateLimit(text: string): RateLimit | undefined {
  const [, count, window] = /^(\d{1,6})\/(\w+)$/.exec(text) ?? [];
  const windowMs = window === undefined ? undefined : parseDuration(window);
  return windowMs && Number(count) > 0 ? { count: Number(count), windowMs } : undefined;
}

/** When the next message may go, given when earlier ones went, newest first; `now`: at once. Unix milliseconds. */
export function nextFree(limits: readonly RateLimit[], releases: readonly number[], now: number): number {
  let free = now;
  for (const { count, windowMs } of limits) {
    const first = releases[count - 1];
    if (first !== undefined) free = Math.max(free, first + windowMs);
  }
  return free;
}
