import type { Labels } from '../../model/labels.ts';
import { directOf } from '../notices/routed-moment.ts';
import type { Routing } from '../routing/routing.ts';
import type { PreparedRule } from '../rules/prepare-rule.ts';
import type { BacktestEpisode } from './backtest.ts';

/** Who would have heard of a rule, and how often. */
export interface Told {
  /** A receiver of the routing, or `direct` for those that the rule names. */
  readonly receiver: string;
  /** Groups of alerts told within one group interval count once. */
  readonly times: number;
  readonly atNight: number;
  /** Kept back by a time interval of the route. */
  readonly muted: number;
}

/** From this hour on, and before that one, it is night. */
const NIGHT = { from: 22, until: 7 };

/** The firings of a backtest, taken through the routing that is in force. `timeZone`: whose nights count (IANA). */
export function toldBy(
  rule: PreparedRule,
  episodes: readonly BacktestEpisode[],
  routing: Routing,
  timeZone: string,
): Told[] {
  const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone });
  const direct = directOf(rule);
  const lastTold = new Map<string, number>();
  const told = new Map<string, { times: number; atNight: number; muted: number }>();
  for (const { labels, severity, firedAt } of episodes) {
    const routed: Labels = {
      alertname: rule.name,
      severity,
      ...(rule.service && { service: rule.service }),
      ...labels,
    };
    for (const { groupId, routeKey, receiver } of routing.destinations({
      labels: routed,
      ruleId: 'backtest',
      direct,
    })) {
      const route = routing.routeOf({ routeKey, receiver }, direct);
      const count = told.get(receiver) ?? { times: 0, atNight: 0, muted: 0 };
      told.set(receiver, count);
      if (route?.mutedBy(firedAt) !== undefined) {
        count.muted++;
        continue;
      }
      const before = lastTold.get(groupId);
      if (before !== undefined && firedAt - before < (route?.timing.intervalMs ?? 0)) continue;
      lastTold.set(groupId, firedAt);
      count.times++;
      const at = Number(hour.format(firedAt));
      if (at >= NIGHT.from || at < NIGHT.until) count.atNight++;
    }
  }
  return [...told].map(([receiver, count]) => ({ receiver, ...count }));
}
