import { Serial } from '../lib/serial.ts';
import type { Clock } from '../model/clock.ts';
import { ServiceError } from '../model/errors.ts';
import type { Logger } from '../model/logger.ts';
import type { TimeRange } from '../model/time-range.ts';
import { type ControlStore, listOpenEscalations, saveInstances, saveMark } from '../stores/control/index.ts';
import type { ConfiguredRouting } from './alertmanager-config/config.ts';
import { backtest } from './backtest/backtest.ts';
import { peopleTold } from './backtest/people.ts';
import { routeFirings, toldBy } from './backtest/told.ts';
import type { Choices } from './configuration/choices.ts';
import { ConfiguredAlerting } from './configuration/configured-alerting.ts';
import type { VersionSource } from './deploys/deploy-watch.ts';
import { type Escalation, fromStoredEscalation } from './escalation/escalation.ts';
import { EscalationDesk } from './escalation/escalation-desk.ts';
import { type CrashPoint, EscalationSweep } from './escalation/escalation-sweep.ts';
import { lintPolicy, type PolicyLint } from './escalation/lint-policy.ts';
import type { EscalationPolicy } from './escalation/policy.ts';
import { EscalationPolicyBook } from './escalation/policy-book.ts';
import { resolveTargets } from './escalation/recipients.ts';
import { usersOfPolicy } from './escalation/users-of-policy.ts';
import { endAll } from './evaluation/endings.ts';
import { Evaluator } from './evaluation/evaluator.ts';
import { instanceRow, Journal } from './evaluation/journal.ts';
import { type LiveRule, ruleState } from './evaluation/live-rule.ts';
import { RuleRunner } from './evaluation/rule-runner.ts';
import { Scheduler } from './evaluation/scheduler.ts';
import type { ExternalAlert } from './external/external-alert.ts';
import { ExternalAlerts } from './external/external-alerts.ts';
import { suppressionKeys } from './grouping/decide.ts';
import { Dispatcher } from './grouping/dispatcher.ts';
import { acknowledgeFiring, firingOf, type HandAction } from './hand-actions.ts';
import { HeartbeatBook } from './heartbeats/heartbeat-book.ts';
import { type EpisodeRecord, type HistoryFilter, listHistory } from './history.ts';
import { Housekeeping } from './housekeeping.ts';
import { type ConfiguredCorrelation, DEFAULT_CORRELATION } from './incidents/correlation-rule.ts';
import { IncidentActions } from './incidents/incident-actions.ts';
import { type DependencySource, IncidentBook } from './incidents/incident-book.ts';
import { AlertLinks } from './kinds/composite/alert-links.ts';
import { kindOf } from './kinds/registry.ts';
import type { KindSources } from './kinds/rule-kind.ts';
import { MaintenanceBook } from './maintenance/maintenance-book.ts';
import type { EnqueuedNotification, NotificationCentre } from './notices/notification-centre.ts';
import { testNotice } from './notices/test-notice.ts';
import { OnCallBook } from './on-call/on-call-book.ts';
import { ProvisionedAlerts } from './provisioning/provisioned-alerts.ts';
import { ALIVE_MARK, restoreRules } from './restore.ts';
import { RoutingBook } from './routing/routing-book.ts';
import type { ConfiguredRules } from './rule-files/configured-rules.ts';
import { RuleFileBook } from './rule-groups/rule-file-book.ts';
import { RuleGroups, type RuleSink } from './rule-groups/rule-groups.ts';
import type { AlertForm } from './rules/alert-rule.ts';
import type { AlertPatch } from './rules/merge-form.ts';
import { type PreparedRule, prepareRule } from './rules/prepare-rule.ts';
import { alive, type CreateOptions, RuleDesk } from './rules/rule-desk.ts';
import type { RuleVersion } from './rules/rule-versions.ts';
import { deliveryFindings, escalationFindings } from './self-monitor/self-checks.ts';
import { type SelfFinding, SelfMonitor } from './self-monitor/self-monitor.ts';
import { SilenceBook } from './silences/silence-book.ts';

