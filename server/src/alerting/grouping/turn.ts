import { compareSeverity } from '../../model/severity.ts';
import {
  type Executor,
  endEpisodes,
  insertAlertEvents,
  insertEpisodes,
  linkNotifications,
  type StoredAlertEvent,
  type StoredEpisode,
  type StoredInstance,
  saveInstances,
} from '../../stores/control/index.ts';
import type { FlapBook, Flapping } from '../flapping/flap-book.ts';
import type { Incident } from '../incidents/incident.ts';
import type { IncidentTable } from '../incidents/incident-table.ts';
import type { Inhibitor } from '../inhibition/inhibitor.ts';
import type { ResolveReason } from '../machine/step.ts';
import type { Destination, Routing } from '../routing/routing.ts';
import type { AlertTable } from './alert-table.ts';
import { type Group, newMember } from './group.ts';
import type { RoutedAlert } from './routed-alert.ts';

interface TurnContext {
  readonly table: AlertTable;
  readonly routing: Routing;
  readonly inhibitor: Inhibitor;
  readonly incidents: IncidentTable;
  readonly flaps: FlapBook;
  setDue(group: Group, at: number): void;
}

/** What happens to alerts within one transaction. Rows are gathered and written together at its end. */
export class Turn {
  readonly executor: Executor;
  /** Unix milliseconds. */
  readonly at: number;
  readonly #context: TurnContext;
  readonly #episodes: StoredEpisode[] = [];
  readonly #ended = new Map<ResolveReason, string[]>();
  readonly #events: StoredAlertEvent[] = [];
  readonly #instances: StoredInstance[] = [];
  /** Alerts that flap from now on. */
  readonly flapping: { readonly alert: RoutedAlert; readonly how: Flapping }[] = [];
  readonly #links: { notification_id: string; episode_id: string }[] = [];

  constructor(executor: Executor, at: number, context: TurnContext) {
    this.executor = executor;
    this.at = at;
    this.#context = context;
  }

  episode(row: StoredEpisode): void {
    this.#episodes.push(row);
  }

  /** An episode that ended by itself. */
  endEpisode(id: string, reason: ResolveReason): void {
    const ids = this.#ended.get(reason) ?? [];
    ids.push(id);
    this.#ended.set(reason, ids);
  }

  event(row: StoredAlertEvent): void {
    this.#events.push(row);
  }

  /** A line of the incident's own timeline. */
  noteIncident(incident: Incident, kind: string, detail: object): void {
    this.#context.incidents.note(incident, kind, this.at, null, detail);
  }

  instance(row: StoredInstance): void {
    this.#instances.push(row);
  }

  link(notificationId: string, episodeId: string): void {
    this.#links.push({ notification_id: notificationId, episode_id: episodeId });
  }

  /** An alert fires. */
  fire(alert: RoutedAlert): void {
    const { table } = this.#context;
    table.put(alert);
    this.#context.inhibitor.put(alert);
    this.#context.incidents.fire(alert, this.at);
    this.#noteTransition(alert);
    for (const destination of this.#context.routing.destinations(alert)) {
      const group = table.groups.get(destination.groupId) ?? this.#open(destination, undefined);
      table.addMember(group, newMember(alert.id, this.at), alert, { implied: true });
      this.#context.setDue(group, this.#newsAt(group, alert));
    }
  }

  /** Something about an alert that fires is different; a severity that rose is told at once. */
  change(alert: RoutedAlert): void {
    const { table, inhibitor } = this.#context;
    const before = table.alerts.get(alert.id);
    table.put(alert);
    if (!before) return;
    if (before.labels !== alert.labels) {
      if (inhibitor.put(alert, before)) this.#lookAtHeld();
      this.route(alert);
    }
    if (before.severity === alert.severity) return;
    this.#context.incidents.change(alert, this.at);
    for (const group of table.groupsOf(alert.id)) {
      const member = group.members.get(alert.id)!;
      if (member.sentSeverity !== null && compareSeverity(alert.severity, member.sentSeverity) < 0) {
        // The next rise is news again.
        member.sentSeverity = alert.severity;
        table.changedMember(group, member);
      }
      this.#context.setDue(group, this.at);
    }
  }

  /** More is known of an alert, and nothing of it is news. */
  refresh(alert: RoutedAlert): void {
    this.#context.table.put(alert);
  }

