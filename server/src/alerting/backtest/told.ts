import { directOf } from '../notices/routed-moment.ts';
import type { GroupRoute, Routing } from '../routing/routing.ts';
import type { PreparedRule } from '../rules/prepare-rule.ts';
import type { BacktestEpisode } from './backtest.ts';
import { nightsOf } from './night.ts';

/** A firing, at one of the places that the routing takes it to. */
export interface RoutedFiring {
  readonly episode: BacktestEpisode;
  /** A receiver of the routing, or `direct` for those that the rule names. */
  readonly receiver: string;
  readonly route: GroupRoute | undefined;
  /** `muted`: kept back by a time interval of the route; `joined`: within a group interval of one that was told. */
  readonly fate: 'told' | 'joined' | 'muted';
}

/** Who would have heard of a rule, and how often. */
export interface Told {
  readonly receiver: string;
  /** Groups of alerts told within one group interval count once. */
  readonly times: number;
  readonly atNight: number;
  /** Kept back by a time interval of the route. */
  readonly muted: number;
}

/** The firings of a backtest, taken through the routing that is in force, in their order. */
export function routeFirings(
  rule: PreparedRule,
  episodes: readonly BacktestEpisode[],
  routing: Routing,
): RoutedFiring[] {
  const direct = directOf(rule);
  const lastTold = new Map<string, number>();
  return episodes.flatMap((episode) => {
    const { labels, severity, firedAt } = episode;
    const own = { alertname: rule.name, severity, ...(rule.service && { service: rule.service }) };
    const destinations = routing.destinations({ labels: { ...own, ...labels }, ruleId: 'backtest', direct });
    return destinations.map(({ groupId, routeKey, receiver }): RoutedFiring => {
      const route = routing.routeOf({ routeKey, receiver }, direct);
      if (route?.mutedBy(firedAt) !== undefined) return { episode, receiver, route, fate: 'muted' };
      const before = lastTold.get(groupId);
      if (before !== undefined && firedAt - before < (route?.timing.intervalMs ?? 0)) {
        return { episode, receiver, route, fate: 'joined' };
      }
      lastTold.set(groupId, firedAt);
      return { episode, receiver, route, fate: 'told' };
    });
  });
}

/** Counts for each receiver. `timeZone`: whose nights count (IANA). */
export function toldBy(firings: readonly RoutedFiring[], timeZone: string): Told[] {
  const isNight = nightsOf(timeZone);
  const byReceiver = Map.groupBy(firings, ({ receiver }) => receiver);
  return [...byReceiver].map(([receiver, own]) => {
    const told = own.filter(({ fate }) => fate === 'told');
    return {
      receiver,
      times: told.length,
      atNight: told.filter(({ episode }) => isNight(episode.firedAt)).length,
      muted: own.filter(({ fate }) => fate === 'muted').length,
    };
  });
}