export interface AlertingOptions {
  readonly store: ControlStore;
  readonly engine: KindSources['promql'];
  /** Where rules on other data than metrics read; left out: there are none of their kinds. */
  readonly sources?: Pick<KindSources, 'logs' | 'red' | 'sql'>;
  readonly notifications: NotificationCentre;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Base of the links in notifications. */
  readonly publicUrl: string;
  /** How far behind now rules look, milliseconds. Default 0: metrics are there as soon as they were accepted. */
  readonly evaluationDelayMs?: number;
  /** Ended episodes are forgotten after this time. Default: a year. */
  readonly historyRetentionMs?: number;
  /** Most instances of one rule. Default 500. */
  readonly maxInstances?: number;
  /** Who hears of what, by the configuration file; left out: what the API has set, else the default recipients. */
  readonly routing?: ConfiguredRouting | undefined;
  /** Which alerts are one incident, by the configuration file. */
  readonly correlation?: ConfiguredCorrelation | undefined;
  /** Who calls whom, for incidents; left out: nothing is known of it. */
  readonly dependencies?: DependencySource | undefined;
  /** Which versions of services run, for deploys; left out: nothing is known of it. */
  readonly versions?: VersionSource | undefined;
  /** Rule files of the configuration, and where what their rules make is written; left out: there are none. */
  readonly rules?: { readonly configured: ConfiguredRules; readonly sink: RuleSink } | undefined;
  /** Those of the configuration file. */
  readonly escalationPolicies?: readonly EscalationPolicy[];
  /** True: alerts that fire and end again and again are told of once, then held. Default: false. */
  readonly detectFlapping?: boolean;
  /** Messages to one receiver within a minute; what is more is told together. Default: 200. */
  readonly mostMessages?: number | undefined;
  /** Set: the service watches itself; what is wrong with other parts of it. */
  readonly selfChecks?: (() => readonly SelfFinding[]) | undefined;
  /** For tests of crashes, see `EscalationSweep`. */
  readonly crashPoint?: (label: CrashPoint) => void;
  /** Evaluations at the same time. Default 4. */
  readonly concurrency?: number;
}

const NO_RULES: ConfiguredRules = { files: [], intervalMs: 60_000, queryOffsetMs: 0, externalLabels: {} };
const NO_SINK: RuleSink = { writeSamples: async () => undefined };
/** Alerts: rules, their states, their history. Everything that must survive is in the control store. */
export class Alerting {
  readonly #options: AlertingOptions;
  readonly #journal: Journal;
  readonly #scheduler: Scheduler;
  readonly #rules = new Map<string, LiveRule>();
  readonly #externalTurns = new Serial();
  readonly #external: ExternalAlerts;
  readonly #sources: KindSources;
  readonly #links: AlertLinks;
  #upSince = 0;
  readonly #dispatcher: Dispatcher;
  readonly #routing: RoutingBook;
  readonly silences: SilenceBook;
  readonly maintenance: MaintenanceBook;
  readonly onCall: OnCallBook;
  readonly escalationPolicies: EscalationPolicyBook;
  readonly #escalation: EscalationSweep;
  readonly incidents: IncidentBook;
  readonly heartbeats: HeartbeatBook;
  readonly #selfMonitor: SelfMonitor | undefined;
  /** What people do to incidents, and to what fires. */
  readonly byHand: IncidentActions;
  readonly ruleGroups: RuleGroups;
  readonly ruleFiles: RuleFileBook;
  readonly provisioned: ProvisionedAlerts;
  readonly configuration: ConfiguredAlerting;
  readonly #runner: RuleRunner;
  readonly #desk: RuleDesk;
  readonly #housekeeping: Housekeeping;

