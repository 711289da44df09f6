import { ServiceError } from '../../model/errors.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import { type Executor, saveSeenSeries } from '../../stores/control/index.ts';
import { kindOf } from '../kinds/registry.ts';
import type { KindSources } from '../kinds/rule-kind.ts';
import { step } from '../machine/step.ts';
import type { Change, Journal } from './journal.ts';
import { HEALTH_LABEL, type LiveRule, machineRule, seenRow } from './live-rule.ts';
import { type Outcome, OWN_KEY, observe } from './observe.ts';

export interface EvaluatorOptions {
  readonly sources: KindSources;
  readonly journal: Journal;
  readonly maxInstances: number;
  /** How far behind now rules look, so that late data are not an absence. Milliseconds. */
  readonly evaluationDelayMs: number;
  /** Since when data come in, Unix milliseconds. */
  readonly upSince: () => number;
}

/** A query of a rule is given up after its interval, but not sooner than this and not later than that. */
const QUERY_TIMEOUT_MS = { least: 5000, most: 30_000 };

/** Looks at one rule once: asks, judges, steps, and records what has changed. */
export class Evaluator {
  readonly #options: EvaluatorOptions;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /** Rejects where the changes could not be stored; the next evaluation then finds them again. */
  async evaluate(live: LiveRule, now: number, signal: AbortSignal): Promise<void> {
    const { raisedBy } = kindOf(live.rule.condition);
    if (raisedBy === 'person') return this.#evaluateManual(live, now);
    if (raisedBy === 'sender') return;
    const outcome = await this.#ask(live, now, signal);
    if (signal.aborted) return;
    await this.apply(live, outcome, now);
  }

  /** What a query gave, taken through the state machine. `annotationsOf`: those of a label set, where they are known. */
  async apply(
    live: LiveRule,
    outcome: Outcome,
    now: number,
    annotationsOf?: (key: string) => Labels | undefined,
  ): Promise<void> {
    const { rule } = live;
    const evaluation = observe(live, outcome, now, { maxInstances: this.#options.maxInstances });
    const machine = machineRule(rule);
    const changes: Change[] = [];
    for (const [key, { identity, observation }] of evaluation.observations) {
      const before = live.instances.get(key);
      const isOfHealth = identity[HEALTH_LABEL] !== undefined;
      // The rule has failed often enough already.
      const rules = isOfHealth ? { ...machine, forMs: 0, keepFiringForMs: 0 } : machine;
      const result = step(before?.state, observation, rules, now);
      const annotations = isOfHealth ? healthAnnotations(rule.annotations, evaluation.error) : annotationsOf?.(key);
      changes.push({ key, identity, before, result, annotations });
    }
    await this.#options.journal.record(live, changes, { rule, at: now }, savingSeen(live));
    live.unsavedSeen.clear();
    live.health = evaluation.health;
    live.lastError = evaluation.error;
    live.emptyEvaluations = evaluation.emptyEvaluations;
    live.failedEvaluations = evaluation.failedEvaluations;
    live.lastEvaluatedAt = now;
  }

  /** Somebody raised it: it fires until its end, or until somebody closes it. */
  async #evaluateManual(live: LiveRule, now: number): Promise<void> {
    const { rule } = live;
    const identity = {};
    const key = labelsKey(identity);
    const before = live.instances.get(key);
    const isOver = rule.endsAt !== null && now >= rule.endsAt;
    const { severity } = rule;
    const result = isOver
      ? step(before?.state, { kind: 'end', reason: 'ended' }, machineRule(rule), now)
      : step(before?.state, { kind: 'breaching', value: null, severity, reason: 'condition' }, machineRule(rule), now);
    await this.#options.journal.record(live, [{ key, identity, before, result }], { rule, at: now });
    live.health = 'ok';
    live.lastError = null;
    live.lastEvaluatedAt = now;
  }

  async #ask(live: LiveRule, now: number, signal: AbortSignal): Promise<Outcome> {
    const { sources, evaluationDelayMs, upSince } = this.#options;
    const { condition, intervalMs, groupBy } = live.rule;
    const timeoutMs = Math.min(QUERY_TIMEOUT_MS.most, Math.max(QUERY_TIMEOUT_MS.least, intervalMs));
    const look = {
      now: now - evaluationDelayMs,
      signal,
      timeoutMs,
      groupBy,
      upSince: upSince(),
      watchedSince: live.watchedSince,
      hasInstances: [...live.instances.keys()].some((key) => key !== OWN_KEY),
    };
    try {
      return { kind: 'data', ...(await kindOf(condition).ask(condition, look, sources)) };
    } catch (error) {
      return { kind: 'error', message: errorText(error) };
    }
  }
}

/** Stores what is new about label sets whose silence is to fire. */
function savingSeen({ rule, seen, unsavedSeen }: LiveRule): ((executor: Executor) => Promise<void>) | undefined {
  if (unsavedSeen.size === 0) return undefined;
  const rows = [...unsavedSeen].map((key) => seenRow(rule.id, seen.get(key)!));
  return (executor) => saveSeenSeries(executor, rows);
}

function healthAnnotations(annotations: Labels, error: string | null): Labels {
  const { runbook_url: runbook } = annotations;
  const summary = error === null ? 'The rule is evaluated again' : `The rule cannot be evaluated: ${error}`;
  return { summary, ...(runbook !== undefined && { runbook_url: runbook }) };
}

function errorText(error: unknown): string {
  return error instanceof ServiceError ? error.message : 'the query failed; the log of the service says more';
}
