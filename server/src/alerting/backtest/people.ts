import { nextMove, type Position } from '../escalation/next-move.ts';
import type { EscalationPolicy } from '../escalation/policy.ts';
import { isNobody, resolveTargets } from '../escalation/recipients.ts';
import { legsOf } from '../grouping/group-notice.ts';
import type { OnCallBook } from '../on-call/on-call-book.ts';
import type { Routing } from '../routing/routing.ts';
import type { BacktestEpisode } from './backtest.ts';
import { nightsOf } from './night.ts';
import type { RoutedFiring } from './told.ts';

/** A user who would have heard, and how often. */
export interface PersonTold {
  readonly user: string;
  readonly times: number;
  readonly atNight: number;
}

export interface PeopleOptions {
  readonly onCall: OnCallBook;
  readonly routing: Routing;
  /** By id or name. */
  readonly findPolicy: (reference: string) => EscalationPolicy | undefined;
  readonly defaultUsers: readonly string[];
  /** Whose nights count (IANA). */
  readonly timeZone: string;
  /** End of the backtest, Unix milliseconds. */
  readonly end: number;
}

/**
 * The users that receivers and escalation policies stand for: who was on call then, and every step that would have run
 * while the alert fired, as if nobody had acknowledged. Preferences are not asked.
 */
export function peopleTold(firings: readonly RoutedFiring[], options: PeopleOptions): PersonTold[] {
  const isNight = nightsOf(options.timeZone);
  const counts = new Map<string, { times: number; atNight: number }>();
  for (const { at, users } of [...notices(firings, options), ...pages(firings, options)]) {
    for (const user of users) {
      const count = counts.get(user) ?? { times: 0, atNight: 0 };
      counts.set(user, { times: count.times + 1, atNight: count.atNight + (isNight(at) ? 1 : 0) });
    }
  }
  return [...counts]
    .map(([user, count]) => ({ user, ...count }))
    .sort((a, b) => b.times - a.times || (a.user < b.user ? -1 : 1));
}

interface Telling {
  readonly at: number;
  readonly users: readonly string[];
}

type Recipients = ReturnType<typeof resolveTargets>['recipients'];

function usersOf(
  all: readonly Pick<Recipients, 'users' | 'defaultRecipients'>[],
  defaults: readonly string[],
): string[] {
  return [...new Set(all.flatMap((one) => (one.defaultRecipients ? [...one.users, ...defaults] : one.users)))];
}

/** What goes to the receivers themselves. */
function notices(firings: readonly RoutedFiring[], { defaultUsers }: PeopleOptions): Telling[] {
  return firings
    .filter(({ fate }) => fate === 'told')
    .map(({ episode, route }) => {
      const legs = route ? legsOf(route.target) : [];
      return {
        at: episode.firedAt,
        users: usersOf(
          legs.map(({ recipients }) => recipients),
          defaultUsers,
        ),
      };
    });
}

/** What the steps of escalation policies send. A policy runs once at a time: what fires meanwhile joins. */
function pages(firings: readonly RoutedFiring[], options: PeopleOptions): Telling[] {
  const busyUntil = new Map<string, number>();
  const tellings: Telling[] = [];
  for (const { episode, route, fate } of firings) {
    if (fate === 'muted') continue;
    for (const reference of route?.escalationPolicies ?? []) {
      const policy = options.findPolicy(reference);
      if (!policy) continue;
      const end = episode.endedAt ?? options.end;
      const busy = busyUntil.get(policy.id) ?? 0;
      busyUntil.set(policy.id, Math.max(busy, end));
      if (episode.firedAt >= busy) tellings.push(...escalate(policy, episode, end, firings, options));
    }
  }
  return tellings;
}

function* escalate(
  policy: EscalationPolicy,
  { firedAt, severity }: BacktestEpisode,
  end: number,
  firings: readonly RoutedFiring[],
  { onCall, routing, defaultUsers }: PeopleOptions,
): Generator<Telling> {
  const firedIn = (from: number, until: number) =>
    new Set(firings.map(({ episode }) => episode).filter((one) => one.firedAt > from && one.firedAt <= until)).size;
  let next: Position = { step: 0, loop: 0, dueAt: firedAt };
  let now = firedAt;
  while (now < end) {
    const move = nextMove(policy, next, { severity, count: (withinMs) => firedIn(now - withinMs, now) }, now);
    if (move.kind === 'end') return;
    next = move.next;
    if (move.kind === 'run') {
      const resolve = (targets: EscalationPolicy['fallback']) => resolveTargets(targets, { onCall, routing }, now);
      const wanted = resolve(policy.steps[move.run.step]!.targets).recipients;
      const recipients = isNobody(wanted) ? resolve(policy.fallback).recipients : wanted;
      yield { at: now, users: usersOf([recipients], defaultUsers) };
    }
    now = Math.max(now + 1, move.kind === 'wait' ? move.lookAt : next.dueAt);
  }
}
