import { setImmediate as nextTurn } from 'node:timers/promises';
import { newId } from '../../lib/id.ts';
import type { Serial } from '../../lib/serial.ts';
import type { Clock, Timer } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import { environmentOf, serviceOfLabels } from '../../model/service.ts';
import { insertRule, type StoredEpisode, updateEpisode } from '../../stores/control/index.ts';
import { type Instance, type LiveRule, liveRule } from '../evaluation/live-rule.ts';
import type { Dispatcher } from '../grouping/dispatcher.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import type { InstanceState } from '../machine/instance-state.ts';
import type { ResolveReason } from '../machine/step.ts';
import { directOf } from '../notices/routed-moment.ts';
import { fingerprintOfLabels } from '../routing/fingerprint.ts';
import type { AlertRule } from '../rules/alert-rule.ts';
import { toStored } from '../rules/stored-rule.ts';
import { type ExternalAlert, merged, severityOf, timed } from './external-alert.ts';

export interface ExternalAlertsOptions {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Every rule by its id; new ones are added. */
  readonly rules: Map<string, LiveRule>;
  /** The turns that all rules about others' alerts take together. */
  readonly turns: Serial;
  readonly resolveTimeoutMs: () => number;
}

/** Alerts that came in one request, or a part of them. */
interface Post {
  readonly alerts: readonly ExternalAlert[];
  readonly done: (errors: readonly string[]) => void;
  readonly failed: (error: unknown) => void;
}

const MOST_FIRING = 100_000;
const MOST_NAMES = 5000;
/** Names beyond the most, and alerts without a name, are under this one. */
const OTHERS = 'Alerts of other programs';
/** Alerts of one transaction; posts that come together share one. */
const MOST_TOGETHER = 1000;
const FORGOTTEN_MS = 86_400_000;
const RETRY_MS = 1000;
/** Turns of the event loop that a post waits for others. */
const TURNS_TO_GATHER = 3;

/**
 * Alerts that other programs raise: each name is an alert of ours, each label set an instance, each time that one fires
 * an episode. They end when their sender says so or speaks of them no more.
 */
export class ExternalAlerts {
  readonly #options: ExternalAlertsOptions;
  readonly #byName = new Map<string, LiveRule>();
  #posts: Post[] = [];
  #isPumping = false;
  #isExpiring = false;
  #isStopped = false;
  #startedAt = 0;
  #timer: { readonly at: number; readonly timer: Timer } | undefined;

  constructor(options: ExternalAlertsOptions) {
    this.#options = options;
  }

  /** After rules and dispatcher: what fired fires on. */
  start(): void {
    const { dispatcher, clock, rules } = this.#options;
    this.#startedAt = clock.now();
    for (const live of rules.values())
      if (live.rule.condition.kind === 'external') this.#byName.set(live.rule.name, live);
    for (const alert of dispatcher.table.external.values()) {
      const live = rules.get(alert.ruleId);
      live?.instances.set(alert.fingerprint, instanceOf(alert));
    }
    this.#arm();
  }

  /** True while posts wait to be stored. */
  get busy(): boolean {
    return this.#isPumping || this.#isExpiring;
  }

