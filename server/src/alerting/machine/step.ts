import { compareSeverity, type Severity } from '../../model/severity.ts';
import type { BreachReason, InstanceState } from './instance-state.ts';

/** The part of a rule that the state machine goes by. */
export interface MachineRule {
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly intervalMs: number;
  /** Evaluations without data that a pending instance survives. */
  readonly missingTolerance: number;
  /** True where smaller values are worse. */
  readonly lowerIsWorse: boolean;
}

/** What one evaluation says of one label set. */
export type Observation =
  | {
      readonly kind: 'breaching';
      readonly value: number | null;
      readonly severity: Severity;
      readonly reason: BreachReason;
    }
  /** Past the recovery threshold no more, and not past the threshold either. */
  | { readonly kind: 'between'; readonly value: number }
  | { readonly kind: 'clear'; readonly value: number | null; readonly reason: ResolveReason }
  /** The query worked and had nothing about this label set. */
  | { readonly kind: 'missing' }
  /** The query failed. */
  | { readonly kind: 'error' }
  /** Over, whatever the data say; `close` keeps it closed while the condition goes on. */
  | { readonly kind: 'end'; readonly reason: ResolveReason; readonly close?: { readonly until: number | null } };

export type ResolveReason =
  | 'recovered'
  | 'no_data'
  /** The data cannot be read, and the rule says that this ends it. */
  | 'error'
  | 'series_gone'
  /** Worse ones have taken its place among the most that a rule may have. */
  | 'displaced'
  | 'resolved_by_hand'
  | 'ended'
  /** Its sender has not spoken of it any more. */
  | 'timeout'
  | 'rule_changed'
  | 'rule_paused'
  | 'rule_deleted';

/** What happened. `pending` and `dropped` concern nobody but the instance itself; the others are an episode's history. */
export type Transition =
  | { readonly kind: 'pending' }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'fired' }
  | { readonly kind: 'recovering' }
  | { readonly kind: 'refired' }
  | { readonly kind: 'severity_raised'; readonly from: Severity }
  /** Only a change of the rule lowers the severity of what fires. */
  | { readonly kind: 'severity_lowered'; readonly from: Severity }
  | { readonly kind: 'resolved'; readonly reason: ResolveReason };

export interface StepResult {
  /** `undefined`: inactive, nothing to remember. */
  readonly state: InstanceState | undefined;
  readonly transition: Transition | undefined;
}

/**
 * The one state machine, for live evaluation, previews and tests: inactive -> pending -> firing -> recovering ->
 * inactive. Pure: the same input gives the same output, and time is what the caller says.
 */
export function step(
  state: InstanceState | undefined,
  observation: Observation,
  rule: MachineRule,
  now: number,
): StepResult {
  if (observation.kind === 'end') return end(state, observation, now);
  switch (state?.name) {
    case undefined:
      return fromNothing(observation, rule, now);
    case 'inactive':
      return fromClosed(state!, observation, rule, now);
    case 'pending':
      return fromPending(state!, observation, rule, now);
    case 'firing':
      return fromFiring(state!, observation, rule, now);
    case 'recovering':
      return fromRecovering(state!, observation, rule, now);
  }
}

/** The rule was changed: what goes on takes the severity that the new version gives it, up or down. */
export function regrade(state: InstanceState, severity: Severity): StepResult {
  const difference = compareSeverity(severity, state.severity);
  if (state.name === 'inactive' || difference === 0) return { state, transition: undefined };
  const kind = difference > 0 ? 'severity_raised' : 'severity_lowered';
  return {
    state: { ...state, severity },
    transition: state.name === 'pending' ? undefined : { kind, from: state.severity },
  };
}

type Observed = Exclude<Observation, { kind: 'end' }>;
type Breach = Extract<Observation, { kind: 'breaching' }>;

const NOTHING: StepResult = { state: undefined, transition: undefined };

function fromNothing(observation: Observed, rule: MachineRule, now: number): StepResult {
  if (observation.kind !== 'breaching') return NOTHING;
  const { value, severity, reason } = observation;
  const begun = { since: now, startedAt: now, heldMs: 0, observedAt: now, missing: null, closed: null };
  const state: InstanceState = { name: 'pending', ...begun, value, peak: value, severity, reason };
  return rule.forMs > 0 ? { state, transition: { kind: 'pending' } } : fire(state, now);
}

function fire(state: InstanceState, now: number): StepResult {
  return { state: { ...state, name: 'firing', since: now, heldMs: 0 }, transition: { kind: 'fired' } };
}

function fromClosed(state: InstanceState, observation: Observed, rule: MachineRule, now: number): StepResult {
  if (observation.kind === 'clear') return NOTHING;
  const until = state.closed?.until ?? null;
  if (until !== null && now >= until) return fromNothing(observation, rule, now);
  return { state, transition: undefined };
}

