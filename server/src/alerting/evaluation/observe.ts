import { type Labels, labelsKey, METRIC_NAME } from '../../model/labels.ts';
import { compareSeverity, type Severity } from '../../model/severity.ts';
import type { Found } from '../kinds/rule-kind.ts';
import type { InstanceState } from '../machine/instance-state.ts';
import type { Observation } from '../machine/step.ts';
import type { AlertRule } from '../rules/alert-rule.ts';
import { isLowerWorse, judge } from '../rules/judge.ts';
import { HEALTH_LABEL, type Health, type LiveRule } from './live-rule.ts';

/** What a query gave. */
export type Outcome =
  | (Found & { readonly kind: 'data' })
  /** `labels`: those of the rule, where it has them elsewhere than in `labels`. */
  | { readonly kind: 'error'; readonly message: string; readonly labels?: Labels };

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
  readonly failedEvaluations: number;
}

export interface ObserveOptions {
  /** Most instances of one rule at once. */
  readonly maxInstances: number;
}

/** A rule that failed so often in a row tells of it. */
const FAILURES_TO_TELL = 3;
/** Label sets that are remembered so that their silence can fire. */
const MOST_SEEN = 10_000;
/** For so long after the start, silence says nothing: senders need a moment to find their way back. */
const GRACE_MS = 60_000;
/** Stands for the label sets beyond the most that a rule may have. */
const OVERFLOW: Labels = { alert_overflow: 'true' };
const OVERFLOW_KEY = labelsKey(OVERFLOW);
const OWN_LABELS: Labels = {};
export const OWN_KEY = labelsKey(OWN_LABELS);

/** The severity that a rule gives to the worst that an instance has seen. */
export function severityUnder(rule: AlertRule, key: string, { peak, reason }: InstanceState): Severity {
  const { severity } = rule;
  const { comparison } = rule.condition;
  if (!comparison || key === OVERFLOW_KEY || reason !== 'condition' || peak === null) return severity;
  const judged = judge(peak, comparison);
  return judged.kind === 'breaching' ? judged.severity : comparison.levels.at(-1)!.severity;
}

/** Turns the outcome of a query into one observation for each label set of interest. */
export function observe(live: LiveRule, outcome: Outcome, now: number, options: ObserveOptions): Evaluation {
  if (outcome.kind === 'error') return withFailure(live, outcome, now);
  const samples = outcome.samples.filter(({ value }) => !Number.isNaN(value));
  const { absent = 'missing' } = outcome;
  const isEmpty = samples.length === 0 && absent === 'missing' && live.rule.condition.comparison !== null;
  if (isEmpty) return withoutData(live, now);
  const { observations, omitted } = judgeSamples(live, samples, options.maxInstances);
  observeAbsent(live, observations, absent, now);
  if (live.rule.seriesNoData === 'fire' && absent === 'missing') observeSilent(live, samples, observations, now);
  const error = omitted > 0 ? `${omitted} more label sets match than the ${options.maxInstances} that are kept` : null;
  return { observations, health: 'ok', error, emptyEvaluations: 0, failedEvaluations: 0 };
}

function forAll(live: LiveRule, observation: Observation): Map<string, Observed> {
  return new Map([...live.instances].map(([key, { identity }]) => [key, { identity, observation }]));
}

/** The query failed: the rule's policy says what that means, once it is no passing fault. */
function withFailure(live: LiveRule, outcome: Extract<Outcome, { kind: 'error' }>, now: number): Evaluation {
  const { onError, missingTolerance, severity } = live.rule;
  const failedEvaluations = live.failedEvaluations + 1;
  const lasts = failedEvaluations > missingTolerance;
  const { emptyEvaluations } = live;
  const resolves = onError === 'resolve' && lasts && !isInGrace(live, now);
  const observations = forAll(live, resolves ? { kind: 'clear', value: null, reason: 'error' } : { kind: 'error' });
  const breach: Observation = { kind: 'breaching', value: null, severity, reason: 'error' };
  if (onError === 'fire') {
    if (lasts) observations.set(OWN_KEY, { identity: OWN_LABELS, observation: breach });
  } else if (failedEvaluations >= FAILURES_TO_TELL) {
    const identity = { ...outcome.labels, [HEALTH_LABEL]: 'error' };
    observations.set(labelsKey(identity), { identity, observation: breach });
  }
  return { observations, health: 'error', error: outcome.message, emptyEvaluations, failedEvaluations };
}

/** The query worked and found nothing: the rule's policy says what that means, once it is no passing gap. */
function withoutData(live: LiveRule, now: number): Evaluation {
  const { noData, missingTolerance, severity } = live.rule;
  const emptyEvaluations = live.emptyEvaluations + 1;
  const lasts = emptyEvaluations > missingTolerance;
  const resolves = noData === 'resolve' && lasts && !isInGrace(live, now);
  const observations = forAll(live, resolves ? { kind: 'clear', value: null, reason: 'no_data' } : { kind: 'missing' });
  for (const [key, { identity, state }] of live.instances) {
    if (state.reason === 'error') observations.set(key, { identity, observation: CLEAR });
  }
  if (noData === 'fire' && lasts) {
    const breach: Observation = { kind: 'breaching', value: null, severity, reason: 'no_data' };
    observations.set(OWN_KEY, { identity: OWN_LABELS, observation: breach });
  }
  return { observations, health: 'no_data', error: null, emptyEvaluations, failedEvaluations: 0 };
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
  const leaving = [...known].filter(([key, { observation }]) => leaves(live, key, observation)).length;
  const taken = live.instances.size - (live.instances.has(OVERFLOW_KEY) ? 1 : 0) - leaving;
  const excess = Math.max(0, taken + fresh.size - most);
  if (excess === 0) return 0;
  const mildestFirst = (a: Contender, b: Contender) => {
    const difference = compareKind(a.observation, b.observation);
    return difference || weight(a, live.rule) - weight(b, live.rule) || Number(a.isKnown) - Number(b.isKnown);
  };
  const contenders = [...contendersOf(known, true), ...contendersOf(fresh, false)]
    .filter(({ key }) => !live.instances.get(key)?.state.closed)
    .sort(mildestFirst);
  for (const { key, isKnown } of contenders.slice(0, excess)) {
    if (isKnown) known.set(key, { ...known.get(key)!, observation: { kind: 'end', reason: 'displaced' } });
    else fresh.delete(key);
  }
  return excess;
}