  /**
   * Takes alerts over. Resolves when they are stored, with what is wrong with those that could not be taken; rejects
   * where the store fails: some of them may be stored then, and all can be posted again.
   */
  async post(alerts: readonly ExternalAlert[]): Promise<readonly string[]> {
    const errors: string[] = [];
    for (let start = 0; start < alerts.length; start += MOST_TOGETHER) {
      errors.push(...(await this.#enqueue(alerts.slice(start, start + MOST_TOGETHER))));
    }
    return errors;
  }

  #enqueue(alerts: readonly ExternalAlert[]): Promise<readonly string[]> {
    return new Promise((done, failed) => {
      this.#posts.push({ alerts, done, failed });
      if (!this.#isPumping) void this.#pump();
    });
  }

  /** Takes nothing more over; what was posted is finished. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.timer.cancel();
    await this.#options.turns.run(async () => undefined);
  }

  /** Ends what its sender speaks of no more. Time in which nobody could speak to us does not count. */
  async #expire(now: number): Promise<void> {
    const { dispatcher, turns } = this.#options;
    await turns.run(async () => {
      const over = [...dispatcher.table.external.values()].filter((alert) => now >= this.#endOf(alert));
      for (let start = 0; start < over.length; start += MOST_TOGETHER) {
        const part = over.slice(start, start + MOST_TOGETHER);
        const work = async (turn: Turn) => {
          for (const alert of part) await resolve(alert, alert.isTimeout ? 'timeout' : 'ended', turn);
        };
        await dispatcher.record(now, work, { deliver: start + MOST_TOGETHER >= over.length });
        for (const { ruleId, fingerprint } of part) this.#options.rules.get(ruleId)?.instances.delete(fingerprint);
      }
      for (const [live, key, at] of this.#closed()) if (now >= at) live.instances.delete(key);
    });
  }

  /** What was closed by hand, and when it is open again because its sender has stopped speaking of it. */
  *#closed(): Generator<[LiveRule, string, number]> {
    const leaseMs = this.#options.resolveTimeoutMs();
    for (const live of this.#byName.values()) {
      for (const [key, { state }] of live.instances) {
        if (state.closed) yield [live, key, Math.max(state.observedAt, this.#startedAt) + leaseMs];
      }
    }
  }

  /** Looks again when the first of them may be over. */
  #arm(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const alert of this.#options.dispatcher.table.external.values()) next = Math.min(next, this.#endOf(alert));
    for (const [, , at] of this.#closed()) next = Math.min(next, at);
    this.#wakeAt(next);
  }

  #wakeAt(at: number): void {
    if (this.#isStopped || at === Number.POSITIVE_INFINITY || (this.#timer && this.#timer.at <= at)) return;
    const { clock } = this.#options;
    this.#timer?.timer.cancel();
    this.#timer = { at, timer: clock.setTimer(Math.max(0, at - clock.now()), () => void this.#wake()) };
  }

  async #wake(): Promise<void> {
    const { clock, logger } = this.#options;
    this.#timer = undefined;
    this.#isExpiring = true;
    try {
      await this.#expire(clock.now());
      this.#arm();
    } catch (error) {
      logger.error({ err: error }, 'the end of alerts could not be stored; it is tried again');
      this.#wakeAt(clock.now() + RETRY_MS);
    } finally {
      this.#isExpiring = false;
    }
  }

  /** Rules of which nothing has fired for a day. */
  forgotten(now: number): LiveRule[] {
    return [...this.#byName.values()].filter(
      (live) =>
        !live.isGone &&
        live.rule.enabled &&
        live.rule.notify === null &&
        live.instances.size === 0 &&
        now - (live.lastEvaluatedAt ?? live.watchedSince) > FORGOTTEN_MS,
    );
  }

  #endOf({ endsAt, updatedAt }: RoutedAlert): number {
    return Math.max(endsAt!, this.#startedAt + (endsAt! - updatedAt));
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    while (this.#posts.length > 0) {
      // A commit waits for the disk: what comes in at the same time shares it.
      for (let turn = 0; turn < TURNS_TO_GATHER; turn++) await nextTurn();
      const posts: Post[] = [];
      let size = 0;
      while (this.#posts.length > 0 && (posts.length === 0 || size + this.#posts[0]!.alerts.length <= MOST_TOGETHER)) {
        const post = this.#posts.shift()!;
        size += post.alerts.length;
        posts.push(post);
      }
      try {
        const errors = await this.#options.turns.run(() => this.#take(posts));
        for (const [index, post] of posts.entries()) post.done(errors[index]!);
      } catch (error) {
        for (const post of posts) post.failed(error);
      }
    }
    this.#isPumping = false;
  }

  async #take(posts: readonly Post[]): Promise<string[][]> {
    const { dispatcher, clock, rules } = this.#options;
    const now = clock.now();
    const taking = await dispatcher.record(now, async (turn) => {
      const taking = new Taking(this, turn, now);
      const errors: string[][] = [];
      for (const { alerts } of posts) {
        const wrong: string[] = [];
        for (const alert of alerts) {
          try {
            await taking.take(alert);
          } catch (error) {
            if (!(error instanceof Error) || error.name !== 'Error') throw error;
            wrong.push(error.message);
          }
        }
        errors.push(wrong);
      }
      return { errors, fresh: taking.fresh, changes: taking.changes, firstEnd: taking.firstEnd };
    });
    for (const live of taking.fresh.values()) {
      rules.set(live.rule.id, live);
      this.#byName.set(live.rule.name, live);
    }
    for (const { live, key, instance } of taking.changes) {
      if (instance) live.instances.set(key, instance);
      else live.instances.delete(key);
      live.lastEvaluatedAt = now;
      live.health = 'ok';
    }
    this.#wakeAt(taking.firstEnd);
    return taking.errors;
  }

  /** The rule of that name, unless it is to be made. */
  rule(name: string): LiveRule | undefined {
    const live = this.#byName.get(name);
    return live?.isGone ? undefined : live;
  }

  get options(): ExternalAlertsOptions {
    return this.#options;
  }

  /** The name under which an alert runs. */
  nameOf({ alertname }: ExternalAlert['labels']): string {
    if (!alertname) return OTHERS;
    return this.#byName.has(alertname) || this.#byName.size < MOST_NAMES ? alertname.slice(0, 200) : OTHERS;
  }
}

/** What one transaction takes over; it may be tried again, so that nothing outside of it changes before it is done. */
class Taking {
  /** Rules that are new, by name. */
  readonly fresh = new Map<string, LiveRule>();
  readonly changes: { readonly live: LiveRule; readonly key: string; readonly instance: Instance | undefined }[] = [];
  /** When the first of what fires now ends. */
  firstEnd = Number.POSITIVE_INFINITY;
  readonly #owner: ExternalAlerts;
  readonly #turn: Turn;
  readonly #now: number;

  constructor(owner: ExternalAlerts, turn: Turn, now: number) {
    this.#owner = owner;
    this.#turn = turn;
    this.#now = now;
  }

  async take(alert: ExternalAlert): Promise<void> {
    const { dispatcher, resolveTimeoutMs } = this.#owner.options;
    const now = this.#now;
    const said = timed(alert, now, resolveTimeoutMs());
    const fingerprint = fingerprintOfLabels(said.labels);
    const known = dispatcher.table.external.get(fingerprint);
    if (said.endsAt > now) this.firstEnd = Math.min(this.firstEnd, said.endsAt);
    if (known) {
      const next = merged(known, said, now);
      if (said.endsAt > now) return this.#turn.refresh(next);
      this.changes.push({
        live: this.#owner.options.rules.get(known.ruleId) ?? this.#liveOf(known),
        key: fingerprint,
        instance: undefined,
      });
      return resolve(next, 'recovered', this.#turn);
    }
    const live = await this.#rule(this.#owner.nameOf(said.labels), severityOf(said.labels));
    const closed = live.instances.get(fingerprint);
    if (said.endsAt <= now) {
      // Over before we heard of it; what was closed by hand was clear once, and may fire again.
      if (closed) this.changes.push({ live, key: fingerprint, instance: undefined });
      return;
    }
    if (!live.rule.enabled) return;
    if (dispatcher.table.external.size >= MOST_FIRING) throw new Error(`${MOST_FIRING} alerts fire already`);
    if (closed?.state.closed && (closed.state.closed.until === null || now < closed.state.closed.until)) {
      this.changes.push({
        live,
        key: fingerprint,
        instance: { ...closed, state: { ...closed.state, observedAt: now } },
      });
      return;
    }
    const severity = severityOf(said.labels);
    const routed: RoutedAlert = {
      ...said,
      id: newId(),
      ruleId: live.rule.id,
      fingerprint,
      severity,
      resolvedAt: null,
      direct: directOf(live.rule),
      details: null,
      updatedAt: now,
      acknowledgement: null,
    };
    this.#turn.episode(episodeRow(routed, live.rule, now));
    this.#turn.event({
      id: newId(),
      rule_id: live.rule.id,
      episode_id: routed.id,
      kind: 'fired',
      at: now,
      actor: null,
      detail: JSON.stringify({ value: null, severity, cause: 'external' }),
    });
    this.#turn.fire(routed);
    this.changes.push({ live, key: fingerprint, instance: instanceOf(routed) });
  }

  #liveOf({ ruleId }: RoutedAlert): LiveRule {
    for (const live of this.fresh.values()) if (live.rule.id === ruleId) return live;
    throw new TypeError(`there is no rule ${ruleId}`);
  }

