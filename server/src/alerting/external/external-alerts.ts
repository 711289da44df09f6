import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Serial } from '../../lib/serial.ts';
import type { Clock, Timer } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { LiveRule } from '../evaluation/live-rule.ts';
import type { Dispatcher } from '../grouping/dispatcher.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import { kindOf } from '../kinds/registry.ts';
import type { ExternalAlert } from './external-alert.ts';
import { ExternalInstance, resolveExternal } from './external-rows.ts';
import { Taking } from './taking.ts';

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

const MOST_NAMES = 5000;
/** Names beyond the most, and alerts without a name, are under this one. */
const OTHERS = 'Alerts of other programs';
/** Alerts of one transaction; posts that come together share one. */
const MOST_TOGETHER = 1000;
const FORGOTTEN_MS = 86_400_000;
const RETRY_MS = 1000;
/** Turns of the event loop without another post after which those that are there are stored. */
const TURNS_TO_GATHER = 3;
/** Posts after which nothing more is waited for. */
const MOST_POSTS = 16;

/**
 * Alerts that other programs raise: each name is an alert of ours, each label set an instance, each time that one fires
 * an episode. They end when their sender says so or speaks of them no more.
 */
export class ExternalAlerts {
  readonly #options: ExternalAlertsOptions;
  readonly #byName = new Map<string, LiveRule>();
  #posts: Post[] = [];
  #isPumping = false;
  /** Parts that are being stored. */
  #storing = 0;
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
      if (kindOf(live.rule.condition).raisedBy === 'sender') this.#byName.set(live.rule.name, live);
    for (const alert of dispatcher.table.external.values()) {
      const live = rules.get(alert.ruleId);
      live?.instances.set(alert.fingerprint, new ExternalInstance(alert));
    }
    this.#arm();
  }

  /** True while posts wait to be stored. */
  get busy(): boolean {
    return this.#isPumping || this.#storing > 0 || this.#isExpiring;
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
    await this.#options.turns.ended();
  }

  /** Ends what its sender speaks of no more. Time in which nobody could speak to us does not count. */
  async #expire(now: number): Promise<void> {
    const { dispatcher, turns } = this.#options;
    await turns.run(async () => {
      const over = [...dispatcher.table.external.values()].filter((alert) => now >= this.#endOf(alert));
      for (let start = 0; start < over.length; start += MOST_TOGETHER) {
        const part = over.slice(start, start + MOST_TOGETHER);
        const work = async (turn: Turn) => {
          for (const alert of part) resolveExternal(alert, alert.isTimeout ? 'timeout' : 'ended', turn);
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
      await this.#gather();
      const posts: Post[] = [];
      let size = 0;
      while (this.#posts.length > 0 && (posts.length === 0 || size + this.#posts[0]!.alerts.length <= MOST_TOGETHER)) {
        const post = this.#posts.shift()!;
        size += post.alerts.length;
        posts.push(post);
      }
      await this.#store(posts);
    }
    this.#isPumping = false;
  }

  /** Waits until no more posts come in, or enough are there. */
  async #gather(): Promise<void> {
    let [seen, quiet] = [this.#posts.length, 0];
    while (quiet < TURNS_TO_GATHER && this.#posts.length < MOST_POSTS) {
      await nextTurn();
      quiet = this.#posts.length > seen ? 0 : quiet + 1;
      seen = this.#posts.length;
    }
  }

  /** Resolves when the next posts may be stored; these are answered when they are on disk. */
  #store(posts: readonly Post[]): Promise<void> {
    this.#storing++;
    return new Promise((resolve) => {
      const stored = this.#options.turns.run((free) =>
        this.#take(posts, () => {
          free();
          resolve();
        }),
      );
      const answered = stored.then(
        (errors) => {
          for (const [index, post] of posts.entries()) post.done(errors[index]!);
        },
        (error) => {
          for (const post of posts) post.failed(error);
        },
      );
      void answered.finally(() => {
        this.#storing--;
        resolve();
      });
    });
  }

  async #take(posts: readonly Post[], committed: () => void): Promise<string[][]> {
    const { dispatcher, clock, rules, turns, resolveTimeoutMs } = this.#options;
    const now = clock.now();
    const work = async (turn: Turn) => {
      const taking = new Taking(turn, now, {
        table: dispatcher.table,
        rules,
        turns,
        resolveTimeoutMs: resolveTimeoutMs(),
        rule: (name) => this.#rule(name),
        nameOf: (labels) => this.#nameOf(labels),
      });
      const errors: string[][] = [];
      for (const { alerts } of posts) {
        const wrong: string[] = [];
        for (const alert of alerts) {
          try {
            const pending = taking.take(alert);
            if (pending) await pending;
          } catch (error) {
            if (!(error instanceof Error) || error.name !== 'Error') throw error;
            wrong.push(error.message);
          }
        }
        errors.push(wrong);
      }
      return { errors, taking };
    };
    const apply = ({ taking }: { readonly taking: Taking }) => {
      this.#apply(taking, now);
      committed();
    };
    return (await dispatcher.record(now, work, { committed: apply })).errors;
  }

  /** Memory follows the store. */
  #apply(taking: Taking, now: number): void {
    const { rules } = this.#options;
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
  }

  #rule(name: string): LiveRule | undefined {
    const live = this.#byName.get(name);
    return live?.isGone ? undefined : live;
  }

  /** The name under which an alert runs. */
  #nameOf({ alertname }: ExternalAlert['labels']): string {
    if (!alertname) return OTHERS;
    return this.#byName.has(alertname) || this.#byName.size < MOST_NAMES ? alertname.slice(0, 200) : OTHERS;
  }
}