function fromPending(state: InstanceState, observation: Observed, rule: MachineRule, now: number): StepResult {
  if (observation.kind === 'error') return { state: pause(state, now), transition: undefined };
  if (observation.kind === 'missing') {
    const paused = miss(state, now);
    return paused.missing!.count > rule.missingTolerance ? DROPPED : { state: paused, transition: undefined };
  }
  if (observation.kind !== 'breaching') return DROPPED;
  const held = hold(withBreach(state, observation, rule), rule, now);
  return held.heldMs >= rule.forMs ? fire(held, now) : { state: held, transition: undefined };
}

const DROPPED: StepResult = { state: undefined, transition: { kind: 'dropped' } };

function fromFiring(state: InstanceState, observation: Observed, rule: MachineRule, now: number): StepResult {
  switch (observation.kind) {
    case 'error':
      return { state: pause(state, now), transition: undefined };
    case 'missing':
      return { state: miss(state, now), transition: undefined };
    case 'between':
      return { state: seen({ ...state, value: observation.value }, now), transition: undefined };
    case 'breaching':
      return burnOn(seen(withBreach(state, observation, rule), now), state);
    case 'clear': {
      const clear = seen({ ...state, value: observation.value ?? state.value }, now);
      if (rule.keepFiringForMs === 0) return resolve(observation.reason);
      return { state: { ...clear, name: 'recovering', since: now, heldMs: 0 }, transition: { kind: 'recovering' } };
    }
  }
}

/** A rise of severity is news; a fall is not: while the rule stays the same, the episode keeps its worst. */
function burnOn(state: InstanceState, before: InstanceState): StepResult {
  const risen = compareSeverity(state.severity, before.severity) > 0;
  return { state, transition: risen ? { kind: 'severity_raised', from: before.severity } : undefined };
}

function fromRecovering(state: InstanceState, observation: Observed, rule: MachineRule, now: number): StepResult {
  switch (observation.kind) {
    case 'error':
      return { state: pause(state, now), transition: undefined };
    case 'missing':
      return { state: miss(state, now), transition: undefined };
    case 'clear': {
      const held = hold({ ...state, value: observation.value ?? state.value }, rule, now);
      return held.heldMs >= rule.keepFiringForMs ? resolve(observation.reason) : { state: held, transition: undefined };
    }
    case 'between':
      return refire(seen({ ...state, value: observation.value }, now), now);
    case 'breaching': {
      const back = seen(withBreach(state, observation, rule), now);
      const raised = burnOn({ ...back, name: 'firing', since: now, heldMs: 0 }, state);
      return raised.transition ? raised : refire(back, now);
    }
  }
}

function refire(state: InstanceState, now: number): StepResult {
  return { state: { ...state, name: 'firing', since: now, heldMs: 0 }, transition: { kind: 'refired' } };
}

function resolve(reason: ResolveReason): StepResult {
  return { state: undefined, transition: { kind: 'resolved', reason } };
}

function end(
  state: InstanceState | undefined,
  observation: Extract<Observation, { kind: 'end' }>,
  now: number,
): StepResult {
  if (!state || state.name === 'inactive') return NOTHING;
  if (state.name === 'pending') return DROPPED;
  const closed: InstanceState | undefined = observation.close && {
    ...state,
    name: 'inactive',
    since: now,
    heldMs: 0,
    missing: null,
    closed: observation.close,
  };
  return { state: closed, transition: { kind: 'resolved', reason: observation.reason } };
}

function withBreach(state: InstanceState, breach: Breach, rule: MachineRule): InstanceState {
  const severity = compareSeverity(breach.severity, state.severity) > 0 ? breach.severity : state.severity;
  return {
    ...state,
    value: breach.value ?? state.value,
    peak: worse(state.peak, breach.value, rule.lowerIsWorse),
    severity,
    reason: breach.reason,
  };
}

function worse(a: number | null, b: number | null, lowerIsWorse: boolean): number | null {
  if (a === null || b === null) return a ?? b;
  return lowerIsWorse ? Math.min(a, b) : Math.max(a, b);
}

/** Data came: time since the last observation counts, unless data were missing or nobody looked in between. */
function hold(state: InstanceState, rule: MachineRule, now: number): InstanceState {
  const gap = now - state.observedAt;
  const watched = state.missing === null && gap >= 0 && gap <= longestGap(rule);
  return seen({ ...state, heldMs: state.heldMs + (watched ? gap : 0) }, now);
}

/** Evaluations further apart than this say nothing about the time between them. */
function longestGap(rule: MachineRule): number {
  return (rule.missingTolerance + 1) * rule.intervalMs;
}

function seen(state: InstanceState, now: number): InstanceState {
  return { ...state, observedAt: now, missing: null };
}

function miss(state: InstanceState, now: number): InstanceState {
  const missing = { count: (state.missing?.count ?? 0) + 1, since: state.missing?.since ?? now };
  return { ...state, observedAt: now, missing };
}

/** Nothing is known of this moment: clocks stand still, and nothing is counted against the instance. */
function pause(state: InstanceState, now: number): InstanceState {
  return {
    ...state,
    observedAt: now,
    missing: { count: state.missing?.count ?? 0, since: state.missing?.since ?? now },
  };
}
