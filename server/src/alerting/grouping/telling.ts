import { newId } from '../../lib/id.ts';
import type { NotificationRequest } from '../../model/notification-request.ts';
import type { EscalationDesk } from '../escalation/escalation-desk.ts';
import { flappingNotice } from '../flapping/flapping-notice.ts';
import type { NotificationCentre } from '../notices/notification-centre.ts';
import type { GroupRoute, Routing } from '../routing/routing.ts';
import type { AlertTable } from './alert-table.ts';
import {
  type Decision,
  decide,
  hush,
  type Judged,
  nextReminder,
  rememberTold,
  type Suppression,
  suppressionKeys,
} from './decide.ts';
import type { Group } from './group.ts';
import {
  digestNotice,
  type GroupNotice,
  groupNotice,
  hasWebhooks,
  type Leg,
  legsOf,
  suppressedNotice,
} from './group-notice.ts';
import { isAcknowledged, type RoutedAlert } from './routed-alert.ts';
import { digestThread, receiverKey, type StormGuard, wasInDigest } from './storm-guard.ts';
import { mutedBy } from './suppressors.ts';
import type { Turn } from './turn.ts';

/** A group that is told of together with others. */
export interface HeldGroup {
  readonly group: Group;
  readonly route: GroupRoute | undefined;
  readonly decision: Decision;
}

/** What telling needs to know of the rest. */
export interface TellingContext {
  readonly table: AlertTable;
  readonly routing: Routing;
  readonly notifications: NotificationCentre;
  readonly escalations: EscalationDesk;
  readonly storm: StormGuard;
  /** Keeps a group for `tellTogether`. */
  hold(receiver: string, group: HeldGroup): void;
  /** Base of the links in notifications. */
  readonly publicUrl: string;
  /** Before this time nothing new is told: what inhibits it may not be known yet. Unix milliseconds. */
  readonly heldUntil: number;
  /** What suppresses the alert now, but for the times of routes. */
  suppressionsOf(alert: RoutedAlert, now: number): Suppression[];
  setDue(group: Group, at: number): void;
  /** The incident that has all of these episodes. */
  incidentOf(episodeIds: readonly string[]): string | undefined;
}

const TO_DEFAULTS: Leg = {
  recipients: { users: [], addresses: [], defaultRecipients: true },
  sendResolved: false,
};
const GONE: Suppression = { kind: 'inhibition', id: 'route', detail: 'its route is gone from the configuration' };

/** When the group is told of again, if nothing else happens; null: not of itself. */
export function reminderOf(group: Group, now: number, context: TellingContext): number | null {
  const { timing, judged } = judge(group, now, context);
  return nextReminder(group, judged, timing, now);
}

/** Where a group is told of and when, and what keeps its members from it. */
function judge(group: Group, now: number, { table, routing, suppressionsOf }: TellingContext) {
  const members = [...group.members.values()].map((member) => ({
    member,
    alert: table.alerts.get(member.alertId)!,
  }));
  const route = routing.routeOf(group, members.at(-1)!.alert.direct);
  const mute = route?.mutedBy(now);
  const judged: Judged[] = members.map(({ member, alert }) => {
    if (alert.resolvedAt !== null) return { member, alert, suppressions: [] };
    if (!route) return { member, alert, suppressions: [GONE] };
    const found = suppressionsOf(alert, now);
    return { member, alert, suppressions: mute === undefined ? found : [...found, mutedBy(mute)] };
  });
  return { route, judged, timing: route?.timing ?? routing.timingOf(routing.root) };
}

/**
 * Looks at a group that is due, tells of it where that is called for, and says when to look again. True where something
 * was said.
 */
