import { randomUUID } from 'node:crypto';
import { DueTask } from '../../lib/due-task.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, notFound, ServiceError } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';
import { type ControlStore, deleteHeartbeat, listHeartbeats, saveHeartbeat } from '../../stores/control/index.ts';
import type { ExternalAlert } from '../external/external-alert.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import { fingerprintOfLabels } from '../routing/fingerprint.ts';
import { compileMatchers } from '../routing/label-matchers.ts';
import {
  alertLabels,
  deadlineOf,
  fromStoredHeartbeat,
  type Heartbeat,
  type HeartbeatForm,
  heartbeatState,
  toStoredHeartbeat,
} from './heartbeat.ts';

export interface HeartbeatBookOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Raises and ends alerts. */
  readonly post: (alerts: readonly ExternalAlert[]) => Promise<readonly string[]>;
  /** The alert with this fingerprint that fires, if it does. */
  readonly firing: (fingerprint: string) => RoutedAlert | undefined;
  readonly isPolicy: (id: string) => boolean;
}

type Ping = 'success' | 'start' | 'fail';

const MOST_HEARTBEATS = 2000;
/** Alerts of other programs come often: what they are pings for is stored so often at most. */
const STORE_AGAIN_MS = 5000;
/** An alert that somebody has closed by hand is raised again no more often than this. */
const RAISE_AGAIN_MS = 60_000;
/** Its end is ours to say. */
const LASTS_MS = 3650 * 86_400_000;

/**
 * Dead man's switches: what is to be heard of on time, and an alert where it is not. The times are in the store.
 */
export class HeartbeatBook {
  readonly #options: HeartbeatBookOptions;
  readonly #heartbeats = new Map<string, { heartbeat: Heartbeat; matches: (labels: Heartbeat['labels']) => boolean }>();
  readonly #raisedAt = new Map<string, number>();
  readonly #task: DueTask;
  #hearingSince = 0;
  #nextLookAt = Number.POSITIVE_INFINITY;

