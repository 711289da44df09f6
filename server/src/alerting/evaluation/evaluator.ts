import { ServiceError } from '../../model/errors.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import type { PromqlEngine } from '../../query/promql/index.ts';
import { step } from '../machine/step.ts';
import type { Change, Journal } from './journal.ts';
import { type LiveRule, machineRule } from './live-rule.ts';
import { type Outcome, observe } from './observe.ts';

export type QueryEngine = Pick<PromqlEngine, 'instant' | 'range'>;

export interface EvaluatorOptions {
  readonly engine: QueryEngine;
  readonly journal: Journal;
  readonly maxInstances: number;
  /** How far behind now rules look, so that late data are not an absence. Milliseconds. */
  readonly evaluationDelayMs: number;
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
    const { rule } = live;
    if (rule.condition.kind === 'manual') return this.#evaluateManual(live, now);
    if (rule.condition.kind === 'external') return;
    const outcome = await this.#ask(rule.condition.query, rule.intervalMs, now, signal);
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
      const result = step(before?.state, observation, machine, now);
      changes.push({ key, identity, before, result, annotations: annotationsOf?.(key) });
    }
    await this.#options.journal.record(live, changes, { rule, at: now });
    live.health = evaluation.health;
    live.lastError = evaluation.error;
    live.emptyEvaluations = evaluation.emptyEvaluations;
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

  async #ask(query: string, intervalMs: number, now: number, signal: AbortSignal): Promise<Outcome> {
    const timeoutMs = Math.min(QUERY_TIMEOUT_MS.most, Math.max(QUERY_TIMEOUT_MS.least, intervalMs));
    try {
      return await askOnce(this.#options.engine, query, now - this.#options.evaluationDelayMs, { signal, timeoutMs });
    } catch (error) {
      return { kind: 'error', message: errorText(error) };
    }
  }
}

/** Runs a rule's query. A scalar is a vector of one without labels. Rejects with what the engine says. */
export async function askOnce(
  engine: QueryEngine,
  query: string,
  time: number,
  { signal, timeoutMs }: { readonly signal?: AbortSignal; readonly timeoutMs: number },
): Promise<Outcome> {
  const { result } = await engine.instant(query, time, { signal, limits: { timeoutMs } });
  if (result.type === 'vector') return { kind: 'data', samples: result.samples };
  if (result.type === 'scalar') return { kind: 'data', samples: [{ labels: {}, value: result.value }] };
  throw new ServiceError('invalid', `an alert needs one value for each label set; this query gives a ${result.type}`);
}

function errorText(error: unknown): string {
  return error instanceof ServiceError ? error.message : 'the query failed; the log of the service says more';
}