  async #rule(name: string, severity: AlertRule['severity']): Promise<LiveRule> {
    const known = this.#owner.rule(name) ?? this.fresh.get(name);
    if (known) return known;
    const rule = externalRule(name, severity, this.#now);
    await insertRule(this.#turn.executor, toStored(rule), 'alertmanager');
    const live = liveRule(rule, this.#now, this.#owner.options.turns);
    this.fresh.set(name, live);
    return live;
  }
}

async function resolve(alert: RoutedAlert, reason: ResolveReason, turn: Turn): Promise<void> {
  const columns = { state: 'resolved', ended_at: turn.at, resolve_reason: reason, resolved_by: null };
  await updateEpisode(turn.executor, alert.id, columns);
  turn.event({
    id: newId(),
    rule_id: alert.ruleId,
    episode_id: alert.id,
    kind: 'resolved',
    at: turn.at,
    actor: null,
    detail: JSON.stringify({ value: null, severity: alert.severity, reason }),
  });
  turn.resolve({ ...alert, resolvedAt: turn.at });
}

function instanceOf(alert: RoutedAlert): Instance {
  const { startsAt, updatedAt, severity, fingerprint, labels, id, acknowledgement } = alert;
  const state: InstanceState = {
    name: 'firing',
    since: startsAt,
    startedAt: startsAt,
    heldMs: 0,
    observedAt: updatedAt,
    missing: null,
    value: null,
    peak: null,
    severity,
    reason: 'condition',
    closed: null,
  };
  return {
    fingerprint,
    identity: labels,
    state,
    episode: { id, startedAt: startsAt, firedAt: startsAt, acknowledgement },
  };
}

function episodeRow(alert: RoutedAlert, rule: AlertRule, now: number): StoredEpisode {
  return {
    id: alert.id,
    rule_id: rule.id,
    rule_name: rule.name,
    severity: alert.severity,
    service: serviceOfLabels(alert.labels),
    environment: environmentOf(alert.labels),
    fingerprint: alert.fingerprint,
    labels: JSON.stringify(alert.labels),
    state: 'firing',
    started_at: alert.startsAt,
    fired_at: now,
    ended_at: null,
    peak_value: null,
    last_value: null,
    threshold: null,
    acknowledged_by: null,
    acknowledged_at: null,
    acknowledged_until: null,
    resolved_by: null,
    resolve_reason: null,
    incident_id: null,
  };
}

function externalRule(name: string, severity: AlertRule['severity'], now: number): AlertRule {
  return {
    id: newId(),
    version: 1,
    createdAt: now,
    updatedAt: now,
    name,
    description: 'Raised by another program',
    severity,
    service: null,
    metric: null,
    query: null,
    operator: null,
    threshold: null,
    recoveryThreshold: null,
    thresholds: null,
    forMs: 0,
    keepFiringForMs: 0,
    intervalMs: 60_000,
    noData: 'keep_last',
    groupBy: null,
    labels: {},
    annotations: {},
    notify: null,
    enabled: true,
    endsAt: null,
    condition: { kind: 'external' },
    inferredFrom: null,
  };
}
