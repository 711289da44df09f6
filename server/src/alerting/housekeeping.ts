import {
  type ControlStore,
  deleteEpisodesBefore,
  deleteEscalationsBefore,
  deleteForgottenRules,
  deleteIdempotencyKeysBefore,
  saveMark,
} from '../stores/control/index.ts';
import { DeployWatch, type VersionSource } from './deploys/deploy-watch.ts';
import type { LiveRule } from './evaluation/live-rule.ts';
import type { Scheduler } from './evaluation/scheduler.ts';
import type { ExternalAlerts } from './external/external-alerts.ts';
import type { Dispatcher } from './grouping/dispatcher.ts';
import type { DependencySource, IncidentBook } from './incidents/incident-book.ts';
import type { NotificationCentre } from './notices/notification-centre.ts';
import { ALIVE_MARK } from './restore.ts';
import { expiryNotice, isEndingSoon } from './silences/expiry-notice.ts';
import type { SilenceBook } from './silences/silence-book.ts';

export interface HousekeepingOptions {
  readonly store: ControlStore;
  readonly notifications: NotificationCentre;
  readonly publicUrl: string;
  readonly historyRetentionMs: number | undefined;
  readonly dependencies: DependencySource | undefined;
  /** Which versions of services run, for deploys. */
  readonly versions: VersionSource | undefined;
  readonly rules: ReadonlyMap<string, LiveRule>;
  readonly dispatcher: Dispatcher;
  readonly incidents: IncidentBook;
  readonly silences: SilenceBook;
  readonly external: ExternalAlerts;
  /** Takes away an alert of other programs of which nothing was heard for long. */
  readonly remove: (ruleId: string) => Promise<void>;
}

const DAY_MS = 86_400_000;
const MARK_EVERY_MS = 15_000;
const PRUNE_EVERY_MS = 3_600_000;
const REMIND_EVERY_MS = 60_000;
const SWEEP_EVERY_MS = 15_000;
const LEARN_EVERY_MS = 60_000;

/** What alerting does from time to time besides looking at rules. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(scheduler: Scheduler): void {
    const { dependencies, versions, incidents, store, notifications } = this.#options;
    scheduler.add({ id: 'alerting.mark', intervalMs: MARK_EVERY_MS, run: (now) => this.#mark(now) });
    scheduler.add({ id: 'alerting.prune', intervalMs: PRUNE_EVERY_MS, run: (now) => this.#prune(now) });
    scheduler.add({ id: 'alerting.incidents', intervalMs: SWEEP_EVERY_MS, run: (now) => this.#sweep(now) });
    scheduler.add({ id: 'alerting.silences', intervalMs: REMIND_EVERY_MS, run: (now) => this.#remind(now) });
    if (dependencies) {
      const run = (now: number, signal: AbortSignal) => incidents.learn(dependencies, now, signal);
      scheduler.add({ id: 'alerting.dependencies', intervalMs: LEARN_EVERY_MS, run });
    }
    if (versions) {
      const deploys = new DeployWatch(store, notifications.annotations);
      const run = async (now: number) => void (await deploys.look(versions, now));
      scheduler.add({ id: 'alerting.deploys', intervalMs: LEARN_EVERY_MS, run });
    }
  }

  async #mark(now: number): Promise<void> {
    const remembers = [...this.#options.rules.values()].some(
      ({ instances, seen }) => instances.size > 0 || seen.size > 0,
    );
    if (remembers) await saveMark(this.#options.store.db, ALIVE_MARK, now);
  }

  /** What of incidents ends with the time. */
  async #sweep(now: number): Promise<void> {
    if (!this.#options.incidents.table.hasEnded(now)) return;
    await this.#options.dispatcher.record(now, async () => this.#options.incidents.table.sweep(now));
  }

  /** Tells those who made them of silences that end soon and are still needed. */
  async #remind(now: number): Promise<void> {
    const { notifications, publicUrl } = this.#options;
    for (const silence of this.#options.silences.list()) {
      if (!isEndingSoon(silence, now)) continue;
      const alerts = [...this.#options.dispatcher.table.alerts.values()];
      const count = alerts.filter((one) => one.resolvedAt === null && silence.matchers.matches(one.labels)).length;
      if (count === 0) continue;
      const notice = expiryNotice(silence, count, publicUrl.replace(/\/$/, ''));
      await this.#options.silences.remind(silence, now, (executor) => notifications.enqueue(executor, notice));
      notifications.wake();
    }
  }

  async #prune(now: number): Promise<void> {
    const { store, historyRetentionMs = 365 * DAY_MS } = this.#options;
    const limit = 200;
    await this.#options.silences.prune(now);
    await this.#options.dispatcher.pruneFlaps(now);
    await deleteEscalationsBefore(store.db, now - historyRetentionMs);
    for (const { rule } of this.#options.external.forgotten(now)) await this.#options.remove(rule.id);
    const prune = () =>
      store.transaction((executor) => deleteEpisodesBefore(executor, now - historyRetentionMs, limit));
    while ((await prune()) === limit);
    await this.#options.incidents.prune(now - historyRetentionMs);
    await store.transaction((executor) => deleteForgottenRules(executor, now - historyRetentionMs));
    await deleteIdempotencyKeysBefore(store.db, now - DAY_MS);
  }
}