export async function lookAt(group: Group, turn: Turn, context: TellingContext): Promise<boolean> {
  const { table, setDue } = context;
  const { at: now } = turn;
  group.dueAt = null;
  const { route, timing, judged } = judge(group, now, context);
  group.holdsBack = judged.some(({ suppressions }) => suppressions.length > 0);
  const decision = decide(group, judged, timing, now);
  const isNews = decision.reason !== null && decision.reason !== 'all_resolved';
  if (now < context.heldUntil && (isNews || decision.suppressed.length > 0)) {
    setDue(group, context.heldUntil);
    return false;
  }
  for (const { member } of hush(judged)) table.changedMember(group, member);
  if (decision.dueAt !== null) setDue(group, decision.dueAt);
  if (decision.suppressed.length > 0) await noteSuppressed(group, route, decision, turn, context);
  if (decision.reason === null) return false;
  const receiver = receiverKey(group);
  const followsItsThread = decision.reason === 'all_resolved' && !wasInDigest(group);
  if (!followsItsThread && !context.storm.admits(receiver, now)) {
    const at = context.storm.digestAt(receiver, now);
    if (at > now) setDue(group, at);
    else context.hold(receiver, { group, route, decision });
    return false;
  }
  await tell(group, route, decision, turn, context);
  return true;
}

async function tell(
  group: Group,
  route: GroupRoute | undefined,
  decision: Decision,
  turn: Turn,
  context: TellingContext,
): Promise<void> {
  const { table } = context;
  const { firing, resolved } = decision;
  const reason = decision.reason!;
  group.threadId ??= newThread(group, (firing[0] ?? resolved[0])!.alert.id, table);
  group.sequence++;
  const notice = noticeOf(group, route, decision, turn, context);
  const legs = route ? legsOf(route.target) : [];
  const wantsEnd = !route || route.escalationPolicies.length > 0 || legs.some(({ sendResolved }) => sendResolved);
  const followers = wasInDigest(group) ? legs.filter(({ sendResolved }) => sendResolved) : wantsEnd ? [undefined] : [];
  for (const leg of reason === 'all_resolved' ? followers : legs)
    await enqueue(groupNotice(notice, leg), [...firing, ...resolved], reason, turn, context.notifications);
  await wasTold(group, route, decision, turn, context);
}

/** What was said is remembered, and escalates. */
async function wasTold(
  group: Group,
  route: GroupRoute | undefined,
  decision: Decision,
  turn: Turn,
  context: TellingContext,
): Promise<void> {
  const { table } = context;
  const { firing, resolved } = decision;
  const reason = decision.reason!;
  const policies = route?.escalationPolicies ?? [];
  // Escalations see for themselves when an acknowledgement ends.
  if (reason !== 'acknowledgement_ended') {
    await context.escalations.told({ policies, firing: firing.map(({ alert }) => alert) }, turn);
  }
  rememberTold(group, decision, turn.at);
  table.changedGroup(group);
  for (const { member } of firing) table.changedMember(group, member);
  for (const { alert } of resolved) table.removeMember(group, alert.id);
}

/** Tells a receiver at once of all the groups that were held for it. */
export async function tellTogether(
  receiver: string,
  held: readonly HeldGroup[],
  turn: Turn,
  context: TellingContext,
): Promise<void> {
  const { table, notifications, storm } = context;
  for (const { group, decision } of held) {
    const { firing, resolved } = decision;
    group.threadId ??= digestThread(newThread(group, (firing[0] ?? resolved[0])!.alert.id, table));
    group.sequence++;
  }
  const firing = held.flatMap(({ decision }) => decision.firing);
  const resolved = held.flatMap(({ decision }) => decision.resolved);
  const [first] = held;
  const told = { reason: firing.length > 0 ? 'new_alerts' : 'resolved_some', firing, resolved } as const;
  const notice = noticeOf(first!.group, first!.route, told, turn, context);
  for (const [index, leg] of (first!.route ? legsOf(first!.route.target) : []).entries()) {
    const request = digestNotice(notice, held.length, leg, `${receiver}:${turn.at}:${index}`);
    await enqueue(request, [...firing, ...resolved], 'digest', turn, notifications);
  }
  for (const { group, route, decision } of held) await wasTold(group, route, decision, turn, context);
  storm.told(receiver);
}

