import {
  deleteAlertGroups,
  deleteGroupMembers,
  deleteRoutedAlerts,
  deleteSnoozes,
  type Executor,
  listAlertGroups,
  listGroupMembers,
  listRoutedAlerts,
  listSnoozes,
  type StoredEpisode,
  saveAlertGroups,
  saveGroupMembers,
  saveRoutedAlerts,
  saveSnooze,
} from '../../stores/control/index.ts';
import { acknowledgementOf } from '../evaluation/live-rule.ts';
import type { Routing } from '../routing/routing.ts';
import {
  fromStoredGroup,
  fromStoredMember,
  type Group,
  type Member,
  newMember,
  toStoredGroup,
  toStoredMember,
} from './group.ts';
import { fromStoredAlert, type RoutedAlert, toStoredAlert } from './routed-alert.ts';

/** Nobody is told of an alert until then, Unix milliseconds. */
export interface Snooze {
  readonly by: string;
  readonly until: number;
}

/**
 * All alerts that some receiver still has to hear of, and their groups; what was changed since the last `save` is
 * remembered, so that a transaction writes it at its end. After a failed transaction it is to be loaded anew.
 */
export class AlertTable {
  readonly alerts = new Map<string, RoutedAlert>();
  readonly groups = new Map<string, Group>();
  /** Alerts of others that have not ended, by the fingerprint of their labels. */
  readonly external = new Map<string, RoutedAlert>();
  readonly #snoozes = new Map<string, Snooze>();
  readonly #groupsOf = new Map<string, readonly Group[]>();
  readonly #changedAlerts = new Set<string>();
  readonly #removedAlerts = new Set<string>();
  readonly #changedGroups = new Set<string>();
  readonly #removedGroups = new Set<string>();
  readonly #changedMembers = new Map<string, Set<string>>();
  readonly #removedMembers = new Map<string, Set<string>>();

  /** `episodes`: those that have not ended, by their ids. */
  static async load(
    db: Executor,
    episodes: ReadonlyMap<string, StoredEpisode>,
    routing: Pick<Routing, 'destinations'>,
  ): Promise<AlertTable> {
    const table = new AlertTable();
    for (const row of await listRoutedAlerts(db)) {
      const episode = episodes.get(row.episode_id);
      table.#keep(fromStoredAlert(row, episode ? acknowledgementOf(episode) : null));
    }
    for (const { episode_id, snoozed_by, until } of await listSnoozes(db)) {
      table.#snoozes.set(episode_id, { by: snoozed_by, until });
    }
    for (const row of await listAlertGroups(db)) table.groups.set(row.id, fromStoredGroup(row));
    for (const row of await listGroupMembers(db)) {
      const group = table.groups.get(row.group_id);
      const alert = table.alerts.get(row.episode_id);
      if (group && alert) table.#join(group, fromStoredMember(row), alert);
    }
    table.#joinUntold(episodes, routing);
    return table;
  }

