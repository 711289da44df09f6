import { formatInstant } from '../../lib/instant.ts';
import { type Executor, heldForRate, listReleases } from '../../stores/control/index.ts';
import type { PlannedDelivery } from '../plan-target.ts';
import { nextFree } from '../preferences/rate-limit.ts';
import type { OrganisationDefaults } from '../preferences/user-preferences.ts';
import type { Hold } from './hold.ts';

interface RateContext {
  readonly organisation: OrganisationDefaults;
  readonly now: number;
}

/** What would be too much for the user in a short time waits, and is then told in one message. */
export async function heldByRate(
  db: Executor,
  delivery: PlannedDelivery,
  about: Parameters<typeof jumpsQueue>[0],
  context: RateContext,
): Promise<PlannedDelivery> {
  const { channel, userId, suppressed, hold } = delivery;
  if (suppressed || hold || userId === null) return delivery;
  if (jumpsQueue(about)) return delivery;
  const rate = await rateHold(db, userId, channel, context);
  if (!rate) return delivery;
  return { ...delivery, hold: rate, trace: [...delivery.trace, { rule: 'rate limit', result: rate.detail }] };
}

/** The first alert of an incident does not wait behind the noise of others, nor does what else is critical. */
export function jumpsQueue(about: {
  readonly critical: boolean;
  readonly episodeId?: string | undefined;
  readonly isFirst: boolean;
}): boolean {
  return about.episodeId === undefined ? about.critical : about.isFirst;
}

/** `undefined`: the user may be told at once. */
export async function rateHold(
  db: Executor,
  userId: string,
  channel: PlannedDelivery['channel'],
  { organisation, now }: RateContext,
): Promise<Hold | undefined> {
  const limits = organisation.rateLimits[channel] ?? [];
  if (limits.length === 0) return undefined;
  const since = now - Math.max(...limits.map(({ windowMs }) => windowMs));
  const limit = Math.max(...limits.map(({ count }) => count));
  const free = nextFree(limits, await listReleases(db, { userId, channel, since, limit }), now);
  // What waits already goes first, and takes this one with it.
  const waiting = await heldForRate(db, userId, channel);
  const until = Math.max(free, waiting ?? 0);
  if (until <= now) return undefined;
  const detail = `too many by ${channel} within a short time: told together with others at ${formatInstant(until)}`;
  return { until, why: 'rate_limited', detail };
}
