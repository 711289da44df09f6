import { compareSeverity } from '../../model/severity.ts';
import type { Group, Member } from './group.ts';
import { isAcknowledged, type RoutedAlert } from './routed-alert.ts';

/** What keeps an alert from being told. */
export interface Suppression {
  readonly kind: 'silence' | 'maintenance' | 'inhibition' | 'time_interval' | 'flapping' | 'snooze';
  /** Of the silence or window, the inhibiting or snoozed episode, the interval's name, or what flaps' fingerprint. */
  readonly id: string;
  /** For people. */
  readonly detail: string;
}

/** Why a notification goes out. */
export type NoticeReason =
  | 'first'
  | 'new_alerts'
  | 'severity_up'
  | 'resolved_some'
  | 'all_resolved'
  | 'silence_ended'
  | 'acknowledgement_ended'
  | 'reminder'
  | 'escalation';

/** When a group may be told, milliseconds. */
export interface Timing {
  /** From the first alert to the first notification. */
  readonly waitMs: number;
  /** The same where the first alert is critical. */
  readonly criticalWaitMs: number;
  /** Between notifications about news. */
  readonly intervalMs: number;
  /** After which it is said again; 0: never. */
  readonly repeatMs: number;
}

export interface Judged {
  readonly alert: RoutedAlert;
  readonly member: Member;
  readonly suppressions: readonly Suppression[];
}

export interface Decision {
  /** Null: nothing is told now. */
  readonly reason: NoticeReason | null;
  /** What fires and may be told of. */
  readonly firing: readonly Judged[];
  /** What has ended after it was told of. */
  readonly resolved: readonly Judged[];
  /** What would be told of now if nothing kept it back, where that was not written down yet. */
  readonly suppressed: readonly Judged[];
  /** When to look again; null: when something happens. */
  readonly dueAt: number | null;
}

const MINUTE_MS = 60_000;

/**
 * Whether a group is told of now, why, and when it is to be looked at next. A rise of severity, the end of all, of a
 * silence and of an acknowledgement are told at once; what else is new waits until the group was quiet for the interval.
 */
export function decide(group: Group, judged: readonly Judged[], timing: Timing, now: number): Decision {
  const firing = judged.filter(({ alert }) => alert.resolvedAt === null);
  const audible = firing.filter(({ suppressions }) => suppressions.length === 0);
  const held = firing.filter(({ suppressions }) => suppressions.length > 0);
  const resolved = judged.filter(({ alert, member }) => alert.resolvedAt !== null && member.sentAt !== null);
  const fresh = audible.filter(({ member }) => member.sentAt === null);
  const told = audible.filter(({ member }) => member.sentAt !== null);
  const newsAt = Math.min(...fresh.map((one) => newsTime(group, one, timing)));
  const quietAt = (group.lastNotifiedAt ?? group.createdAt) + timing.intervalMs;
  const reminderAt = nextReminder(group, judged, timing, now) ?? Number.POSITIVE_INFINITY;

  const reason = (): NoticeReason | null => {
    const stillTold = firing.some(({ member }) => member.sentAt !== null);
    if (resolved.length > 0 && !stillTold && fresh.length === 0) return 'all_resolved';
    if (told.some(hasRisen)) return 'severity_up';
    if (now >= newsAt) return group.threadId === null ? 'first' : 'new_alerts';
    if (told.some(({ member }) => member.hushed)) return 'silence_ended';
    if (told.some((one) => isForgotten(group, one, now))) return 'acknowledgement_ended';
    if (resolved.length > 0 && now >= quietAt) return 'resolved_some';
    return now >= reminderAt ? 'reminder' : null;
  };
  const why = reason();
  const next = [
    ...(why === null ? [newsAt, resolved.length > 0 ? quietAt : Number.POSITIVE_INFINITY, reminderAt] : []),
    ...(why !== null && audible.length > 0 && timing.repeatMs > 0 ? [now + timing.repeatMs] : []),
    ...audible.map(({ alert }) => alert.acknowledgement?.until ?? Number.POSITIVE_INFINITY),
    // Intervals begin and end with a minute.
    ...(held.some(isMuted) ? [(Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS] : []),
  ].filter(Number.isFinite);
  return {
    reason: why,
    firing: audible,
    resolved,
    suppressed: held.filter((one) => isNewlySuppressed(one) && now >= newsTime(group, one, timing)),
    dueAt: [...next, ...held.filter(isNewlySuppressed).map((one) => newsTime(group, one, timing))]
      .filter((at) => at > now)
      .reduce<number | null>((least, at) => (least === null || at < least ? at : least), null),
  };
}

/** What somebody wants for a time: what still fires after it is told of once more. */
const HUSHES: ReadonlySet<Suppression['kind']> = new Set(['silence', 'maintenance', 'snooze']);

/** Marks the members that were told of and then hushed by somebody, and gives those that were not marked before. */
export function hush(judged: readonly Judged[]): Judged[] {
  const hushed = judged.filter(
    ({ member, suppressions }) =>
      member.sentAt !== null && !member.hushed && suppressions.some(({ kind }) => HUSHES.has(kind)),
  );
  for (const { member } of hushed) member.hushed = true;
  return hushed;
}

/** The receiver has heard it: kept with the group and with what fires. What has ended is the caller's to take out. */
export function rememberTold(group: Group, { reason, firing }: Pick<Decision, 'reason' | 'firing'>, now: number): void {
  group.lastNotifiedAt = now;
  for (const { member, alert } of firing) {
    if (member.sentAt === null) group.firingSent++;
    Object.assign(member, {
      sentAt: member.sentAt ?? now,
      sentSeverity: alert.severity,
      hushed: false,
      suppressedBy: [],
    });
  }
  if (reason === 'all_resolved') group.threadId = null;
}

/** When is said again what fires and nobody has in hand, if nothing else happens; null: never. */
export function nextReminder(group: Group, judged: readonly Judged[], timing: Timing, now: number): number | null {
  const isDue = judged.some(
    ({ alert, member, suppressions }) =>
      alert.resolvedAt === null && member.sentAt !== null && suppressions.length === 0 && !isAcknowledged(alert, now),
  );
  return timing.repeatMs > 0 && isDue ? (group.lastNotifiedAt ?? now) + timing.repeatMs : null;
}

/** True where its acknowledgement has ended since something was said. */
function isForgotten(group: Group, { alert }: Judged, now: number): boolean {
  const until = alert.acknowledgement?.until ?? null;
  return until !== null && until <= now && until > (group.lastNotifiedAt ?? 0);
}

/** When a member that its receiver has not heard of may be told of. */
function newsTime(group: Group, { alert, member }: Judged, timing: Timing): number {
  const waitMs = alert.severity === 'critical' ? timing.criticalWaitMs : timing.waitMs;
  if (group.lastNotifiedAt === null) return group.createdAt + waitMs;
  return Math.max(member.joinedAt + waitMs, group.lastNotifiedAt + timing.intervalMs);
}

function hasRisen({ alert, member }: Judged): boolean {
  return member.sentSeverity !== null && compareSeverity(alert.severity, member.sentSeverity) > 0;
}

function isMuted({ suppressions }: Judged): boolean {
  return suppressions.some(({ kind }) => kind === 'time_interval');
}

export function suppressionKeys(suppressions: readonly Suppression[]): string[] {
  return suppressions.map(({ kind, id }) => `${kind}:${id}`).sort();
}

function isNewlySuppressed({ member, suppressions }: Judged): boolean {
  if (member.sentAt !== null) return false;
  return JSON.stringify(suppressionKeys(suppressions)) !== JSON.stringify(member.suppressedBy);
}
