import fc from 'fast-check';
import { expect, it } from 'vitest';
import { propertyRuns } from '../../../../tests/support/property-runs.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { decide, hush, type Judged, rememberTold, type Suppression, type Timing } from './decide.ts';
import type { Group } from './group.ts';
import type { RoutedAlert } from './routed-alert.ts';

/** What happens to one of a group's alerts in a second. An alert that fires after its end is another episode. */
type Verb = 'fire' | 'end' | 'worse' | 'milder' | 'silence' | 'unsilence' | 'acknowledge';

interface Happening {
  readonly at: number;
  readonly slot: number;
  readonly verb: Verb;
  /** Of an acknowledgement, seconds; 0: it does not end. */
  readonly lasts: number;
}

/** Seconds. */
interface Settings {
  readonly wait: number;
  readonly criticalWait: number;
  readonly interval: number;
  readonly repeat: number;
}

/** One alert, one episode. */
interface Episode {
  readonly id: string;
  readonly firedAt: number;
  endedAt: number | null;
  /** Place in `SEVERITIES`. */
  severity: number;
  isSilenced: boolean;
  acknowledged: { at: number; until: number | null } | null;
}

/** What is told: why, and of whom, those that have ended in brackets. */
const say = (at: number, why: string, firing: readonly string[], ended: readonly string[]) =>
  `${at} ${why}: ${[...firing.toSorted(), ...ended.toSorted().map((id) => `(${id})`)].join(' ')}`;

/** Lets the seconds pass: `happened` hears of an episode's change, `passed` of each second's end. */
function live(
  happenings: readonly Happening[],
  seconds: number,
  happened: (episode: Episode, verb: Verb, at: number) => void,
  passed: (at: number) => void,
): void {
  const current = new Map<number, Episode>();
  for (let at = 0; at < seconds; at++) {
    for (const { slot, verb, lasts } of happenings.filter((one) => one.at === at)) {
      const known = current.get(slot);
      if (verb === 'fire' ? known !== undefined : known === undefined) continue;
      const id = `${'abc'[slot]}${at}`;
      const episode = known ?? { id, firedAt: at, endedAt: null, severity: 1, isSilenced: false, acknowledged: null };
      current.set(slot, episode);
      if (verb === 'end') {
        episode.endedAt = at;
        current.delete(slot);
      }
      if (verb === 'worse') episode.severity = Math.min(3, episode.severity + 1);
      if (verb === 'milder') episode.severity = Math.max(0, episode.severity - 1);
      if (verb === 'silence' || verb === 'unsilence') episode.isSilenced = verb === 'silence';
      if (verb === 'acknowledge') episode.acknowledged = { at, until: lasts > 0 ? at + lasts : null };
      happened(episode, verb, at);
    }
    passed(at);
  }
}

const SILENCE: Suppression = { kind: 'silence', id: 'silence', detail: '' };

function routed({ id, firedAt, endedAt, severity, acknowledged }: Episode): RoutedAlert {
  const plain = { ruleId: 'rule', fingerprint: id, labels: {}, annotations: {}, endsAt: null, isTimeout: false };
  const rest = { generatorUrl: '', direct: null, details: null, updatedAt: firedAt };
  const [startsAt, resolvedAt] = [firedAt * 1000, endedAt && endedAt * 1000];
  const until = acknowledged?.until == null ? null : acknowledged.until * 1000;
  const acknowledgement = acknowledged && { by: 'ann', at: acknowledged.at * 1000, until };
  return { ...plain, ...rest, id, startsAt, resolvedAt, severity: SEVERITIES[severity]!, acknowledgement };
}

/** What is tested: it looks when something happens, and when it has said that it is to look again; at no other time. */
function real(happenings: readonly Happening[], settings: Settings, seconds: number): string[] {
  const { wait, criticalWait, interval, repeat } = settings;
  const timing: Timing = {
    waitMs: wait * 1000,
    criticalWaitMs: criticalWait * 1000,
    intervalMs: interval * 1000,
    repeatMs: repeat * 1000,
  };
  const told: string[] = [];
  const episodes = new Map<string, Episode>();
  let group: Group | undefined;
  const leave = (id: string) => {
    group!.members.delete(id);
    if (group!.members.size === 0) group = undefined;
  };
  const happened = (episode: Episode, verb: Verb, at: number) => {
    const { id } = episode;
    episodes.set(id, episode);
    if (verb === 'fire') {
      group ??= newGroup(at * 1000);
      const fresh = { sentAt: null, sentSeverity: null, hushed: false, suppressedBy: [] };
      group.members.set(id, { alertId: id, joinedAt: at * 1000, ...fresh });
    }
    const member = group?.members.get(id);
    if (!member) return;
    if (verb === 'milder' && member.sentSeverity) member.sentSeverity = routed(episode).severity;
    if (verb === 'end' && member.sentAt === null) leave(id);
    if (group) group.dueAt = at * 1000;
  };
  const passed = (at: number) => {
    const now = at * 1000;
    if (!group || group.dueAt === null || group.dueAt > now) return;
    const judged: Judged[] = [...group.members.values()].map((member) => {
      const episode = episodes.get(member.alertId)!;
      const isSilenced = episode.isSilenced && episode.endedAt === null;
      return { member, alert: routed(episode), suppressions: isSilenced ? [SILENCE] : [] };
    });
    hush(judged);
    const decision = decide(group, judged, timing, now);
    group.dueAt = decision.dueAt;
    if (decision.reason === null) return;
    const ids = (list: readonly Judged[]) => list.map(({ alert }) => alert.id);
    told.push(say(at, decision.reason, ids(decision.firing), ids(decision.resolved)));
    group.threadId ??= 'thread';
    rememberTold(group, decision, now);
    for (const id of ids(decision.resolved)) leave(id);
  };
  live(happenings, seconds, happened, passed);
  return told;
}

