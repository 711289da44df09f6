import { newId } from '../../lib/id.ts';
import { compareSeverity } from '../../model/severity.ts';
import {
  type Executor,
  insertIncidentEvents,
  listMemberEpisodes,
  listRecentIncidents,
  moveEpisodes,
  type StoredIncidentEvent,
  type StoredMembership,
  saveIncidents,
} from '../../stores/control/index.ts';
import type { Acknowledgement } from '../evaluation/live-rule.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import type { Correlator, Found } from './correlator.ts';
import {
  fromStoredIncident,
  type Incident,
  type IncidentMember,
  type JoinReason,
  memberOf,
  toStoredIncident,
  toStoredMembership,
} from './incident.ts';
import { mergeIncidents } from './move-members.ts';

/** Alerts of an incident go on in another one: all of them, or some as an incident of their own. */
export interface IncidentMove {
  readonly kind: 'merged' | 'split';
  readonly from: Incident;
  readonly to: Incident;
}

/**
 * Goes along with incidents, in the same transaction and before it is written; true where there is something to send
 * once it is. A transaction may be tried again: nothing but the store and what the turn gathers may change.
 */
export interface IncidentFollower {
  moved(turn: Turn, move: IncidentMove): Promise<void>;
  /** Alerts of these incidents have ended. */
  ended(turn: Turn, incidents: readonly Incident[]): Promise<boolean>;
}

/**
 * Incidents that are open or were resolved so lately that they may be taken up again. Alerts are put into them within
 * the transaction in which they fire; what has changed is written by `save`. After a failed transaction it is to be
 * loaded anew.
 */
export class IncidentTable {
  readonly incidents = new Map<string, Incident>();
  readonly correlator: Correlator;
  readonly #byEpisode = new Map<string, Incident>();
  readonly #changed = new Set<Incident>();
  readonly #joined = new Set<string>();
  #events: StoredIncidentEvent[] = [];
  #moves: IncidentMove[] = [];
  readonly #ended = new Set<Incident>();
  #follower: IncidentFollower | undefined;

  constructor(correlator: Correlator) {
    this.correlator = correlator;
  }

  follow(follower: IncidentFollower): void {
    this.#follower = follower;
  }

  async load(db: Executor, now: number): Promise<void> {
    this.incidents.clear();
    this.#byEpisode.clear();
    this.#changed.clear();
    this.#joined.clear();
    this.#events = [];
    this.#moves = [];
    this.#ended.clear();
    const rows = await listRecentIncidents(db, now - this.correlator.memoryMs);
    const ids = rows.map(({ id }) => id);
    const members = Map.groupBy(await listMemberEpisodes(db, ids), ({ incident_id }) => incident_id);
    for (const row of rows) {
      const incident = fromStoredIncident(row, members.get(row.id) ?? []);
      this.incidents.set(incident.id, incident);
      for (const episodeId of incident.members.keys()) this.#byEpisode.set(episodeId, incident);
    }
    this.recall();
  }

  /** Rules or members have changed: what alerts are found by is worked out again. */
  recall(): void {
    this.correlator.clear();
    const all = [...this.incidents.values()].flatMap((incident) =>
      [...incident.members.values()].map((member) => ({ incident, member, at: member.endedAt ?? member.firedAt })),
    );
    for (const { incident, member, at } of all.sort((a, b) => a.at - b.at)) {
      this.correlator.note(incident.id, member, at);
    }
  }

  /** The incident that has the episode, or `undefined`. */
  of(episodeId: string): Incident | undefined {
    return this.#byEpisode.get(episodeId);
  }