  /** Alerts of which nothing was said yet are in the groups to which their ways lead, see `addMember`. */
  #joinUntold(episodes: ReadonlyMap<string, StoredEpisode>, routing: Pick<Routing, 'destinations'>): void {
    for (const alert of this.alerts.values()) {
      const episode = episodes.get(alert.id);
      if (alert.resolvedAt !== null || !episode) continue;
      for (const { groupId } of routing.destinations(alert)) {
        const group = this.groups.get(groupId);
        if (group && !group.members.has(alert.id)) this.#join(group, newMember(alert.id, episode.fired_at), alert);
      }
    }
    for (const { id, members } of this.groups.values()) {
      if (members.size > 0) continue;
      this.groups.delete(id);
      this.#removedGroups.add(id);
    }
  }

  put(alert: RoutedAlert): void {
    this.#keep(alert);
    this.#changedAlerts.add(alert.id);
  }

  /** A change that is not stored here. */
  replace(alert: RoutedAlert): void {
    this.#keep(alert);
  }

  groupsOf(alertId: string): readonly Group[] {
    return this.#groupsOf.get(alertId) ?? [];
  }

  /** Stores the snooze at once, in place of an earlier one. */
  async snooze(db: Executor, alertId: string, snooze: Snooze): Promise<void> {
    await saveSnooze(db, { episode_id: alertId, snoozed_by: snooze.by, until: snooze.until });
    this.#snoozes.set(alertId, snooze);
  }

  snoozeOf(alertId: string, now: number): Snooze | undefined {
    const snooze = this.#snoozes.get(alertId);
    return snooze && snooze.until > now ? snooze : undefined;
  }

  /** When the first snooze ends, or `undefined`. */
  nextSnoozeEnd(now: number): number | undefined {
    const ends = [...this.#snoozes.values()].map(({ until }) => until).filter((until) => until > now);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  addGroup(group: Group): void {
    this.groups.set(group.id, group);
    this.#removedGroups.delete(group.id);
    this.#changedGroups.add(group.id);
  }

  /**
   * With `implied`, nothing is stored until something is said of the member or kept back: its alert joins just where its
   * ways lead, just now as it fires, which `load` finds out again.
   */
  addMember(group: Group, member: Member, alert: RoutedAlert, { implied = false } = {}): void {
    this.#join(group, member, alert);
    this.#removedMembers.get(group.id)?.delete(member.alertId);
    if (!implied) this.changedMember(group, member);
  }

  changedGroup(group: Group): void {
    this.#changedGroups.add(group.id);
  }

  changedMember(group: Group, member: Member): void {
    remember(this.#changedMembers, group.id, member.alertId);
  }

  /** Takes the alert out of the group; an alert that has ended and a group that is empty are gone with that. */
  removeMember(group: Group, alertId: string): void {
    group.members.delete(alertId);
    this.#changedMembers.get(group.id)?.delete(alertId);
    remember(this.#removedMembers, group.id, alertId);
    const others = this.#groupsOf.get(alertId)?.filter((other) => other !== group);
    if (others?.length === 0) {
      this.#groupsOf.delete(alertId);
      this.dropIfOver(alertId);
    } else if (others) this.#groupsOf.set(alertId, others);
    if (group.members.size > 0) return;
    this.groups.delete(group.id);
    this.#changedGroups.delete(group.id);
    this.#changedMembers.delete(group.id);
    this.#removedGroups.add(group.id);
  }

  /** Forgets an alert that has ended and is in no group. */
  dropIfOver(alertId: string): void {
    const alert = this.alerts.get(alertId);
    if (!alert || alert.resolvedAt === null || this.#groupsOf.has(alertId)) return;
    this.alerts.delete(alertId);
    this.#changedAlerts.delete(alertId);
    this.#removedAlerts.add(alertId);
  }

  /** Writes what has changed. */
  async save(db: Executor): Promise<void> {
    const rows = (ids: Iterable<string>) => [...ids].flatMap((id) => this.alerts.get(id) ?? []).map(toStoredAlert);
    if (this.#changedAlerts.size > 0) await saveRoutedAlerts(db, rows(this.#changedAlerts));
    if (this.#removedAlerts.size > 0) {
      const removed = [...this.#removedAlerts];
      await deleteRoutedAlerts(db, removed);
      const snoozed = removed.filter((id) => this.#snoozes.delete(id));
      if (snoozed.length > 0) await deleteSnoozes(db, snoozed);
    }
    if (this.#removedGroups.size > 0) await deleteAlertGroups(db, [...this.#removedGroups]);
    if (this.#changedGroups.size > 0) {
      const groups = [...this.#changedGroups].flatMap((id) => this.groups.get(id) ?? []);
      await saveAlertGroups(db, groups.map(toStoredGroup));
    }
    for (const [groupId, ids] of this.#removedMembers) await deleteGroupMembers(db, groupId, [...ids]);
    const members = [...this.#changedMembers].flatMap(([groupId, ids]) => {
      const group = this.groups.get(groupId);
      return [...ids].flatMap((id) => group?.members.get(id) ?? []).map((member) => toStoredMember(groupId, member));
    });
    if (members.length > 0) await saveGroupMembers(db, members);
    for (const changes of [
      this.#changedAlerts,
      this.#removedAlerts,
      this.#changedGroups,
      this.#removedGroups,
      this.#changedMembers,
      this.#removedMembers,
    ]) {
      changes.clear();
    }
  }

  #keep(alert: RoutedAlert): void {
    this.alerts.set(alert.id, alert);
    if (alert.endsAt === null) return;
    if (alert.resolvedAt === null) this.external.set(alert.fingerprint, alert);
    else if (this.external.get(alert.fingerprint)?.id === alert.id) this.external.delete(alert.fingerprint);
  }

  #join(group: Group, member: Member, alert: RoutedAlert): void {
    group.members.set(member.alertId, member);
    if (member.sentAt !== null && alert.resolvedAt === null) group.firingSent++;
    const groups = this.#groupsOf.get(member.alertId) ?? [];
    if (!groups.includes(group)) this.#groupsOf.set(member.alertId, [...groups, group]);
  }
}

function remember(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}