function newGroup(createdAt: number): Group {
  const plain = { routeKey: '{}', receiver: 'ops', labels: {}, threadId: null, sequence: 0, lastNotifiedAt: null };
  return { id: 'group', ...plain, createdAt, dueAt: null, firingSent: 0, holdsBack: false, members: new Map() };
}

/**
 * The same as a person would say it who looks every second: Alertmanager's reasons to tell (something new, something
 * over, all over, long ago), and those that it has not: worse, audible again, nobody's any more.
 */
function model(happenings: readonly Happening[], settings: Settings, seconds: number): string[] {
  const told: string[] = [];
  const present = new Set<Episode>();
  /** What the receiver believes to fire, and how bad. */
  const believed = new Map<Episode, number>();
  const hushed = new Set<Episode>();
  let opened: number | undefined;
  let lastTold: number | undefined;
  let isThread = false;
  const forget = (episode: Episode) => {
    present.delete(episode);
    believed.delete(episode);
    if (present.size === 0) [opened, lastTold, isThread] = [undefined, undefined, false];
  };
  const happened = (episode: Episode, verb: Verb, at: number) => {
    if (verb === 'fire') present.add(episode);
    opened ??= at;
    if (verb === 'milder' && believed.has(episode)) believed.set(episode, episode.severity);
    if (verb === 'end' && !believed.has(episode)) forget(episode);
  };
  const why = (now: number): string | undefined => {
    const over = [...believed.keys()].filter(({ endedAt }) => endedAt !== null);
    const audible = [...present].filter(({ endedAt, isSilenced }) => endedAt === null && !isSilenced);
    const news = audible.filter((episode) => !believed.has(episode));
    const old = audible.filter((episode) => believed.has(episode));
    const quiet = (since: number | undefined) => now >= (since ?? opened!) + settings.interval;
    const hasWaited = ({ firedAt, severity }: Episode) => {
      const wait = severity === 3 ? settings.criticalWait : settings.wait;
      return lastTold === undefined ? now >= opened! + wait : now >= firedAt + wait && quiet(lastTold);
    };
    if (over.length > 0 && over.length === believed.size && news.length === 0) return 'all_resolved';
    if (old.some((episode) => episode.severity > believed.get(episode)!)) return 'severity_up';
    if (news.some(hasWaited)) return isThread ? 'new_alerts' : 'first';
    if (old.some((episode) => hushed.has(episode))) return 'silence_ended';
    const ended = old.map(({ acknowledged }) => acknowledged?.until ?? Number.POSITIVE_INFINITY);
    if (ended.some((until) => until <= now && until > lastTold!)) return 'acknowledgement_ended';
    if (over.length > 0 && quiet(lastTold)) return 'resolved_some';
    const isOpen = ({ acknowledged }: Episode) =>
      !acknowledged || (acknowledged.until ?? Number.POSITIVE_INFINITY) <= now;
    if (settings.repeat > 0 && old.some(isOpen) && now >= lastTold! + settings.repeat) return 'reminder';
    return undefined;
  };
  const passed = (now: number) => {
    for (const episode of believed.keys()) if (episode.isSilenced && episode.endedAt === null) hushed.add(episode);
    const reason = why(now);
    if (reason === undefined) return;
    const firing = [...present].filter(({ endedAt, isSilenced }) => endedAt === null && !isSilenced);
    const over = [...believed.keys()].filter(({ endedAt }) => endedAt !== null);
    const names = (list: readonly Episode[]) => list.map(({ id }) => id);
    told.push(say(now, reason, names(firing), names(over)));
    isThread = reason !== 'all_resolved';
    lastTold = now;
    for (const episode of firing) {
      believed.set(episode, episode.severity);
      hushed.delete(episode);
    }
    for (const episode of over) forget(episode);
  };
  live(happenings, seconds, happened, passed);
  return told;
}

const SECONDS = 80;
const happening = fc.record({
  at: fc.integer({ min: 0, max: 60 }),
  slot: fc.integer({ min: 0, max: 2 }),
  verb: fc.constantFrom<Verb>(
    'fire',
    'fire',
    'fire',
    'end',
    'end',
    'worse',
    'milder',
    'silence',
    'unsilence',
    'acknowledge',
  ),
  lasts: fc.integer({ min: 0, max: 15 }),
});
const happenings = fc.array(happening, { maxLength: 30 });
const settings = fc.record({
  wait: fc.integer({ min: 0, max: 6 }),
  criticalWait: fc.integer({ min: 0, max: 2 }),
  interval: fc.integer({ min: 1, max: 10 }),
  repeat: fc.constantFrom(0, 7, 20),
});

it('tells what the plain model tells that looks every second', () => {
  fc.assert(
    fc.property(happenings, settings, (script, chosen) => {
      expect(real(script, chosen, SECONDS)).toEqual(model(script, chosen, SECONDS));
    }),
    { numRuns: propertyRuns(2000) },
  );
});
