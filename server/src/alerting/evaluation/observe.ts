import { type Labels, labelsKey, METRIC_NAME } from '../../model/labels.ts';
import { compareSeverity, type Severity } from '../../model/severity.ts';
import type { InstanceState } from '../machine/instance-state.ts';
import type { Observation } from '../machine/step.ts';
import type { AlertRule } from '../rules/alert-rule.ts';
import { isLowerWorse, judge } from '../rules/judge.ts';
import { type Health, type LiveRule, MISSING_TOLERANCE } from './live-rule.ts';

/** What a query gave. */
export type Outcome =
  | { readonly kind: 'data'; readonly samples: readonly { readonly labels: Labels; readonly value: number }[] }
  | { readonly kind: 'error'; readonly message: string };

interface Observed {
  readonly identity: Labels;
  readonly observation: Observation;
}

export interface Evaluation {
  /** By `labelsKey` of the identity. What is neither known nor in breach is left out. */
  readonly observations: ReadonlyMap<string, Observed>;
  readonly health: Health;
  readonly error: string | null;
  readonly emptyEvaluations: number;
}

export interface ObserveOptions {
  /** Most instances of one rule at once. */
  readonly maxInstances: number;
}

/** A label set that went missing while others of the rule are there is taken for gone after this time. */
const GONE_AFTER_MS = 3_600_000;
/** For so long after the start, silence says nothing: senders need a moment to find their way back. */
const GRACE_MS = 60_000;
/** Stands for the label sets beyond the most that a rule may have. */
const OVERFLOW: Labels = { alert_overflow: 'true' };
const OVERFLOW_KEY = labelsKey(OVERFLOW);
const OWN_LABELS: Labels = {};
const OWN_KEY = labelsKey(OWN_LABELS);

/** The severity that a rule gives to the worst that an instance has seen. */
export function severityUnder(rule: AlertRule, key: string, { peak, reason }: InstanceState): Severity {
  const { condition, severity } = rule;
  if (condition.kind !== 'threshold' || key === OVERFLOW_KEY || reason === 'no_data' || peak === null) return severity;
  const judged = judge(peak, condition);
  return judged.kind === 'breaching' ? judged.severity : condition.levels.at(-1)!.severity;
}

/** Turns the outcome of a query into one observation for each label set of interest. */
export function observe(live: LiveRule, outcome: Outcome, now: number, options: ObserveOptions): Evaluation {
  if (outcome.kind === 'error') {
    return { ...forAll(live, { kind: 'error' }), health: 'error', error: outcome.message };
  }
  const samples = outcome.samples.filter(({ value }) => !Number.isNaN(value));
  if (samples.length === 0 && live.rule.condition.kind === 'threshold') return withoutData(live, now);
  const { observations, omitted } = judgeSamples(live, samples, options.maxInstances);
  observeAbsent(live, observations, now);
  const error = omitted > 0 ? `${omitted} more label sets match than the ${options.maxInstances} that are kept` : null;
  return { observations, health: 'ok', error, emptyEvaluations: 0 };
}

function forAll(live: LiveRule, observation: Observation): Pick<Evaluation, 'observations' | 'emptyEvaluations'> {
  const observations = new Map<string, Observed>();
  for (const [key, { identity }] of live.instances) observations.set(key, { identity, observation });
  return { observations, emptyEvaluations: live.emptyEvaluations };
}

/** The query worked and found nothing: the rule's policy says what that means, once it is no passing gap. */
function withoutData(live: LiveRule, now: number): Evaluation {
  const emptyEvaluations = live.emptyEvaluations + 1;
  const lasts = emptyEvaluations > MISSING_TOLERANCE;
  const answer = { health: 'no_data' as const, error: null };
  if (live.rule.noData === 'resolve' && lasts && !isInGrace(live, now)) {
    return { ...forAll(live, { kind: 'clear', value: null, reason: 'no_data' }), ...answer, emptyEvaluations };
  }
  const { observations } = forAll(live, { kind: 'missing' });
  if (live.rule.noData !== 'fire' || !lasts) return { observations, ...answer, emptyEvaluations };
  const { severity } = live.rule;
  const breach: Observation = { kind: 'breaching', value: null, severity, reason: 'no_data' };
  const all = new Map(observations).set(OWN_KEY, { identity: OWN_LABELS, observation: breach });
  return { observations: all, ...answer, emptyEvaluations };
}

function isInGrace(live: LiveRule, now: number): boolean {
  return now - live.watchedSince < Math.max(GRACE_MS, 2 * live.rule.intervalMs);
}

interface Judged {
  readonly observations: Map<string, Observed>;
  readonly omitted: number;
}