  /** Id of the incident that has all of these episodes, or `undefined`. */
  common(episodeIds: readonly string[]): string | undefined {
    const incidents = new Set(episodeIds.map((id) => this.#byEpisode.get(id)));
    const [first] = incidents;
    return incidents.size === 1 ? first?.id : undefined;
  }

  /** An alert fires: it joins the incident that it belongs to, or opens one. */
  fire(alert: RoutedAlert, at: number): void {
    const member = memberOf(alert, at);
    const found = this.#find(member, at);
    const incident = (found && this.incidents.get(found.incidentId)) ?? this.open(member, at);
    if (found) member.reason = found.reason;
    incident.resolvedBy = null;
    if (incident.resolvedAt !== null) this.#reopen(incident, member.reason, at);
    this.add(incident, member);
    this.correlator.note(incident.id, member, at);
    this.#gather(incident, member, at);
    // Nobody has the new one in hand.
    if (found) this.breakAcknowledgement(incident, at, 'a new alert', alert.id);
  }

  /** The incident that an alert belongs to; of several that it explains the oldest, which the others will be. */
  #find(member: IncidentMember, at: number): Found | undefined {
    const found = this.correlator.find(member, at, (id) => this.#takes(id, at));
    if (found?.reason.kind !== 'topology') return found;
    const candidates = [found, ...this.#explainedBy(member, at)];
    const openedAt = ({ incidentId }: Found) => this.incidents.get(incidentId)!.openedAt;
    return candidates.reduce((a, b) => (openedAt(b) < openedAt(a) ? b : a));
  }

  /** What fires is what others depend on: their incidents are this one, unless somebody has set them apart. */
  #gather(incident: Incident, member: IncidentMember, at: number): void {
    const explained = this.#explainedBy(member, at);
    if (explained.length === 0 || isApart(incident)) return;
    for (const { incidentId, reason } of explained) {
      const other = this.incidents.get(incidentId)!;
      if (other === incident || other.mergedInto !== null) continue;
      const [from, to] = other.openedAt < incident.openedAt ? [incident, other] : [other, incident];
      const why = `joined by ${member.alertName}: ${reason.text}`;
      mergeIncidents(this, { from, to, by: null, why }, at);
      if (from === incident) {
        this.#gather(to, member, at);
        return;
      }
    }
  }

  #explainedBy(member: IncidentMember, at: number): Found[] {
    return this.correlator.explainedBy(member, at, (id) => {
      const other = this.incidents.get(id);
      return other !== undefined && other.resolvedAt === null && !isApart(other);
    });
  }

  /** What is known of an alert that fires has changed; a severity that rises is in nobody's hand. */
  change(alert: RoutedAlert, at: number): void {
    const incident = this.#byEpisode.get(alert.id);
    const member = incident?.members.get(alert.id);
    if (!incident || !member || member.severity === alert.severity) return;
    const hasRisen = compareSeverity(alert.severity, member.severity) > 0;
    member.severity = alert.severity;
    if (!hasRisen) return;
    member.acknowledgement = null;
    this.breakAcknowledgement(incident, at, 'a higher severity', alert.id);
    if (compareSeverity(alert.severity, incident.severity) <= 0) return;
    incident.severity = alert.severity;
    this.touch(incident, at);
    this.note(incident, 'severity_raised', at, null, { severity: alert.severity, episode_id: alert.id });
  }

  /** An alert has ended; with its last one the incident is resolved. */
  resolve(alert: RoutedAlert, at: number): void {
    const incident = this.#byEpisode.get(alert.id);
    const member = incident?.members.get(alert.id);
    if (!incident || !member || member.endedAt !== null) return;
    member.endedAt = at;
    incident.firing--;
    this.correlator.note(incident.id, member, at);
    this.touch(incident, at);
    this.#ended.add(incident);
    this.closeIfOver(incident, at);
  }

  /** Somebody has these episodes in hand. */
  acknowledge(acknowledgements: ReadonlyMap<string, Acknowledgement>, note?: string): void {
    const concerned = new Map<Incident, Acknowledgement>();
    for (const [id, acknowledgement] of acknowledgements) {
      const incident = this.#byEpisode.get(id);
      if (!incident) continue;
      incident.members.get(id)!.acknowledgement = acknowledgement;
      concerned.set(incident, acknowledgement);
    }
    for (const [incident, { by, at }] of concerned) {
      const open = [...incident.members.values()].filter(({ endedAt }) => endedAt === null);
      const isInHand = ({ acknowledgement }: IncidentMember) =>
        acknowledgement !== null && !isOver(acknowledgement, at);
      if (!open.every(isInHand)) continue;
      const ends = open.flatMap(({ acknowledgement }) => acknowledgement?.until ?? []);
      const until = ends.length === 0 ? null : Math.min(...ends);
      incident.acknowledgement = { by, at, until };
      this.touch(incident, at);
      const detail = { ...(note !== undefined && { note }), ...(until !== null && { until }) };
      this.note(incident, 'acknowledged', at, by, detail);
    }
  }

  /** From now on nobody has the incident in hand. */
  breakAcknowledgement(incident: Incident, at: number, because: string, episodeId?: string): void {
    if (incident.acknowledgement === null) return;
    const { by } = incident.acknowledgement;
    incident.acknowledgement = null;
    this.touch(incident, at);
    this.note(incident, 'unacknowledged', at, null, { because, acknowledged_by: by, episode_id: episodeId });
  }

  open(first: Pick<IncidentMember, 'alertName' | 'service' | 'severity'>, at: number): Incident {
    const { alertName, service, severity } = first;
    const incident: Incident = {
      id: newId(),
      title: service === '' ? alertName : `${alertName} on ${service}`,
      severity,
      openedAt: at,
      updatedAt: at,
      acknowledgement: null,
      snooze: null,
      assignee: null,
      resolvedAt: null,
      resolvedBy: null,
      mergedInto: null,
      members: new Map(),
      firing: 0,
    };
    this.incidents.set(incident.id, incident);
    this.touch(incident, at);
    return incident;
  }

  /** Puts an episode into an incident. */
  add(incident: Incident, member: IncidentMember): void {
    incident.members.set(member.episodeId, member);
    this.#byEpisode.set(member.episodeId, incident);
    this.#joined.add(member.episodeId);
    if (member.endedAt === null) incident.firing++;
    if (compareSeverity(member.severity, incident.severity) > 0) incident.severity = member.severity;
    this.touch(incident, Math.max(incident.updatedAt, member.joinedAt));
  }

  /** Takes an episode out, for another incident to have it. */
  take(incident: Incident, episodeId: string): IncidentMember {
    const member = incident.members.get(episodeId)!;
    incident.members.delete(episodeId);
    if (member.endedAt === null) incident.firing--;
    return member;
  }

  /** Resolves an incident of which nothing fires any more. */
  closeIfOver(incident: Incident, at: number): void {
    if (incident.firing > 0 || incident.resolvedAt !== null) return;
    incident.resolvedAt = at;
    incident.snooze = null;
    this.touch(incident, at);
    this.note(incident, 'resolved', at, incident.resolvedBy, {});
  }

  touch(incident: Incident, at: number): void {
    incident.updatedAt = at;
    this.#changed.add(incident);
  }

  /** Alerts of an incident go on in another, all of them or some. */
  moved(move: IncidentMove): void {
    this.#moves.push(move);
  }

  /** A line of the timeline. */
  note(incident: Incident, kind: string, at: number, actor: string | null, detail: object): void {
    this.#events.push({ id: newId(), incident_id: incident.id, at, kind, actor, detail: JSON.stringify(detail) });
  }

  /** Lets its follower act; true where that has something to send. */
  async settle(turn: Turn): Promise<boolean> {
    const [moves, ended] = [this.#moves, [...this.#ended]];
    this.#moves = [];
    this.#ended.clear();
    if (!this.#follower) return false;
    for (const move of moves) await this.#follower.moved(turn, move);
    return ended.length > 0 && (await this.#follower.ended(turn, ended));
  }

  /** What is stored of the incident of an episode with the episode itself; it need not be stored again. */
  takeMembership(episodeId: string): StoredMembership | undefined {
    const membership = this.#membershipOf(episodeId);
    this.#joined.delete(episodeId);
    return membership;
  }

  /** Writes what has changed; the episodes must be written before. */
  async save(executor: Executor): Promise<void> {
    const moved = [...this.#joined].flatMap((id) => this.#membershipOf(id) ?? []);
    await saveIncidents(executor, [...this.#changed].map(toStoredIncident));
    await moveEpisodes(executor, moved);
    await insertIncidentEvents(executor, this.#events);
    this.#changed.clear();
    this.#joined.clear();
    this.#events = [];
  }

  /** True where `sweep` has something to do. */
  hasEnded(now: number): boolean {
    const before = now - this.correlator.memoryMs;
    for (const { resolvedAt, acknowledgement, snooze } of this.incidents.values()) {
      if (resolvedAt === null ? isOver(acknowledgement, now) || isOver(snooze, now) : resolvedAt < before) return true;
    }
    return false;
  }

  /** Ends what was said to end by now, and forgets what was resolved so long ago that nothing joins it any more. */
  sweep(now: number): void {
    for (const incident of this.incidents.values()) {
      if (incident.resolvedAt !== null) continue;
      if (isOver(incident.acknowledgement, now)) this.breakAcknowledgement(incident, now, 'its time is over');
      if (!isOver(incident.snooze, now)) continue;
      incident.snooze = null;
      this.touch(incident, now);
      this.note(incident, 'snooze_ended', now, null, {});
    }
    this.#forget(now);
  }

  #membershipOf(episodeId: string): StoredMembership | undefined {
    const incident = this.#byEpisode.get(episodeId);
    const member = incident?.members.get(episodeId);
    return incident && member && toStoredMembership(incident.id, member);
  }

  #forget(now: number): void {
    const before = now - this.correlator.memoryMs;
    let hasGone = false;
    for (const [id, { resolvedAt, members }] of this.incidents) {
      if (resolvedAt === null || resolvedAt >= before) continue;
      this.incidents.delete(id);
      for (const episodeId of members.keys()) this.#byEpisode.delete(episodeId);
      hasGone = true;
    }
    if (hasGone) this.recall();
  }

  /** Whether an alert may join: the incident is open, or ended by itself a short while ago. */
  #takes(id: string, now: number): boolean {
    const incident = this.incidents.get(id);
    if (!incident || incident.mergedInto !== null) return false;
    const { resolvedAt, resolvedBy } = incident;
    if (resolvedAt === null) return true;
    return resolvedBy === null && now - resolvedAt <= this.correlator.settings.reopenWindowMs;
  }

  #reopen(incident: Incident, { text }: JoinReason, at: number): void {
    incident.resolvedAt = null;
    incident.acknowledgement = null;
    this.touch(incident, at);
    this.note(incident, 'reopened', at, null, { reason: text });
  }
}

/** Somebody has split alerts off into it. */
function isApart({ members }: Incident): boolean {
  for (const { reason } of members.values()) if (reason.kind === 'split') return true;
  return false;
}

function isOver(care: { readonly until: number | null } | null, now: number): boolean {
  return care !== null && care.until !== null && care.until <= now;
}
