import { newId } from '../../lib/id.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, notFound, ServiceError } from '../../model/errors.ts';
import {
  type ControlStore,
  claimIdempotencyKey,
  deleteIdempotencyKeysBefore,
  deleteSeenSeries,
  findIdempotencyKey,
  insertRule,
  markRuleDeleted,
  updateRule,
} from '../../stores/control/index.ts';
import { type Choices, choiceIssues } from '../configuration/choices.ts';
import { adapt, endAll, endsBy } from '../evaluation/endings.ts';
import type { Journal } from '../evaluation/journal.ts';
import { type LiveRule, liveRule } from '../evaluation/live-rule.ts';
import type { RuleRunner } from '../evaluation/rule-runner.ts';
import type { AlertLinks } from '../kinds/composite/alert-links.ts';
import { kindOf } from '../kinds/registry.ts';
import type { KindSources } from '../kinds/rule-kind.ts';
import type { AlertForm, AlertRule } from './alert-rule.ts';
import { type AlertPatch, mergeForm, watchesOtherThings } from './merge-form.ts';
import { type PreparedRule, prepareRule } from './prepare-rule.ts';
import { type RuleVersion, readVersions } from './rule-versions.ts';
import { toStored } from './stored-rule.ts';

export interface RuleDeskOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  /** All rules by their ids; this changes it. */
  readonly rules: Map<string, LiveRule>;
  readonly runner: RuleRunner;
  readonly links: AlertLinks;
  readonly journal: Journal;
  readonly sources: KindSources;
  /** What rules can choose now. */
  readonly choices: () => Choices;
}

export interface CreateOptions {
  /** Who asks. */
  readonly by: string;
  /** The same key with the same request gives the same alert for 24 hours; with another request, a conflict. */
  readonly idempotency?: { readonly key: string; readonly requestHash: string };
}

const MOST_RULES = 10_000;
const DAY_MS = 86_400_000;
/** How long a query may take that is only tried. */
const TRIAL_MS = 5000;

/** Makes rules, changes them and takes them away: in the store first, then in memory, with what fires of them. */
export class RuleDesk {
  readonly #options: RuleDeskOptions;

  constructor(options: RuleDeskOptions) {
    this.#options = options;
  }

  /** Throws 404. */
  get(id: string): LiveRule {
    const live = this.#options.rules.get(id);
    if (!live) throw notFound(`there is no alert with the id ${id}`);
    return live;
  }

  /** Throws 422 naming what is wrong with the form, 409 for a used key. `created` is false for a repeated request. */
  async create(form: AlertForm, options: CreateOptions): Promise<{ live: LiveRule; created: boolean }> {
    const prepared = prepareRule(form, { directory: this.#options.links.directory() });
    this.checkChoices(prepared);
    await this.tryQuery(prepared);
    const rule = this.#firstVersion(prepared);
    const existing = await this.#insert(rule, options);
    if (existing !== undefined) return { live: this.get(existing), created: false };
    const live = liveRule(rule, rule.createdAt);
    this.#options.rules.set(rule.id, live);
    await this.#options.runner.takeUp(live);
    return { live, created: true };
  }

  #firstVersion(prepared: PreparedRule): AlertRule {
    if (this.#options.rules.size >= MOST_RULES)
      throw new ServiceError('conflict', `there are ${MOST_RULES} alerts already`);
    const now = this.#options.clock.now();
    return { ...prepared, id: newId(), version: 1, createdAt: now, updatedAt: now };
  }

  /** A rule of a file; its group evaluates it. */
  async add(prepared: PreparedRule, by: string): Promise<LiveRule> {
    const rule = this.#firstVersion(prepared);
    await this.#insert(rule, { by });
    const live = liveRule(rule, rule.createdAt);
    this.#options.rules.set(rule.id, live);
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
    const live = await this.revise(
      id,
      (rule) => mergeForm(rule, patch, this.#options.links.directory(rule)),
      by,
      version,
    );
    await this.#options.runner.takeUp(live);
    return live;
  }

  async revise(
    id: string,
    prepare: (rule: AlertRule) => PreparedRule,
    by: string,
    version?: number,
  ): Promise<LiveRule> {
    return await this.#change(this.get(id), async (current) => {
      const { rule } = current;
      if (version !== undefined && version !== rule.version) throw versionConflict(version, rule.version);
      const prepared = prepare(rule);
      if (JSON.stringify(prepared.notify) !== JSON.stringify(rule.notify)) this.checkChoices(prepared);
      if (watchesOtherThings(rule, prepared)) await this.tryQuery(prepared);
      const now = this.#options.clock.now();
      const { createdAt } = rule;
      const next: AlertRule = { ...prepared, id, version: rule.version + 1, createdAt, updatedAt: now };
      const reason = endsBy(rule, prepared);
      const changes = reason ? endAll(current, reason, now) : adapt(current, next, now);
      const occasion = { rule: reason ? rule : next, at: now, actor: by };
      await this.#options.journal.record(current, changes, occasion, async (executor) => {
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
    await this.drop(live, by);
  }

  async drop({ rule: { id } }: LiveRule, by: string): Promise<void> {
    await this.#change(this.get(id), async (live) => {
      const now = this.#options.clock.now();
      const changes = endAll(live, 'rule_deleted', now);
      await this.#options.journal.record(live, changes, { rule: live.rule, at: now, actor: by }, async (executor) => {
        await markRuleDeleted(executor, id, now);
        await deleteSeenSeries(executor, id);
      });
      live.isGone = true;
      this.#options.rules.delete(id);
      this.#options.links.refresh();
      this.#options.links.evaluated(id);
    });
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
    const live = await this.revise(id, () => earlier.rule, by);
    await this.#options.runner.takeUp(live);
    return live;
  }

  /** Throws 422 where the rule chooses what is not there. Left out: of what there is now. */
  checkChoices(prepared: PreparedRule, choices?: Choices): void {
    const issues = choiceIssues(prepared, choices ?? this.#options.choices());
    if (issues.length > 0) throw invalid(...issues);
  }

  /** Asks once. Only that the query is wrong counts: a store that is down does not make it so. */
  async tryQuery(prepared: PreparedRule): Promise<void> {
    const { condition, inferredFrom, metric, query, groupBy } = prepared;
    if (kindOf(condition).raisedBy !== 'data' || inferredFrom !== null) return;
    const now = this.#options.clock.now();
    const look = { now, timeoutMs: TRIAL_MS, groupBy, upSince: now, watchedSince: now, hasInstances: false };
    try {
      await kindOf(condition).ask(condition, look, this.#options.sources);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'invalid') return;
      if (error.issues.length > 0) throw error;
      const path = metric !== null ? 'metric' : query !== null ? 'query' : 'red';
      const issue = { path, message: error.message };
      throw new ServiceError('invalid', `${path}: ${error.message}`, { issues: [issue], cause: error });
    }
  }

  /** Holds the rule's turn with its evaluation out of the way; puts it back on the schedule, also after a failure. */
  async #change(live: LiveRule, work: (live: LiveRule) => Promise<void>): Promise<LiveRule> {
    this.#options.runner.remove(live.rule.id);
    try {
      await live.turns.run(() => work(alive(live)));
    } finally {
      this.#options.runner.schedule(live);
    }
    return live;
  }
}

/** The rule, unless it was deleted meanwhile. Throws 404. */
export function alive(live: LiveRule): LiveRule {
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