  constructor(options: AlertingOptions) {
    this.#options = options;
    const { clock, logger, concurrency = 4, maxInstances = 500, evaluationDelayMs = 0 } = options;
    const { store, notifications, publicUrl } = options;
    this.silences = new SilenceBook(store, () => this.#dispatcher.lookAgain());
    this.maintenance = new MaintenanceBook(store, () => this.#dispatcher.lookAgain());
    this.onCall = new OnCallBook(store);
    this.escalationPolicies = new EscalationPolicyBook(store, options.escalationPolicies ?? [], (policy) =>
      usersOfPolicy(policy, [...this.#rules.values()], this.#routing.routing()),
    );
    this.incidents = new IncidentBook(store, options.correlation ?? DEFAULT_CORRELATION);
    const isPolicy = (reference: string) => this.escalationPolicies.find(reference) !== undefined;
    this.#routing = new RoutingBook({ store, logger, file: options.routing, isPolicy });
    const suppressors = { silences: this.silences, maintenance: this.maintenance };
    const escalations = new EscalationDesk({
      ...{ policies: this.escalationPolicies, incidents: this.incidents.table, notifications, publicUrl },
      findAlert: (id) => this.#dispatcher.table.alerts.get(id),
      threadsOf: (id) => this.#dispatcher.threadsOf(id),
    });
    this.#dispatcher = new Dispatcher(
      {
        detectFlapping: options.detectFlapping ?? false,
        mostMessages: options.mostMessages,
        store,
        notifications,
        escalations,
        clock,
        logger,
        publicUrl,
        suppressors,
        incidents: this.incidents.table,
      },
      this.#routing.routing(),
    );
    const { onCall } = this;
    const paging = { store, notifications, onCall, clock, logger, publicUrl, crashPoint: options.crashPoint };
    this.#escalation = new EscalationSweep({ ...paging, dispatcher: this.#dispatcher });
    this.#external = new ExternalAlerts({
      dispatcher: this.#dispatcher,
      clock,
      logger,
      rules: this.#rules,
      turns: this.#externalTurns,
      resolveTimeoutMs: () => this.#routing.resolveTimeoutMs,
    });
    const post = (alerts: readonly ExternalAlert[]) => this.#external.post(alerts);
    this.heartbeats = new HeartbeatBook({
      ...{ store, clock, logger, post },
      firing: (fingerprint) => this.#dispatcher.table.external.get(fingerprint),
      isPolicy: (id) => this.escalationPolicies.list().some((policy) => policy.id === id),
    });
    this.#selfMonitor =
      options.selfChecks &&
      new SelfMonitor({
        ...{ clock, logger, post },
        firing: () => this.#dispatcher.table.external.values(),
        defaultChannels: () => notifications.defaultChannels,
        checks: [
          { name: 'deliveries', look: async () => deliveryFindings(await notifications.deliveryHealth()) },
          { name: 'escalations', look: () => escalationFindings(store, clock.now()) },
          { name: 'telemetry', look: async () => options.selfChecks!() },
        ],
      });
    this.#journal = new Journal({ dispatcher: this.#dispatcher, publicUrl });
    this.#links = new AlertLinks(this.#rules, (id) => void this.#scheduler.runNow(id));
    this.#sources = {
      ...{ promql: options.engine, ...options.sources, firing: (id) => this.#links.firing(id) },
      pastFiring: (id, range) => this.#links.pastFiring(store.db, id, range),
    };
    const evaluator = new Evaluator({
      sources: this.#sources,
      upSince: () => this.#upSince,
      journal: this.#journal,
      maxInstances,
      evaluationDelayMs,
    });
    this.#scheduler = new Scheduler({ clock, logger, concurrency });
    this.#runner = new RuleRunner({
      ...{ clock, evaluator, scheduler: this.#scheduler, links: this.#links },
      onAllSeen: () => this.#dispatcher.release(),
    });
    this.#desk = new RuleDesk({
      ...{ store, clock, rules: this.#rules, runner: this.#runner, links: this.#links, journal: this.#journal },
      sources: this.#sources,
      choices: () => this.#choices(),
    });
    this.#housekeeping = new Housekeeping({
      ...{ store, notifications, publicUrl, rules: this.#rules, external: this.#external },
      ...{ dispatcher: this.#dispatcher, incidents: this.incidents, silences: this.silences },
      historyRetentionMs: options.historyRetentionMs,
      dependencies: options.dependencies,
      versions: options.versions,
      remove: (id) => this.#desk.remove(id, 'retention'),
    });
    this.byHand = new IncidentActions({
      ...{ incidents: this.incidents, dispatcher: this.#dispatcher, journal: this.#journal, rules: this.#rules },
      ...{ store, notifications, clock, publicUrl, interrupt: (id) => this.#scheduler.interrupt(id) },
    });
    this.ruleGroups = new RuleGroups({
      engine: options.engine,
      sink: options.rules?.sink ?? NO_SINK,
      scheduler: this.#scheduler,
      clock,
      logger,
      externalUrl: publicUrl,
      evaluateAlert: (live, outcome, found, now) => this.#runner.evaluateFileAlert(live, outcome, found, now),
    });
    const alerts = {
      list: () => [...this.#rules.values()],
      add: (prepared: PreparedRule, by: string) => this.#desk.add(prepared, by),
      change: async (live: LiveRule, prepared: PreparedRule, by: string) =>
        void (await this.#desk.revise(live.rule.id, () => prepared, by)),
      drop: (live: LiveRule, by: string) => this.#desk.drop(live, by),
    };
    this.ruleFiles = new RuleFileBook({
      store,
      groups: this.ruleGroups,
      configured: options.rules?.configured ?? NO_RULES,
      alerts,
    });
    this.provisioned = new ProvisionedAlerts({
      ...alerts,
      prepare: (form, among) => {
        const prepared = prepareRule(form, { directory: among?.directory ?? this.#links.directory() });
        this.#desk.checkChoices(prepared, among?.choices);
        return prepared;
      },
      add: async (prepared, by) => void this.#runner.schedule(await this.#desk.add(prepared, by)),
    });
    this.configuration = new ConfiguredAlerting({
      ...{ routing: this.#routing, dispatcher: this.#dispatcher, policies: this.escalationPolicies },
      ...{ incidents: this.incidents, ruleFiles: this.ruleFiles, provisioned: this.provisioned },
    });
  }

  /** Takes up where the last process left off, and starts evaluating. */
  async start(): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.now();
    this.#upSince = now;
    await this.#routing.load();
    for (const { path, message } of this.#routing.config?.warnings ?? []) {
      this.#options.logger.warn({ path }, `alert routing: ${path}: ${message}`);
    }
    await this.silences.load();
    await this.maintenance.load(now);
    await this.onCall.load();
    await this.escalationPolicies.load();
    await this.incidents.load();
    await this.heartbeats.load();
    for (const live of await restoreRules(store.db, now, this.#externalTurns)) this.#rules.set(live.rule.id, live);
    this.#links.refresh();
    await this.#dispatcher.start(this.#routing.routing());
    this.#external.start();
    for (const live of this.#rules.values()) if (this.#runner.schedule(live)) this.#runner.expect(live);
    await this.ruleFiles.load();
    for (const { path, message } of this.configuration.problems) {
      this.#options.logger.warn({ path }, `alert routing: ${path}: ${message}`);
    }
    for (const live of this.#rules.values()) {
      if (live.rule.origin && live.rule.enabled) this.#runner.expect(live);
    }
    this.#runner.expectNoMore();
    this.#escalation.start();
    this.heartbeats.start();
    this.#selfMonitor?.start();
    this.#housekeeping.start(this.#scheduler);
  }

  /** Ends running evaluations and stores what is known, so that the next start loses nothing. */
  async stop(): Promise<void> {
    await this.#scheduler.stop();
    await this.#escalation.stop();
    await this.heartbeats.stop();
    await this.#selfMonitor?.stop();
    await this.#external.stop();
    await this.#dispatcher.stop();
    const { store, clock } = this.#options;
    const now = clock.now();
    await store.transaction(async (executor) => {
      for (const { rule, instances } of this.#rules.values()) {
        // What others raise is stored with each word of theirs.
        const kept = [...instances.values()].filter(
          ({ episode }) => kindOf(rule.condition).raisedBy !== 'sender' || !episode,
        );
        await saveInstances(
          executor,
          kept.map((instance) => instanceRow(rule.id, instance, now)),
        );
      }
      await saveMark(executor, ALIVE_MARK, now);
    });
  }

  /** All alerts, newest first. */
  list(): LiveRule[] {
    return [...this.#rules.values()].sort((a, b) => (a.rule.id < b.rule.id ? 1 : -1));
  }

  /** Throws 404. */
  get(id: string): LiveRule {
    return this.#desk.get(id);
  }

  /** As of `RuleDesk`, like the four below. */
  create(form: AlertForm, options: CreateOptions): Promise<{ live: LiveRule; created: boolean }> {
    return this.#desk.create(form, options);
  }

  update(id: string, patch: AlertPatch, by: string, version?: number): Promise<LiveRule> {
    return this.#desk.update(id, patch, by, version);
  }

  remove(id: string, by: string): Promise<void> {
    return this.#desk.remove(id, by);
  }

  versions(id: string): Promise<RuleVersion[]> {
    return this.#desk.versions(id);
  }

  restore(id: string, version: number, by: string): Promise<LiveRule> {
    return this.#desk.restore(id, version, by);
  }

  /** What a form would have done over stored history, and who would have heard of it. Throws 422, as `create`. */
  async preview(form: AlertForm, range: TimeRange, timeZone: string, signal: AbortSignal) {
    const { maxInstances = 500 } = this.#options;
    const prepared = prepareRule(form, { directory: this.#links.directory() });
    this.#desk.checkChoices(prepared);
    await this.#desk.tryQuery(prepared);
    const tested = await backtest(prepared, range, { sources: this.#sources, maxInstances, signal });
    const { routing } = this.#dispatcher;
    const firings = routeFirings(prepared, tested.episodes, routing);
    const people = peopleTold(firings, {
      ...{ onCall: this.onCall, routing, timeZone, end: range.end },
      findPolicy: (reference) => this.escalationPolicies.find(reference),
      defaultUsers: this.#options.notifications.defaultUsers,
    });
    return { ...tested, told: toldBy(firings, timeZone), people };
  }

  /** Somebody takes care of what fires. Throws 404, 409 where nothing fires. */
  async acknowledge(id: string, action: HandAction): Promise<LiveRule> {
    const live = this.get(id);
    this.#scheduler.interrupt(id);
    await live.turns.run(async () => {
      const firing = firingOf([alive(live)]);
      if (firing.length === 0) throw nothingFires(live);
      await acknowledgeFiring(this.#dispatcher, firing, action, this.#options.clock.now());
    });
    return live;
  }

  /** Ends what fires; it stays closed until the condition was clear once, or until `until`. Throws 404, 409. */
  async resolve(id: string, { by, note, until }: HandAction): Promise<LiveRule> {
    const live = this.get(id);
    this.#scheduler.interrupt(id);
    await live.turns.run(async () => {
      const now = this.#options.clock.now();
      const changes = endAll(alive(live), 'resolved_by_hand', now, { until });
      if (!changes.some(({ result }) => result.transition?.kind === 'resolved')) throw nothingFires(live);
      const occasion = { rule: live.rule, at: now, actor: by, ...(note !== undefined && { note }) };
      await this.#journal.record(live, changes, occasion);
    });
    return live;
  }

  /** Nobody hears of what fires until then; what still fires then is told once more. Throws 404, 409. */
  async snooze(id: string, action: HandAction & { readonly until: number }): Promise<LiveRule> {
    const live = this.get(id);
    if (!(await this.byHand.snoozeAlerts({ ruleId: id }, action))) throw nothingFires(live);
    return live;
  }

  /** Sends a notification that is marked as a test to those who would hear of the alert. Throws 404. */
  async test(id: string): Promise<EnqueuedNotification> {
    const { store, notifications, publicUrl, clock } = this.#options;
    const { routing } = this.#dispatcher;
    const now = clock.now();
    const live = this.get(id);
    const policy = this.escalationPolicies.find(live.rule.notify?.escalationPolicyId ?? '');
    const first = policy && resolveTargets(policy.steps[0]!.targets, { onCall: this.onCall, routing }, now);
    const request = testNotice(live, routing, publicUrl, now, first?.recipients);
    const sent = await store.transaction((executor) => notifications.enqueue(executor, request));
    notifications.wake();
    return sent;
  }

  /** Takes over what another program says of its alerts; what is wrong with those that could not be taken. */
  async postAlerts(alerts: readonly ExternalAlert[]): Promise<readonly string[]> {
    return this.#external.post(await this.heartbeats.hear(alerts));
  }

  /** What would keep a policy from reaching somebody. Throws 404. */
  lintPolicy(id: string): Promise<PolicyLint[]> {
    const { notifications, clock } = this.#options;
    const context = { onCall: this.onCall, routing: this.#dispatcher.routing, notifications };
    return lintPolicy(this.escalationPolicies.get(id), context, clock.now());
  }

  /** Escalations that are not over, newest first; of one incident alone where it is given. */
  async escalations(limit: number, incidentId?: string): Promise<Escalation[]> {
    return (await listOpenEscalations(this.#options.store.db, limit, incidentId)).map(fromStoredEscalation);
  }

  /** What keeps an episode from being told, such as `silence:<id>`; empty where nothing does. */
  suppressedBy(episodeId: string): string[] {
    const alert = this.#dispatcher.table.alerts.get(episodeId);
    if (!alert || alert.resolvedAt !== null) return [];
    return suppressionKeys(this.#dispatcher.suppressionsOf(alert, this.#options.clock.now()));
  }

  /** What fires, with its ways and what suppresses it. */
  get dispatcher(): Dispatcher {
    return this.#dispatcher;
  }

  get routing(): RoutingBook {
    return this.#routing;
  }

  /** Sets who hears of what. Throws 422 naming every mistake, 409 where the configuration file decides. */
  async setRouting(source: string, by: string): Promise<void> {
    await this.#routing.replace(source, by, this.#options.clock.now());
    await this.#dispatcher.reroute(this.#routing.routing());
  }

  /** Back to the default recipients. Throws 409 where the configuration file decides. */
  async resetRouting(): Promise<void> {
    await this.#routing.remove();
    await this.#dispatcher.reroute(this.#routing.routing());
  }

  /** Episodes, newest first, of living and deleted rules. */
  history(filter: HistoryFilter): Promise<EpisodeRecord[]> {
    return listHistory(this.#options.store.db, filter, this.#rules);
  }

  stats() {
    const states = { inactive: 0, pending: 0, firing: 0, recovering: 0 };
    for (const live of this.#rules.values()) states[ruleState(live)]++;
    const { busy, ...scheduler } = this.#scheduler.stats();
    const alsoBusy =
      this.#dispatcher.busy +
      [this.#external, this.#escalation, this.heartbeats, this.#selfMonitor].filter((part) => part?.busy).length;
    return {
      rules: this.#rules.size,
      states,
      evaluationFailures: this.#runner.failures,
      ...scheduler,
      busy: busy + alsoBusy,
    };
  }

  #choices(): Choices {
    const policies = this.escalationPolicies.list();
    const isPolicy = (reference: string) => policies.some(({ id }) => id === reference);
    return { receivers: this.#dispatcher.routing.receivers, isPolicy };
  }
}

function nothingFires(live: LiveRule): ServiceError {
  return new ServiceError('conflict', `nothing fires of the alert ${live.rule.name}`);
}