/** True where the observation ends the instance at once. */
function leaves({ instances, rule }: LiveRule, key: string, { kind }: Observation): boolean {
  if (kind !== 'clear') return false;
  const { name } = instances.get(key)!.state;
  return rule.keepFiringForMs === 0 || name === 'pending' || name === 'inactive';
}

interface Contender {
  readonly key: string;
  readonly observation: Observation;
  readonly isKnown: boolean;
}

/** Those that have a place already keep it beside others that are hardly worse: else two would take turns. */
const KEEPS_PLACE = 0.1;

function weight({ observation, isKnown }: Contender, rule: AlertRule): number {
  const bad = badness(observation, rule);
  return isKnown ? bad + KEEPS_PLACE * Math.abs(bad) : bad;
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
  const { comparison } = rule.condition;
  return comparison ? judge(value, comparison) : breachOf(rule, value);
}

function breachOf(rule: AlertRule, value: number): Extract<Observation, { kind: 'breaching' }> {
  return { kind: 'breaching', value, severity: rule.severity, reason: 'condition' };
}

const WEIGHT: Readonly<Record<string, number>> = { breaching: 2, between: 1 };

/** Where several series share one identity, the worst speaks for all. */
function isWorse(a: Observation, b: Observation, rule: AlertRule): boolean {
  return (compareKind(a, b) || badness(a, rule) - badness(b, rule)) > 0;
}

/** By what is observed and its severity, whatever the values. */
function compareKind(a: Observation, b: Observation): number {
  const difference = (WEIGHT[a.kind] ?? 0) - (WEIGHT[b.kind] ?? 0);
  if (difference !== 0 || a.kind !== 'breaching' || b.kind !== 'breaching') return difference;
  return compareSeverity(a.severity, b.severity);
}

function badness(observation: Observation, rule: AlertRule): number {
  const value = 'value' in observation ? (observation.value ?? 0) : 0;
  return isLowerWorse(rule.condition.comparison) ? -value : value;
}

/** Instances that the query was silent about although it had something to say. */
function observeAbsent(
  live: LiveRule,
  observations: Map<string, Observed>,
  absent: NonNullable<Found['absent']>,
  now: number,
): void {
  const { rule } = live;
  for (const [key, { identity, state }] of live.instances) {
    if (observations.has(key)) continue;
    const { missing, reason } = state;
    let observation: Observation = { kind: 'missing' };
    if (typeof absent === 'number' && rule.condition.comparison) observation = judgeOne(rule, absent);
    else if (absent !== 'held' && rule.seriesNoData === 'resolve' && missing !== null) {
      const isGone = missing.count > rule.missingTolerance && now - missing.since >= rule.seriesNoDataAfterMs;
      if (isGone) observation = { kind: 'end', reason: 'series_gone' };
    }
    // What began under our eyes needs no grace: its data were there.
    const isOlder = state.startedAt < live.watchedSince;
    if (!rule.condition.comparison && !(isOlder && isInGrace(live, now))) observation = CLEAR;
    // Data are back, or the storm is over.
    const hasDataBack = (reason === 'no_data' && key === OWN_KEY) || reason === 'error';
    if (hasDataBack || key === OVERFLOW_KEY) observation = CLEAR;
    observations.set(key, { identity, observation });
  }
}

/** Label sets that had data and have none any more, also those that were well: their silence fires. */
function observeSilent(
  live: LiveRule,
  samples: readonly { readonly labels: Labels }[],
  observations: Map<string, Observed>,
  now: number,
): void {
  const { rule, seen, unsavedSeen } = live;
  const present = new Set<string>();
  for (const { labels } of samples) {
    const identity = identityOf(rule, labels);
    const key = labelsKey(identity);
    present.add(key);
    const known = seen.get(key);
    if (!known && seen.size >= MOST_SEEN) continue;
    if (!known || known.isSilent) unsavedSeen.add(key);
    seen.set(key, { identity, at: now, isSilent: false });
  }
  const isLate = isInGrace(live, now);
  const breach: Observation = { kind: 'breaching', value: null, severity: rule.severity, reason: 'no_data' };
  for (const [key, one] of seen) {
    if (present.has(key)) continue;
    if (!one.isSilent) {
      unsavedSeen.add(key);
      seen.set(key, { ...one, isSilent: true });
    }
    const { identity, at } = one;
    if (!isLate && now - at >= rule.seriesNoDataAfterMs) observations.set(key, { identity, observation: breach });
  }
}

const CLEAR: Observation = { kind: 'clear', value: null, reason: 'recovered' };
