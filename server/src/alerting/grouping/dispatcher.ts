import { Serial } from '../../lib/serial.ts';
import type { Clock, Timer } from '../../model/clock.ts';
import type { Labels } from '../../model/labels.ts';
import type { Logger } from '../../model/logger.ts';
import { type ControlStore, type Executor, listOpenEpisodes } from '../../stores/control/index.ts';
import type { EscalationDesk } from '../escalation/escalation-desk.ts';
import type { Acknowledgement } from '../evaluation/live-rule.ts';
import { FlapBook } from '../flapping/flap-book.ts';
import type { IncidentTable } from '../incidents/incident-table.ts';
import { Inhibitor } from '../inhibition/inhibitor.ts';
import type { NotificationCentre } from '../notices/notification-centre.ts';
import { fingerprintOfLabels } from '../routing/fingerprint.ts';
import type { Routing } from '../routing/routing.ts';
import { AlertTable, type Snooze } from './alert-table.ts';
import type { Suppression } from './decide.ts';
import type { Group } from './group.ts';
import { isAcknowledged, type RoutedAlert } from './routed-alert.ts';
import { MOST_MESSAGES, StormGuard } from './storm-guard.ts';
import { findSuppressions, mutedBy, nextBoundary, type Suppressors, snoozedBy } from './suppressors.ts';
import { type HeldGroup, lookAt, reminderOf, type TellingContext, tellFlapping, tellTogether } from './telling.ts';
import { Turn } from './turn.ts';

export interface DispatcherOptions {
  readonly store: ControlStore;
  readonly notifications: NotificationCentre;
  readonly escalations: EscalationDesk;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Base of the links in notifications. */
  readonly publicUrl: string;
  readonly suppressors: Suppressors;
  readonly incidents: IncidentTable;
  /** True: an alert that fires and ends again and again is held. */
  readonly detectFlapping: boolean;
  /** Messages to one receiver within a minute; what is more is told together. Default: 200. */
  readonly mostMessages?: number | undefined;
}

interface RecordOptions<Result> {
  readonly deliver?: boolean;
  readonly committed?: (result: Result) => void;
}

/** How long after the start alerts are held that something may inhibit which was not looked at yet. */
const HOLD_MS = 60_000;
const RETRY_MS = 1000;