/** Says of alerts that have begun to flap that they do, unless something else keeps them back. True where it did. */
export async function tellFlapping(
  turn: Turn,
  { routing, notifications, publicUrl, ...context }: TellingContext,
): Promise<boolean> {
  let hasTold = false;
  for (const { alert, how } of turn.flapping) {
    if (context.suppressionsOf(alert, turn.at).some(({ kind }) => kind !== 'flapping')) continue;
    for (const destination of routing.destinations(alert)) {
      const route = routing.routeOf(destination, alert.direct);
      if (!route || route.mutedBy(turn.at) !== undefined) continue;
      const legs = legsOf(route.target);
      // Where an escalation policy alone would tell, and is held now, somebody hears of it still.
      for (const [index, leg] of (legs.length > 0 ? legs : [TO_DEFAULTS]).entries()) {
        const key = `${destination.groupId}:${index}`;
        const { id } = await notifications.enqueue(turn.executor, flappingNotice(alert, how, leg, key, publicUrl));
        turn.link(id, alert.id);
        hasTold = true;
      }
    }
    const detail = JSON.stringify({ transitions: how.transitions });
    turn.event({
      ...{ id: newId(), episode_id: alert.id },
      kind: 'flapping',
      at: turn.at,
      actor: null,
      detail,
    });
  }
  return hasTold;
}

/** The episode gives its name; of several groups that begin with the same one, the later add their own. */
function newThread(group: Group, episodeId: string, table: AlertTable): string {
  const isTaken = table.groupsOf(episodeId).some(({ threadId }) => threadId === episodeId);
  return isTaken ? `${episodeId}:${group.id}` : episodeId;
}

/** Writes down what is not told and why, once for each set of reasons. */
async function noteSuppressed(
  group: Group,
  route: GroupRoute | undefined,
  decision: Decision,
  turn: Turn,
  context: TellingContext,
): Promise<void> {
  const byReason = Map.groupBy(decision.suppressed, ({ suppressions }) => suppressionKeys(suppressions).join());
  for (const held of byReason.values()) {
    const { suppressions } = held[0]!;
    const notice = noticeOf(group, route, { reason: 'first', firing: held, resolved: [] }, turn, context);
    const request = suppressedNotice(notice, route ? legsOf(route.target) : [], suppressions);
    await enqueue(request, held, 'suppressed', turn, context.notifications, suppressions);
    for (const { member } of held) {
      member.suppressedBy = suppressionKeys(suppressions);
      context.table.changedMember(group, member);
    }
  }
}

function noticeOf(
  group: Group,
  route: GroupRoute | undefined,
  { reason, firing, resolved }: Pick<Decision, 'reason' | 'firing' | 'resolved'>,
  { at: now }: Turn,
  { publicUrl, incidentOf }: TellingContext,
): GroupNotice {
  const forPrograms = route !== undefined && hasWebhooks(route.target);
  const incidentId = incidentOf([...firing, ...resolved].map(({ alert }) => alert.id));
  const repeatMs = route?.timing.repeatMs ?? 0;
  const remindsAt = repeatMs > 0 && firing.some(({ alert }) => !isAcknowledged(alert, now)) ? now + repeatMs : null;
  return { group, reason: reason!, firing, resolved, now, publicUrl, forPrograms, incidentId, remindsAt };
}

async function enqueue(
  request: NotificationRequest,
  about: readonly Judged[],
  reason: string,
  turn: Turn,
  notifications: NotificationCentre,
  suppressions: readonly Suppression[] = [],
): Promise<void> {
  const { id, deliveries } = await notifications.enqueue(turn.executor, request);
  const kind = suppressions.length > 0 ? 'suppressed' : 'notified';
  const by = suppressions.length > 0 && { suppressed_by: suppressionKeys(suppressions) };
  const shown = reason === 'all_resolved' ? 'resolved' : reason;
  const detail = JSON.stringify({ reason: shown, notification_id: id, deliveries: deliveries.length, ...by });
  for (const { alert } of about) {
    turn.link(id, alert.id);
    turn.event({
      id: newId(),
      episode_id: alert.id,
      kind,
      at: turn.at,
      actor: null,
      detail,
    });
  }
}