  constructor(options: HeartbeatBookOptions) {
    this.#options = options;
    const { store, clock, logger } = options;
    this.#task = new DueTask({
      clock,
      work: () => this.#sweep(),
      nextDue: () => this.#nextLookAt,
      // Alerts may end otherwise.
      watch: (listener) => store.watch(['heartbeats', 'routed_alerts'], listener),
      rereadMs: store.rereadMs,
      onError: (error) => logger.error({ err: error }, 'a missing heartbeat could not be raised; it is tried again'),
    });
  }

  async load(): Promise<void> {
    for (const row of await listHeartbeats(this.#options.store.db)) this.#keep(fromStoredHeartbeat(row));
  }

  /** From now on others can be heard. */
  start(): void {
    this.#hearingSince = this.#options.clock.now();
    this.#task.start();
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  get busy(): boolean {
    return this.#task.busy;
  }

  /** By name. */
  list(): Heartbeat[] {
    const all = [...this.#heartbeats.values()].map(({ heartbeat }) => heartbeat);
    return all.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws 404. */
  get(id: string): Heartbeat {
    const found = this.#heartbeats.get(id);
    if (!found) throw notFound('there is no such heartbeat');
    return found.heartbeat;
  }

  stateOf(heartbeat: Heartbeat): { state: ReturnType<typeof heartbeatState>; deadline: number } {
    const isAlerting = this.#alertOf(heartbeat) !== undefined;
    const state = heartbeatState(heartbeat, this.#hearingSince, isAlerting, this.#options.clock.now());
    return { state, deadline: deadlineOf(heartbeat, this.#hearingSince) };
  }

  /** Throws 409 where the name is taken, 422. */
  async create(form: HeartbeatForm): Promise<Heartbeat> {
    if (this.#heartbeats.size >= MOST_HEARTBEATS) {
      throw new ServiceError('conflict', `there are ${MOST_HEARTBEATS} heartbeats already`);
    }
    const now = this.#options.clock.now();
    const never = { lastPingAt: null, lastStartAt: null, lastFailAt: null, lastDurationMs: null };
    return this.#save({ ...form, ...never, id: randomUUID(), createdAt: now, updatedAt: now });
  }

  /** An alert that fires ends where the heartbeat is paused or another one now. Throws 404, 409, 422. */
  async update(id: string, patch: Partial<HeartbeatForm>): Promise<Heartbeat> {
    const before = this.get(id);
    const after = await this.#save({ ...before, ...patch, updatedAt: this.#options.clock.now() });
    const isOther = fingerprintOfLabels(alertLabels(before)) !== fingerprintOfLabels(alertLabels(after));
    if (isOther || !after.enabled) await this.#end(before);
    return after;
  }

  /** Ends its alert, too. Throws 404. */
  async remove(id: string): Promise<void> {
    const heartbeat = this.get(id);
    await deleteHeartbeat(this.#options.store.db, id);
    this.#heartbeats.delete(id);
    await this.#end(heartbeat);
  }

  /** It was heard of. Throws 404. */
  async ping(id: string, kind: Ping): Promise<void> {
    const before = this.get(id);
    const now = this.#options.clock.now();
    const heartbeat = pinged(before, kind, now);
    await saveHeartbeat(this.#options.store.db, toStoredHeartbeat(heartbeat));
    this.#keep(heartbeat);
    if (kind === 'success') await this.#end(heartbeat);
    if (kind === 'fail') await this.#raise(heartbeat, now);
  }

  /** Takes those out that stand for pings: they are no alerts. */
  async hear(alerts: readonly ExternalAlert[]): Promise<readonly ExternalAlert[]> {
    const watched = [...this.#heartbeats.values()].filter(({ heartbeat }) => heartbeat.matchers.length > 0);
    if (watched.length === 0) return alerts;
    const now = this.#options.clock.now();
    const others: ExternalAlert[] = [];
    const heard = new Set<string>();
    for (const alert of alerts) {
      const standsFor = watched.filter(({ matches }) => matches(alert.labels));
      if (standsFor.length === 0) others.push(alert);
      // An end says that it stops.
      if (alert.endsAt !== null && alert.endsAt <= now) continue;
      for (const { heartbeat } of standsFor) heard.add(heartbeat.id);
    }
    for (const id of heard) {
      const heartbeat = this.get(id);
      const isStored = now - (heartbeat.lastPingAt ?? 0) < STORE_AGAIN_MS && !this.#alertOf(heartbeat);
      if (!isStored) await this.ping(id, 'success');
    }
    return others;
  }

  async #save(heartbeat: Heartbeat): Promise<Heartbeat> {
    if (heartbeat.escalationPolicyId !== null && !this.#options.isPolicy(heartbeat.escalationPolicyId)) {
      throw invalid({ path: 'escalation_policy_id', message: 'there is no escalation policy with this id' });
    }
    if (this.list().some(({ id, name }) => name === heartbeat.name && id !== heartbeat.id)) {
      throw new ServiceError('conflict', `there is a heartbeat with the name ${heartbeat.name} already`);
    }
    await saveHeartbeat(this.#options.store.db, toStoredHeartbeat(heartbeat));
    this.#keep(heartbeat);
    return heartbeat;
  }

  #keep(heartbeat: Heartbeat): void {
    const { matches } = compileMatchers(heartbeat.matchers);
    this.#heartbeats.set(heartbeat.id, { heartbeat, matches });
  }

  async #sweep(): Promise<void> {
    const now = this.#options.clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const { heartbeat } of [...this.#heartbeats.values()]) next = Math.min(next, await this.#look(heartbeat, now));
    this.#nextLookAt = next;
  }

  /** Returns when it is to be looked at again, where nothing is heard of it or its alert until then. */
  async #look(heartbeat: Heartbeat, now: number): Promise<number> {
    if (!heartbeat.enabled) return Number.POSITIVE_INFINITY;
    const alert = this.#alertOf(heartbeat);
    if (alert) {
      // The process may have died between a ping and the end of the alert.
      if (heartbeat.lastFailAt === null && (heartbeat.lastPingAt ?? 0) > alert.startsAt) await this.#end(heartbeat);
      return Number.POSITIVE_INFINITY;
    }
    const downAt = heartbeat.lastFailAt ?? deadlineOf(heartbeat, this.#hearingSince);
    const raiseAt = Math.max(downAt, (this.#raisedAt.get(heartbeat.id) ?? Number.NEGATIVE_INFINITY) + RAISE_AGAIN_MS);
    if (raiseAt > now) return raiseAt;
    await this.#raise(heartbeat, now);
    return now + RAISE_AGAIN_MS;
  }

  #alertOf(heartbeat: Heartbeat): RoutedAlert | undefined {
    return this.#options.firing(fingerprintOfLabels(alertLabels(heartbeat)));
  }

  async #raise(heartbeat: Heartbeat, now: number): Promise<void> {
    if (!heartbeat.enabled) return;
    this.#raisedAt.set(heartbeat.id, now);
    const { name, description, lastPingAt, lastFailAt, escalationPolicyId } = heartbeat;
    const since = lastPingAt === null ? 'ever' : `since ${new Date(lastPingAt).toISOString()}`;
    const summary = lastFailAt === null ? `${name} was not heard of ${since}` : `${name} says that it failed`;
    const annotations = { summary, ...(description !== '' && { description }) };
    const direct = escalationPolicyId !== null && { users: [], channels: null, receiver: null, escalationPolicyId };
    await this.#options.post([
      {
        labels: alertLabels(heartbeat),
        annotations,
        startsAt: now,
        endsAt: now + LASTS_MS,
        generatorUrl: '',
        ...(direct && { direct }),
      },
    ]);
  }

  async #end(heartbeat: Heartbeat): Promise<void> {
    this.#raisedAt.delete(heartbeat.id);
    if (!this.#alertOf(heartbeat)) return;
    const now = this.#options.clock.now();
    const labels = alertLabels(heartbeat);
    await this.#options.post([{ labels, annotations: {}, startsAt: null, endsAt: now, generatorUrl: '' }]);
  }
}

function pinged(heartbeat: Heartbeat, kind: Ping, now: number): Heartbeat {
  if (kind === 'start') return { ...heartbeat, lastStartAt: now };
  const { lastStartAt, lastPingAt } = heartbeat;
  const lastDurationMs = lastStartAt !== null && lastStartAt > (lastPingAt ?? 0) ? now - lastStartAt : null;
  return {
    ...heartbeat,
    lastDurationMs,
    ...(kind === 'fail' ? { lastFailAt: now } : { lastPingAt: now, lastFailAt: null }),
  };
}