  /** An alert has ended. What was told of it is told of its end; what was not is forgotten. */
  resolve(alert: RoutedAlert): void {
    const { table, inhibitor } = this.#context;
    table.put(alert);
    this.#context.incidents.resolve(alert, this.at);
    this.#noteTransition(alert);
    if (inhibitor.put(alert)) this.#lookAtHeld();
    for (const group of table.groupsOf(alert.id)) {
      const member = group.members.get(alert.id)!;
      if (member.sentAt === null) {
        table.removeMember(group, alert.id);
        continue;
      }
      group.firingSent--;
      this.#context.setDue(group, group.firingSent === 0 ? this.at : this.#quietAt(group, alert));
    }
    table.dropIfOver(alert.id);
  }

  /**
   * Joins an alert to the groups of its routes. In a group that takes the place of one of `gone`, whoever heard of the
   * alert there does not hear of it again.
   */
  route(alert: RoutedAlert, gone: readonly Group[] = []): void {
    const { table } = this.#context;
    const destinations = this.#context.routing.destinations(alert);
    for (const group of table.groupsOf(alert.id)) {
      // Its ways do not lead there any more: that it is there has to be written down.
      if (!destinations.some(({ groupId }) => groupId === group.id))
        table.changedMember(group, group.members.get(alert.id)!);
    }
    for (const destination of destinations) {
      const group = table.groups.get(destination.groupId);
      if (group?.members.has(alert.id)) continue;
      const earlier = gone.find(({ receiver, members }) => {
        return receiver === destination.receiver && members.get(alert.id)?.sentAt != null;
      });
      const joined = group ?? this.#open(destination, earlier);
      const before = earlier?.members.get(alert.id);
      table.addMember(joined, before ? { ...before } : newMember(alert.id, this.at), alert);
      if (earlier) table.removeMember(earlier, alert.id);
      this.#context.setDue(joined, this.#newsAt(joined, alert));
    }
  }

  /** Writes what was gathered. */
  async save(table: AlertTable): Promise<void> {
    const { incidents } = this.#context;
    for (const row of this.#episodes) Object.assign(row, incidents.takeMembership(row.id));
    await insertEpisodes(this.executor, this.#episodes);
    for (const [reason, ids] of this.#ended) {
      await endEpisodes(this.executor, ids, { ended_at: this.at, resolve_reason: reason });
    }
    await saveInstances(this.executor, this.#instances);
    await insertAlertEvents(this.executor, this.#events);
    await linkNotifications(this.executor, this.#links);
    await table.save(this.executor);
    await incidents.save(this.executor);
  }

  #noteTransition(alert: RoutedAlert): void {
    const how = this.#context.flaps.note(alert.fingerprint, this.at);
    if (how) this.flapping.push({ alert, how });
  }

  #open(destination: Destination, earlier: Group | undefined): Group {
    const group: Group = {
      id: destination.groupId,
      routeKey: destination.routeKey,
      receiver: destination.receiver,
      labels: destination.groupLabels,
      createdAt: this.at,
      threadId: earlier?.threadId ?? null,
      sequence: earlier?.sequence ?? 0,
      lastNotifiedAt: earlier?.lastNotifiedAt ?? null,
      dueAt: null,
      firingSent: 0,
      holdsBack: false,
      members: new Map(),
    };
    this.#context.table.addGroup(group);
    return group;
  }

  /** The earliest moment at which the group may be told of something new. */
  #newsAt(group: Group, alert: RoutedAlert): number {
    const timing = this.#context.routing.timingOfGroup(group, alert.direct);
    if (!timing) return this.at;
    const waitMs = alert.severity === 'critical' ? timing.criticalWaitMs : timing.waitMs;
    if (group.lastNotifiedAt === null) return group.createdAt + waitMs;
    return Math.max(this.at + waitMs, group.lastNotifiedAt + timing.intervalMs);
  }

  #quietAt(group: Group, alert: RoutedAlert): number {
    const timing = this.#context.routing.timingOfGroup(group, alert.direct);
    return timing && group.lastNotifiedAt !== null ? group.lastNotifiedAt + timing.intervalMs : this.at;
  }

  /** What was inhibited may be news now, after the usual wait: its cause may well be over, too. */
  #lookAtHeld(): void {
    const { table, routing } = this.#context;
    for (const group of table.groups.values()) {
      if (!group.holdsBack) continue;
      this.#context.setDue(group, this.at + (routing.timingOfGroup(group, null)?.waitMs ?? 0));
    }
  }
}
