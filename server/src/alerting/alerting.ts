import { newId } from '../lib/id.ts';
import { Serial } from '../lib/serial.ts';
import type { Clock } from '../model/clock.ts';
import { invalid, notFound, ServiceError } from '../model/errors.ts';
import { labelsKey } from '../model/labels.ts';
import type { Logger } from '../model/logger.ts';
import type { TimeRange } from '../model/time-range.ts';
import {
  type ControlStore,
  claimIdempotencyKey,
  deleteEpisodesBefore,
  deleteEscalationsBefore,
  deleteForgottenRules,
  deleteIdempotencyKeysBefore,
  deleteSeenSeries,
  findIdempotencyKey,
  insertRule,
  listOpenEscalations,
  markRuleDeleted,
  saveInstances,
  saveMark,
  updateRule,
} from '../stores/control/index.ts';
import type { ConfiguredRouting } from './alertmanager-config/config.ts';
import { backtest } from './backtest/backtest.ts';
import { toldBy } from './backtest/told.ts';
import { type Choices, choiceIssues } from './configuration/choices.ts';
import { ConfiguredAlerting } from './configuration/configured-alerting.ts';
import { DeployWatch, type VersionSource } from './deploys/deploy-watch.ts';
import { type Escalation, fromStoredEscalation } from './escalation/escalation.ts';
import { EscalationDesk } from './escalation/escalation-desk.ts';
import { type CrashPoint, EscalationSweep } from './escalation/escalation-sweep.ts';
import { lintPolicy, type PolicyLint } from './escalation/lint-policy.ts';
import type { EscalationPolicy } from './escalation/policy.ts';
import { EscalationPolicyBook } from './escalation/policy-book.ts';
import { resolveTargets } from './escalation/recipients.ts';
import { usersOfPolicy } from './escalation/users-of-policy.ts';
import { endAll, endsBy, regradeAll } from './evaluation/endings.ts';
import { Evaluator } from './evaluation/evaluator.ts';
import { instanceRow, Journal } from './evaluation/journal.ts';
import { type LiveRule, liveRule, ruleState } from './evaluation/live-rule.ts';
import type { Outcome } from './evaluation/observe.ts';
import { Scheduler } from './evaluation/scheduler.ts';
import type { ExternalAlert } from './external/external-alert.ts';
import { ExternalAlerts } from './external/external-alerts.ts';
import { suppressionKeys } from './grouping/decide.ts';
import { Dispatcher } from './grouping/dispatcher.ts';
import { acknowledgeFiring, firingOf, type HandAction } from './hand-actions.ts';
import { HeartbeatBook } from './heartbeats/heartbeat-book.ts';
import { type EpisodeRecord, type HistoryFilter, listHistory } from './history.ts';
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
import type { FoundAlert } from './rule-groups/ask-rule.ts';
import { RuleFileBook } from './rule-groups/rule-file-book.ts';
import { RuleGroups, type RuleSink } from './rule-groups/rule-groups.ts';
import type { AlertForm, AlertRule } from './rules/alert-rule.ts';
import { type AlertPatch, mergeForm, watchesOtherThings } from './rules/merge-form.ts';
import { type PreparedRule, prepareRule } from './rules/prepare-rule.ts';
import { type RuleVersion, readVersions } from './rules/rule-versions.ts';
import { toStored } from './rules/stored-rule.ts';
import { deliveryFindings } from './self-monitor/self-checks.ts';
import { type SelfFinding, SelfMonitor } from './self-monitor/self-monitor.ts';
import { expiryNotice, isEndingSoon } from './silences/expiry-notice.ts';
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

export interface CreateOptions {
  /** Who asks. */
  readonly by: string;
  /** The same key with the same request gives the same alert for 24 hours; with another request, a conflict. */
  readonly idempotency?: { readonly key: string; readonly requestHash: string };
}

const NO_RULES: ConfiguredRules = { files: [], intervalMs: 60_000, queryOffsetMs: 0, externalLabels: {} };
const NO_SINK: RuleSink = { writeSamples: async () => undefined };
const MOST_RULES = 10_000;
const DAY_MS = 86_400_000;
const MARK_EVERY_MS = 15_000;
const PRUNE_EVERY_MS = 3_600_000;
const REMIND_EVERY_MS = 60_000;
const SWEEP_EVERY_MS = 15_000;
const LEARN_EVERY_MS = 60_000;
/** How long a new or changed alert may take to show its first state in the answer. */
const FIRST_LOOK_MS = 3000;
/** How long a query may take that is only tried. */
const TRIAL_MS = 5000;