/**
 * Takes alerts to their receivers: routes them, gathers them in groups, and tells of a group when it is time, unless
 * something suppresses that. What happens to alerts, and what is told of it, becomes durable in one transaction.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #turns = new Serial();
  #routing: Routing;
  #table = new AlertTable();
  #inhibitor = new Inhibitor([], []);
  #flaps = FlapBook.empty();
  readonly #storm: StormGuard;
  /** True while memory may be ahead of the store. */
  #isStale = false;
  readonly #due = new Set<Group>();
  #timer: { readonly at: number; readonly timer: Timer } | undefined;
  /** When a silence or window begins or ends next. */
  #boundary = Number.POSITIVE_INFINITY;
  #heldUntil = 0;
  #running = 0;
  #started = false;

  constructor(options: DispatcherOptions, routing: Routing) {
    this.#options = options;
    this.#storm = new StormGuard(options.mostMessages ?? MOST_MESSAGES);
    this.#routing = routing;
  }

  get routing(): Routing {
    return this.#routing;
  }

  get table(): AlertTable {
    return this.#table;
  }

  get incidents(): IncidentTable {
    return this.#options.incidents;
  }

  /** Transactions under way. */
  get busy(): number {
    return this.#running;
  }

  /** Takes up what an earlier run left behind. */
  async start(routing: Routing): Promise<void> {
    const { store, clock } = this.#options;
    this.#routing = routing;
    await this.#load(store.db);
    this.#started = true;
    if (!this.#inhibitor.isEmpty) this.#heldUntil = clock.now() + HOLD_MS;
    await this.#regroup();
  }

  /** Tells of nothing more; what is due is told of by the next start. */
  async stop(): Promise<void> {
    this.#started = false;
    this.#timer?.timer.cancel();
    await this.#turns.ended();
  }

  /** Every rule has been looked at since the start: what inhibits is known. */
  release(): void {
    if (this.#heldUntil === 0) return;
    this.#heldUntil = 0;
    this.lookAgain();
  }

  /** From now on alerts take other ways. Nobody who heard of an alert hears of it again, or misses its end. */
  async reroute(routing: Routing): Promise<void> {
    this.#routing = routing;
    this.#inhibitor = new Inhibitor(routing.config?.inhibitRules ?? [], this.#firing());
    await this.#regroup();
  }

  /**
   * One transaction about alerts. With `deliver`, what falls due by it is told in the same transaction; without, more of
   * the same follows at once. `committed` is called when it is stored, and the next transaction may follow, though it
   * may still wait for the disk. Rejects where it could not be stored: nothing has happened then, unless `committed` was
   * called and the disk failed after that.
   */
  async record<Result>(
    at: number,
    work: (turn: Turn) => Promise<Result>,
    { deliver = true, committed }: RecordOptions<Result> = {},
  ): Promise<Result> {
    this.#running++;
    let isOver = deliver;
    try {
      return await this.#turns.run((free) =>
        this.#transact(at, work, deliver, (result) => {
          committed?.(result);
          free();
        }),
      );
    } catch (error) {
      isOver = true;
      throw error;
    } finally {
      this.#running--;
      if (isOver) this.#arm();
    }
  }

  /** What suppresses an alert now. */
  suppressionsOf(alert: RoutedAlert, now: number): Suppression[] {
    const found = this.#suppressionsBesideRoutes(alert, now);
    for (const group of this.#table.groupsOf(alert.id)) {
      const name = this.#routing.routeOf(group, alert.direct)?.mutedBy(now);
      if (name !== undefined && !found.some(({ id }) => id === name)) found.push(mutedBy(name));
    }
    return found;
  }

  /** What would suppress an alert with these labels now, but for the times of its routes. */
  suppressionsOfLabels(labels: Labels, now: number): Suppression[] {
    return this.#find({ labels, fingerprint: fingerprintOfLabels(labels) }, now);
  }

  #suppressionsBesideRoutes(alert: RoutedAlert, now: number): Suppression[] {
    const found = this.#find(alert, now);
    const snooze = this.#table.snoozeOf(alert.id, now);
    if (snooze) found.push(snoozedBy(alert.id, snooze));
    return found;
  }

  #find(about: Pick<RoutedAlert, 'labels' | 'fingerprint'>, now: number): Suppression[] {
    return findSuppressions(this.#options.suppressors, { inhibitor: this.#inhibitor, flaps: this.#flaps }, about, now);
  }

  /** Silences, windows or the time have changed: every group is looked at. */
  lookAgain(): void {
    const now = this.#options.clock.now();
    for (const group of this.#table.groups.values()) this.#setDue(group, now);
    this.#arm();
  }

  /** When the group is told of again, if nothing else happens; null: not of itself. */
  nextReminder(group: Group): number | null {
    return reminderOf(group, this.#options.clock.now(), this.#telling());
  }

  /** Somebody has these episodes in hand: what still waits about groups of which all is in hand is not sent. */
  async acknowledge(executor: Executor, acknowledgements: ReadonlyMap<string, Acknowledgement>): Promise<void> {
    const now = this.#options.clock.now();
    const { notifications, escalations } = this.#options;
    const inHand = new Map<string, Group>();
    let by = '';
    for (const [id, acknowledgement] of acknowledgements) {
      const alert = this.#table.alerts.get(id);
      if (!alert) continue;
      by = acknowledgement.by;
      this.#table.replace({ ...alert, acknowledgement });
      for (const group of this.#table.groupsOf(id)) {
        if (acknowledgement.until !== null) this.#setDue(group, acknowledgement.until);
        if (this.#isInHand(group, now)) inHand.set(group.threadId!, group);
      }
    }
    for (const thread of inHand.keys()) {
      await notifications.cancelEpisode(executor, thread, `acknowledged by ${by}`);
    }
    await escalations.acknowledged(executor, acknowledgements.keys(), by, now);
  }

  /** Nobody wants to hear of these episodes until then: what still waits about groups of them alone is not sent. */
  async snooze(executor: Executor, ids: readonly string[], snooze: Snooze): Promise<void> {
    const now = this.#options.clock.now();
    const groups = new Set<Group>();
    const { escalations } = this.#options;
    for (const id of ids) {
      await this.#table.snooze(executor, id, snooze);
      for (const group of this.#table.groupsOf(id)) groups.add(group);
    }
    for (const group of groups) {
      this.#setDue(group, now);
      const firing = [...group.members.keys()].filter((id) => this.#table.alerts.get(id)?.resolvedAt === null);
      if (group.threadId === null || !firing.every((id) => this.#table.snoozeOf(id, now))) continue;
      await this.#options.notifications.cancelEpisode(executor, group.threadId, `snoozed by ${snooze.by}`);
    }
    const isSnoozed = (id: string) => this.#table.snoozeOf(id, now) !== undefined;
    await escalations.snoozed(executor, ids, isSnoozed, snooze.by);
  }

  /** Until when an acknowledgement of this episode holds that does not say so; null: until it ends. */
  ackUntil(executor: Executor, episodeId: string, now: number): Promise<number | null> {
    const severity = this.#table.alerts.get(episodeId)?.severity ?? 'info';
    return this.#options.escalations.ackUntil(executor, { id: episodeId, severity }, now);
  }

  /** The threads under which receivers hear of an alert. */
  threadsOf(episodeId: string): string[] {
    return this.#table
      .groupsOf(episodeId)
      .map(({ threadId }) => threadId)
      .filter((id) => id !== null);
  }

  /** Forgets which alerts have flapped, and are calm. */
  pruneFlaps(now: number): Promise<void> {
    return this.#turns.run(() => this.#flaps.prune(this.#options.store.db, now));
  }

  #isInHand(group: Group, now: number): boolean {
    if (group.threadId === null) return false;
    for (const id of group.members.keys()) {
      const alert = this.#table.alerts.get(id);
      if (alert && alert.resolvedAt === null && !isAcknowledged(alert, now)) return false;
    }
    return true;
  }

  *#firing(): Generator<RoutedAlert> {
    for (const alert of this.#table.alerts.values()) if (alert.resolvedAt === null) yield alert;
  }

  async #load(db: Executor): Promise<void> {
    const episodes = new Map((await listOpenEpisodes(db)).map((episode) => [episode.id, episode]));
    this.#table = await AlertTable.load(db, episodes, this.#routing);
    this.#inhibitor = new Inhibitor(this.#routing.config?.inhibitRules ?? [], this.#firing());
    const fired = [...this.#firing()].flatMap(({ id, fingerprint }) => {
      const episode = episodes.get(id);
      return episode ? [{ fingerprint, at: episode.fired_at }] : [];
    });
    this.#flaps = await FlapBook.load(db, this.#options.detectFlapping, fired);
    this.#due.clear();
    const now = this.#options.clock.now();
    await this.#options.incidents.load(db, now);
    for (const group of this.#table.groups.values()) this.#setDue(group, now);
    this.#isStale = false;
  }

  async #transact<Result>(
    at: number,
    work: (turn: Turn) => Promise<Result>,
    deliver: boolean,
    committed: (result: Result) => void,
  ): Promise<Result> {
    const { store, notifications, incidents } = this.#options;
    let hasNews = false;
    let done: { readonly outcome: Result } | undefined;
    // Memory is as far as the store from then on, whatever the disk does.
    const noteCommit = () => {
      if (!done) return;
      const { outcome } = done;
      done = undefined;
      this.#isStale = false;
      committed(outcome);
      // What is claimed by that is written after what was written here, and sent when both are on the disk.
      if (hasNews) notifications.wake();
    };
    const result = await store.transaction(async (executor) => {
      // An earlier attempt may have failed after it changed what is in memory.
      if (this.#isStale) await this.#load(executor);
      this.#isStale = true;
      const turn = this.#turn(executor, at);
      const outcome = await work(turn);
      hasNews = await incidents.settle(turn);
      if (await tellFlapping(turn, this.#telling())) hasNews = true;
      if (deliver && (await this.#deliver(turn))) hasNews = true;
      await turn.save(this.#table);
      await this.#flaps.save(executor, at);
      done = { outcome };
      return outcome;
    }, noteCommit);
    noteCommit();
    return result;
  }

  #turn(executor: Executor, at: number): Turn {
    return new Turn(executor, at, {
      table: this.#table,
      routing: this.#routing,
      inhibitor: this.#inhibitor,
      incidents: this.#options.incidents,
      flaps: this.#flaps,
      setDue: (group, when) => this.#setDue(group, when),
    });
  }

  /** Tells of every group that is due. True where something was said. */
  async #deliver(turn: Turn): Promise<boolean> {
    let hasNews = false;
    const held = new Map<string, HeldGroup[]>();
    const hold = (receiver: string, group: HeldGroup) => {
      held.set(receiver, [...(held.get(receiver) ?? []), group]);
    };
    const telling = this.#telling(hold);
    for (const group of this.#takeDue(turn.at)) if (await lookAt(group, turn, telling)) hasNews = true;
    for (const [receiver, groups] of held) {
      await tellTogether(receiver, groups, turn, telling);
      hasNews = true;
    }
    return hasNews;
  }

  #telling(hold: TellingContext['hold'] = () => undefined): TellingContext {
    const { notifications, escalations, publicUrl } = this.#options;
    return {
      table: this.#table,
      routing: this.#routing,
      notifications,
      escalations,
      storm: this.#storm,
      hold,
      publicUrl,
      heldUntil: this.#heldUntil,
      suppressionsOf: (alert, now) => this.#suppressionsBesideRoutes(alert, now),
      setDue: (group, at) => this.#setDue(group, at),
      incidentOf: (episodeIds) => this.incidents.common(episodeIds),
    };
  }

  /** Oldest first. */
  #takeDue(at: number): Group[] {
    const due: Group[] = [];
    for (const group of this.#due) {
      const isThere = this.#table.groups.get(group.id) === group && group.dueAt !== null;
      if (isThere && group.dueAt! > at) continue;
      this.#due.delete(group);
      if (isThere) due.push(group);
    }
    return due.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  /** Groups whose route is gone keep only those whose end somebody waits for; every alert is in the groups of today. */
  async #regroup(): Promise<void> {
    await this.record(this.#options.clock.now(), async (turn) => {
      const wanted = new Set<string>();
      for (const alert of this.#firing()) {
        for (const { groupId } of this.#routing.destinations(alert)) wanted.add(groupId);
      }
      const gone = [...this.#table.groups.values()].filter(({ id }) => !wanted.has(id));
      for (const alert of [...this.#firing()]) turn.route(alert, gone);
      for (const group of gone) {
        for (const member of [...group.members.values()]) {
          if (member.sentAt === null) this.#table.removeMember(group, member.alertId);
        }
      }
      for (const group of this.#table.groups.values()) this.#setDue(group, turn.at);
    });
  }

  #setDue(group: Group, at: number): void {
    if (group.dueAt === null || at < group.dueAt) group.dueAt = at;
    this.#due.add(group);
  }

  /** One timer, for whatever comes first. */
  #arm(): void {
    if (!this.#started || this.#running > 0) return;
    const { clock, suppressors } = this.#options;
    const now = clock.now();
    const ends = [nextBoundary(suppressors, this.#flaps, now), this.#table.nextSnoozeEnd(now)];
    this.#boundary = Math.min(...ends.filter((end) => end !== undefined));
    let next = this.#boundary;
    for (const { dueAt } of this.#due) if (dueAt !== null && dueAt < next) next = dueAt;
    if (this.#timer?.at === next) return;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    if (next === Number.POSITIVE_INFINITY) return;
    this.#timer = { at: next, timer: clock.setTimer(Math.max(0, next - now), () => this.#wake()) };
  }

  #wake(): void {
    this.#timer = undefined;
    const { clock, logger } = this.#options;
    const now = clock.now();
    // A silence begins or ends: which groups that concerns shows when looking.
    if (now >= this.#boundary) for (const group of this.#table.groups.values()) this.#setDue(group, now);
    this.record(now, async () => undefined).catch((error) => {
      logger.error({ err: error }, 'notifications of alerts could not be stored; it is tried again');
      this.#timer?.timer.cancel();
      this.#timer = { at: now + RETRY_MS, timer: clock.setTimer(RETRY_MS, () => this.#wake()) };
    });
  }
}