function judgeSamples(
  live: LiveRule,
  samples: readonly { readonly labels: Labels; readonly value: number }[],
  maxInstances: number,
): Judged {
  const known = new Map<string, Observed>();
  const fresh = new Map<string, Observed>();
  for (const { labels, value } of samples) {
    const observation = judgeOne(live.rule, value);
    if (observation.kind !== 'breaching' && live.instances.size === 0) continue;
    const identity = identityOf(live.rule, labels);
    const key = labelsKey(identity);
    const target = live.instances.has(key) ? known : fresh;
    if (target === fresh && observation.kind !== 'breaching') continue;
    const other = target.get(key);
    if (!other || isWorse(observation, other.observation, live.rule)) target.set(key, { identity, observation });
  }
  const omitted = keepWorst(live, known, fresh, maxInstances);
  const observations = new Map([...known, ...fresh]);
  if (omitted > 0) {
    const observation: Observation = { ...breachOf(live.rule, omitted), severity: live.rule.severity };
    observations.set(OVERFLOW_KEY, { identity: OVERFLOW, observation });
  }
  return { observations, omitted };
}

/**
 * Leaves of the fresh ones those that have a place: a free one, or that of a known one which is milder and ends by it.
 * Answers how many there is no place for.
 */
function keepWorst(live: LiveRule, known: Map<string, Observed>, fresh: Map<string, Observed>, most: number): number {
  const taken = live.instances.size - (live.instances.has(OVERFLOW_KEY) ? 1 : 0);
  const excess = Math.max(0, taken + fresh.size - most);
  if (excess === 0) return 0;
  const mildestFirst = (a: Contender, b: Contender) =>
    isWorse(a.observation, b.observation, live.rule)
      ? 1
      : isWorse(b.observation, a.observation, live.rule)
        ? -1
        : Number(a.isKnown) - Number(b.isKnown);
  const contenders = [...contendersOf(known, true), ...contendersOf(fresh, false)]
    .filter(({ key }) => !live.instances.get(key)?.state.closed)
    .sort(mildestFirst);
  for (const { key, isKnown } of contenders.slice(0, excess)) {
    if (isKnown) known.set(key, { ...known.get(key)!, observation: { kind: 'end', reason: 'displaced' } });
    else fresh.delete(key);
  }
  return excess;
}

interface Contender {
  readonly key: string;
  readonly observation: Observation;
  readonly isKnown: boolean;
}

/** What has recovered gives its place back by itself. */
function contendersOf(observed: ReadonlyMap<string, Observed>, isKnown: boolean): Contender[] {
  return [...observed]
    .filter(([, { observation }]) => observation.kind !== 'clear')
    .map(([key, { observation }]) => ({ key, observation, isKnown }));
}

function identityOf(rule: AlertRule, labels: Labels): Labels {
  const names = rule.groupBy ?? Object.keys(labels);
  const identity: Record<string, string> = {};
  for (const name of names) {
    const value = labels[name];
    if (name !== METRIC_NAME && value) identity[name] = value;
  }
  return identity;
}

function judgeOne(rule: AlertRule, value: number): Observation {
  return rule.condition.kind === 'threshold' ? judge(value, rule.condition) : breachOf(rule, value);
}

function breachOf(rule: AlertRule, value: number): Extract<Observation, { kind: 'breaching' }> {
  return { kind: 'breaching', value, severity: rule.severity, reason: 'condition' };
}

const WEIGHT: Readonly<Record<string, number>> = { breaching: 2, between: 1 };

/** Where several series share one identity, the worst speaks for all. */
function isWorse(a: Observation, b: Observation, rule: AlertRule): boolean {
  const difference = (WEIGHT[a.kind] ?? 0) - (WEIGHT[b.kind] ?? 0);
  if (difference !== 0) return difference > 0;
  if (a.kind === 'breaching' && b.kind === 'breaching' && a.severity !== b.severity) {
    return compareSeverity(a.severity, b.severity) > 0;
  }
  return badness(a, rule) > badness(b, rule);
}

function badness(observation: Observation, rule: AlertRule): number {
  const value = 'value' in observation ? (observation.value ?? 0) : 0;
  return isLowerWorse(rule.condition) ? -value : value;
}

/** Instances that the query was silent about although it had something to say. */
function observeAbsent(live: LiveRule, observations: Map<string, Observed>, now: number): void {
  for (const [key, { identity, state }] of live.instances) {
    if (observations.has(key)) continue;
    const { missing, reason } = state;
    const isGone = missing !== null && missing.count > MISSING_TOLERANCE && now - missing.since >= GONE_AFTER_MS;
    let observation: Observation = isGone ? { kind: 'end', reason: 'series_gone' } : { kind: 'missing' };
    // What began under our eyes needs no grace: its data were there.
    const isOlder = state.startedAt < live.watchedSince;
    if (live.rule.condition.kind === 'presence' && !(isOlder && isInGrace(live, now))) observation = CLEAR;
    // Data are back, or the storm is over.
    if (reason === 'no_data' || key === OVERFLOW_KEY) observation = CLEAR;
    observations.set(key, { identity, observation });
  }
}

const CLEAR: Observation = { kind: 'clear', value: null, reason: 'recovered' };