/** Alerts: rules, their states, their history. Everything that must survive is in the control store. */
export class Alerting {
  readonly #options: AlertingOptions;
  readonly #journal: Journal;
  readonly #evaluator: Evaluator;
  readonly #scheduler: Scheduler;
  readonly #rules = new Map<string, LiveRule>();
  /** Rules that were not looked at since the start: what they would find may inhibit. */
  readonly #unseen = new Set<string>();
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
  #failures = 0;

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
        check: async () => [...deliveryFindings(await notifications.deliveryHealth()), ...options.selfChecks!()],
      });
    this.#journal = new Journal({ dispatcher: this.#dispatcher, publicUrl });
    this.#links = new AlertLinks(this.#rules, (id) => void this.#scheduler.runNow(id));
    this.#sources = {
      ...{ promql: options.engine, ...options.sources, firing: (id) => this.#links.firing(id) },
      pastFiring: (id, range) => this.#links.pastFiring(store.db, id, range),
    };
    this.#evaluator = new Evaluator({
      sources: this.#sources,
      upSince: () => this.#upSince,
      journal: this.#journal,
      maxInstances,
      evaluationDelayMs,
    });
    this.#scheduler = new Scheduler({ clock, logger, concurrency });
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
      evaluateAlert: (live, outcome, found, now) => this.#evaluateFileAlert(live, outcome, found, now),
    });
    const alerts = {
      list: () => [...this.#rules.values()],
      add: (prepared: PreparedRule, by: string) => this.#add(prepared, by),
      change: async (live: LiveRule, prepared: PreparedRule, by: string) =>
        void (await this.#revise(live.rule.id, () => prepared, by)),
      drop: (live: LiveRule, by: string) => this.#drop(live, by),
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
        this.#checkChoices(prepared, among?.choices);
        return prepared;
      },
      add: async (prepared, by) => void this.#schedule(await this.#add(prepared, by)),
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
    for (const live of this.#rules.values()) {
      if (this.#schedule(live)) this.#unseen.add(live.rule.id);
    }
    await this.ruleFiles.load();
    for (const { path, message } of this.configuration.problems) {
      this.#options.logger.warn({ path }, `alert routing: ${path}: ${message}`);
    }
    for (const { rule } of this.#rules.values()) if (rule.origin && rule.enabled) this.#unseen.add(rule.id);
    if (this.#unseen.size === 0) this.#dispatcher.release();
    this.#escalation.start();
    this.heartbeats.start();
    this.#selfMonitor?.start();
    this.#scheduler.add({ id: 'alerting.mark', intervalMs: MARK_EVERY_MS, run: (now) => this.#mark(now) });
    this.#scheduler.add({ id: 'alerting.prune', intervalMs: PRUNE_EVERY_MS, run: (now) => this.#prune(now) });
    this.#scheduler.add({ id: 'alerting.incidents', intervalMs: SWEEP_EVERY_MS, run: (at) => this.#sweep(at) });
    const { dependencies, versions, notifications } = this.#options;
    if (dependencies) {
      const run = (at: number, signal: AbortSignal) => this.incidents.learn(dependencies, at, signal);
      this.#scheduler.add({ id: 'alerting.dependencies', intervalMs: LEARN_EVERY_MS, run });
    }
    if (versions) {
      const deploys = new DeployWatch(store, notifications.annotations);
      const run = async (at: number, signal: AbortSignal) => void (await deploys.look(versions, at, signal));
      this.#scheduler.add({ id: 'alerting.deploys', intervalMs: LEARN_EVERY_MS, run });
    }
    this.#scheduler.add({ id: 'alerting.silences', intervalMs: REMIND_EVERY_MS, run: (at) => this.#remind(at) });
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
    const live = this.#rules.get(id);
    if (!live) throw notFound(`there is no alert with the id ${id}`);
    return live;
  }

  /** Throws 422 naming what is wrong with the form, 409 for a used key. `created` is false for a repeated request. */
  async create(form: AlertForm, options: CreateOptions): Promise<{ live: LiveRule; created: boolean }> {
    const prepared = prepareRule(form, { directory: this.#links.directory() });
    this.#checkChoices(prepared);
    await this.#tryQuery(prepared);
    const rule = this.#firstVersion(prepared);
    const existing = await this.#insert(rule, options);
    if (existing !== undefined) return { live: this.get(existing), created: false };
    const live = liveRule(rule, rule.createdAt);
    this.#rules.set(rule.id, live);
    await this.#takeUp(live);
    return { live, created: true };
  }

  #firstVersion(prepared: PreparedRule): AlertRule {
    if (this.#rules.size >= MOST_RULES) throw new ServiceError('conflict', `there are ${MOST_RULES} alerts already`);
    const now = this.#options.clock.now();
    return { ...prepared, id: newId(), version: 1, createdAt: now, updatedAt: now };
  }

  /** A rule of a file; its group evaluates it. */
  async #add(prepared: PreparedRule, by: string): Promise<LiveRule> {
    const rule = this.#firstVersion(prepared);
    await this.#insert(rule, { by });
    const live = liveRule(rule, rule.createdAt);
    this.#rules.set(rule.id, live);
    return live;
  }

  /** Stores the rule; the id of the alert that the idempotency key stands for already, or `undefined`. */
  async #insert(rule: AlertRule, { by, idempotency }: CreateOptions): Promise<string | undefined> {
    return this.#options.store.transaction(async (executor) => {
      if (idempotency) {
        const { requestHash: request_hash, key } = idempotency;
        const entry = { key, request_hash, rule_id: rule.id, created_at: rule.createdAt };
        await deleteIdempotencyKeysBefore(executor, rule.createdAt - DAY_MS);
        if (!(await claimIdempotencyKey(executor, entry))) {
          const earlier = await findIdempotencyKey(executor, key);
          if (earlier?.request_hash === request_hash) return earlier.rule_id;
          throw new ServiceError('conflict', 'this Idempotency-Key was used for another request');
        }
      }
      await insertRule(executor, toStored(rule), by);
      return undefined;
    });
  }

  /** Changes the named fields, at once. Throws 404, 409 where `version` is not the present one, 422. */
  async update(id: string, patch: AlertPatch, by: string, version?: number): Promise<LiveRule> {
    const live = await this.#revise(id, (rule) => mergeForm(rule, patch, this.#links.directory(rule)), by, version);
    await this.#takeUp(live);
    return live;
  }

  async #revise(
    id: string,
    prepare: (rule: AlertRule) => PreparedRule,
    by: string,
    version?: number,
  ): Promise<LiveRule> {
    return await this.#change(this.get(id), async (current) => {
      const { rule } = current;
      if (version !== undefined && version !== rule.version) throw versionConflict(version, rule.version);
      const prepared = prepare(rule);
      if (JSON.stringify(prepared.notify) !== JSON.stringify(rule.notify)) this.#checkChoices(prepared);
      if (watchesOtherThings(rule, prepared)) await this.#tryQuery(prepared);
      const now = this.#options.clock.now();
      const { createdAt } = rule;
      const next: AlertRule = { ...prepared, id, version: rule.version + 1, createdAt, updatedAt: now };
      const reason = endsBy(rule, prepared);
      const changes = reason ? endAll(current, reason, now) : regradeAll(current, next);
      const occasion = { rule: reason ? rule : next, at: now, actor: by };
      await this.#journal.record(current, changes, occasion, async (executor) => {
        if (!(await updateRule(executor, toStored(next), by))) throw versionConflict(rule.version, undefined);
        if (reason || next.seriesNoData !== 'fire') await deleteSeenSeries(executor, id);
      });
      current.rule = next;
      if (next.seriesNoData !== 'fire') forgetSeen(current);
      if (reason) forget(current, now);
    });
  }

  /** Resolves what fires and takes the rule away; its history stays. Throws 404, 409 where a rule file has it. */
  async remove(id: string, by: string): Promise<void> {
    const live = this.get(id);
    const { origin, provisioned } = live.rule;
    const decides = origin ? `the rule file ${origin.file}` : provisioned && 'the configuration file';
    if (decides) throw new ServiceError('conflict', `${decides} has this alert: take it away there`);
    await this.#drop(live, by);
  }

  async #drop({ rule: { id } }: LiveRule, by: string): Promise<void> {
    await this.#change(this.get(id), async (live) => {
      const now = this.#options.clock.now();
      const changes = endAll(live, 'rule_deleted', now);
      await this.#journal.record(live, changes, { rule: live.rule, at: now, actor: by }, async (executor) => {
        await markRuleDeleted(executor, id, now);
        await deleteSeenSeries(executor, id);
      });
      live.isGone = true;
      this.#rules.delete(id);
      this.#links.refresh();
      this.#links.evaluated(id);
    });
  }

  /** What a form would have done over stored history, and who would have heard of it. Throws 422, as `create`. */
  async preview(form: AlertForm, range: TimeRange, timeZone: string, signal: AbortSignal) {
    const { maxInstances = 500 } = this.#options;
    const prepared = prepareRule(form, { directory: this.#links.directory() });
    this.#checkChoices(prepared);
    await this.#tryQuery(prepared);
    const tested = await backtest(prepared, range, { sources: this.#sources, maxInstances, signal });
    return { ...tested, told: toldBy(prepared, tested.episodes, this.#dispatcher.routing, timeZone) };
  }

  /** Every version of a rule, newest first. Throws 404. */
  versions(id: string): Promise<RuleVersion[]> {
    return readVersions(this.#options.store.db, this.get(id).rule.id);
  }

  /** Makes a rule what it was in a version, as a new version. Throws 404, 409 where others decide what it is. */
  async restore(id: string, version: number, by: string): Promise<LiveRule> {
    const { rule } = this.get(id);
    if (rule.origin || rule.provisioned || kindOf(rule.condition).raisedBy === 'sender') {
      throw new ServiceError('conflict', 'what this alert is comes from elsewhere: it cannot be set back here');
    }
    const earlier = (await this.versions(id)).find((each) => each.version === version);
    if (!earlier) throw notFound(`the alert has no version ${version}`);
    const live = await this.#revise(id, () => earlier.rule, by);
    await this.#takeUp(live);
    return live;
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
      evaluationFailures: this.#failures,
      ...scheduler,
      busy: busy + alsoBusy,
    };
  }

  /** Holds the rule's turn with its evaluation out of the way; puts it back on the schedule, also after a failure. */
  async #change(live: LiveRule, work: (live: LiveRule) => Promise<void>): Promise<LiveRule> {
    this.#scheduler.remove(live.rule.id);
    try {
      await live.turns.run(() => work(alive(live)));
    } finally {
      this.#schedule(live);
    }
    return live;
  }

  /** True where the rule is to be looked at. */
  #schedule(live: LiveRule): boolean {
    const { rule } = live;
    if (live.isGone || !rule.enabled || rule.origin) return false;
    if (kindOf(rule.condition).raisedBy === 'sender') return false;
    this.#scheduler.add({
      id: rule.id,
      intervalMs: rule.intervalMs,
      alsoAt: rule.endsAt,
      onMissed: (turns) => {
        live.missedEvaluations += turns;
      },
      run: (now, signal) =>
        live.turns.run(async () => {
          if (live.isGone || signal.aborted) return;
          try {
            await this.#evaluator.evaluate(live, now, signal);
            this.#seen(live);
          } catch (error) {
            this.#failures++;
            live.health = 'error';
            live.lastError = 'what the evaluation found could not be stored; it is tried again';
            throw error;
          }
        }),
    });
    return true;
  }

  /** What the query of a rule file's alert gave. */
  async #evaluateFileAlert(live: LiveRule, outcome: Outcome, found: readonly FoundAlert[], now: number): Promise<void> {
    const annotations = new Map(found.map((alert) => [labelsKey(alert.labels), alert.annotations]));
    await live.turns.run(async () => {
      if (live.isGone) return;
      await this.#evaluator.apply(live, outcome, now, (key) => annotations.get(key));
    });
    this.#seen(live);
  }

  #seen({ rule }: LiveRule): void {
    this.#links.evaluated(rule.id);
    if (this.#unseen.delete(rule.id) && this.#unseen.size === 0) this.#dispatcher.release();
  }

  /** Evaluates a new or changed rule at once, so that the answer can show what came of it; gives up waiting soon. */
  async #takeUp(live: LiveRule): Promise<void> {
    this.#links.refresh();
    this.#schedule(live);
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.setTimer(FIRST_LOOK_MS, resolve);
    await Promise.race([this.#scheduler.runNow(live.rule.id), patience]);
    timer.cancel();
  }

  #checkChoices(prepared: PreparedRule, choices?: Choices): void {
    const issues = choiceIssues(prepared, choices ?? this.#choices());
    if (issues.length > 0) throw invalid(...issues);
  }

  #choices(): Choices {
    const policies = this.escalationPolicies.list();
    const isPolicy = (reference: string) => policies.some(({ id }) => id === reference);
    return { receivers: this.#dispatcher.routing.receivers, isPolicy };
  }

  /** Asks once. Only that the query is wrong counts: a store that is down does not make it so. */
  async #tryQuery(prepared: PreparedRule): Promise<void> {
    const { condition, inferredFrom, metric, query, groupBy } = prepared;
    if (kindOf(condition).raisedBy !== 'data' || inferredFrom !== null) return;
    const now = this.#options.clock.now();
    const look = { now, timeoutMs: TRIAL_MS, groupBy, upSince: now, watchedSince: now, hasInstances: false };
    try {
      await kindOf(condition).ask(condition, look, this.#sources);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'invalid') return;
      if (error.issues.length > 0) throw error;
      const path = metric !== null ? 'metric' : query !== null ? 'query' : 'red';
      const issue = { path, message: error.message };
      throw new ServiceError('invalid', `${path}: ${error.message}`, { issues: [issue], cause: error });
    }
  }

  async #mark(now: number): Promise<void> {
    const remembers = [...this.#rules.values()].some(({ instances, seen }) => instances.size > 0 || seen.size > 0);
    if (remembers) await saveMark(this.#options.store.db, ALIVE_MARK, now);
  }

  /** What of incidents ends with the time. */
  async #sweep(now: number): Promise<void> {
    if (!this.incidents.table.hasEnded(now)) return;
    await this.#dispatcher.record(now, async () => this.incidents.table.sweep(now));
  }

  /** Tells those who made them of silences that end soon and are still needed. */
  async #remind(now: number): Promise<void> {
    const { notifications, publicUrl } = this.#options;
    for (const silence of this.silences.list()) {
      if (!isEndingSoon(silence, now)) continue;
      const alerts = [...this.#dispatcher.table.alerts.values()];
      const count = alerts.filter((one) => one.resolvedAt === null && silence.matchers.matches(one.labels)).length;
      if (count === 0) continue;
      const notice = expiryNotice(silence, count, publicUrl.replace(/\/$/, ''));
      await this.silences.remind(silence, now, (executor) => notifications.enqueue(executor, notice));
      notifications.wake();
    }
  }

  async #prune(now: number): Promise<void> {
    const { store, historyRetentionMs = 365 * DAY_MS } = this.#options;
    const limit = 200;
    await this.silences.prune(now);
    await this.#dispatcher.pruneFlaps(now);
    await deleteEscalationsBefore(store.db, now - historyRetentionMs);
    for (const { rule } of this.#external.forgotten(now)) await this.remove(rule.id, 'retention');
    const prune = () =>
      store.transaction((executor) => deleteEpisodesBefore(executor, now - historyRetentionMs, limit));
    while ((await prune()) === limit);
    await this.incidents.prune(now - historyRetentionMs);
    await store.transaction((executor) => deleteForgottenRules(executor, now - historyRetentionMs));
    await deleteIdempotencyKeysBefore(store.db, now - DAY_MS);
  }
}

function alive(live: LiveRule): LiveRule {
  if (live.isGone) throw notFound(`there is no alert with the id ${live.rule.id}`);
  return live;
}

/** What was known of a rule that watches something else now. */
function forget(live: LiveRule, now: number): void {
  forgetSeen(live);
  const fresh = { health: 'unknown', emptyEvaluations: 0, failedEvaluations: 0, lastError: null };
  Object.assign(live, { watchedSince: now, ...fresh });
}

function forgetSeen({ seen, unsavedSeen }: LiveRule): void {
  seen.clear();
  unsavedSeen.clear();
}

function versionConflict(given: number, present: number | undefined): ServiceError {
  const newest = present === undefined ? 'changed meanwhile' : `at version ${present}`;
  return new ServiceError('conflict', `the alert is ${newest}, not at version ${given}: read it again`);
}

function nothingFires(live: LiveRule): ServiceError {
  return new ServiceError('conflict', `nothing fires of the alert ${live.rule.name}`);
}
