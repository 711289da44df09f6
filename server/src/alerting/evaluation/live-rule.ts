import { createHash } from 'node:crypto';
import { Serial } from '../../lib/serial.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import { serviceOfLabels } from '../../model/service.ts';
import type { StoredEpisode, StoredSeenSeries } from '../../stores/control/index.ts';
import type { InstanceState, StateName } from '../machine/instance-state.ts';
import type { MachineRule } from '../machine/step.ts';
import type { AlertRule } from '../rules/alert-rule.ts';
import { isLowerWorse } from '../rules/judge.ts';

/** An episode that has not ended. */
export interface OpenEpisode {
  readonly id: string;
  readonly startedAt: number;
  readonly firedAt: number;
  readonly acknowledgement: Acknowledgement | null;
}

export interface Acknowledgement {
  readonly by: string;
  readonly at: number;
  /** Null: until the episode ends. */
  readonly until: number | null;
}

/** Who takes care of a stored episode, or null. */
export function acknowledgementOf(row: StoredEpisode): Acknowledgement | null {
  const { acknowledged_by: by, acknowledged_at: at, acknowledged_until: until } = row;
  return by === null ? null : { by, at: at ?? row.fired_at, until };
}

/** One label set of a rule that is not inactive. To be copied by `changed`: it may be worked out as it is read. */
export interface Instance {
  readonly fingerprint: string;
  /** What tells it apart from the rule's others. */
  readonly identity: Labels;
  readonly state: InstanceState;
  readonly episode: OpenEpisode | null;
}

/** An instance with a part that is different. */
export function changed(
  { fingerprint, identity, state, episode }: Instance,
  part: Partial<Pick<Instance, 'state' | 'episode'>>,
): Instance {
  return { fingerprint, identity, state, episode, ...part };
}

export type Health = 'ok' | 'error' | 'no_data' | 'unknown';

interface SeenSeries {
  readonly identity: Labels;
  /** When it had data last, Unix milliseconds. */
  readonly at: number;
  /** The last evaluation that found any data found none of it. */
  readonly isSilent: boolean;
}

/** A rule at work: its newest version and what is known of it now. The stored state changes first, then this. */
export interface LiveRule {
  rule: AlertRule;
  /** By `labelsKey` of the identity; where others raise the alerts, by the fingerprint. */
  readonly instances: Map<string, Instance>;
  /** When this process took the rule up, or its condition changed. */
  watchedSince: number;
  health: Health;
  lastError: string | null;
  lastEvaluatedAt: number | null;
  /** Evaluations in a row that found no data at all. */
  emptyEvaluations: number;
  /** Evaluations that were left out since the start, because the one before took too long. */
  missedEvaluations: number;
  /** Evaluations in a row that failed. */
  failedEvaluations: number;
  /** Label sets by their key, and when they had data last; kept where their silence is to fire. */
  readonly seen: Map<string, SeenSeries>;
  /** Keys of those that are new, fell silent or are back since that was stored. */
  readonly unsavedSeen: Set<string>;
  /** One thing at a time happens to a rule. */
  readonly turns: Serial;
  /** Set when the rule was deleted: whoever still waits for it finds it gone. */
  isGone: boolean;
}

/** `turns`: where rules have to take turns with each other. */
export function liveRule(rule: AlertRule, now: number, turns = new Serial()): LiveRule {
  return {
    rule,
    instances: new Map(),
    watchedSince: now,
    health: 'unknown',
    lastError: null,
    lastEvaluatedAt: null,
    emptyEvaluations: 0,
    missedEvaluations: 0,
    failedEvaluations: 0,
    seen: new Map(),
    unsavedSeen: new Set(),
    turns,
    isGone: false,
  };
}

export function machineRule(rule: AlertRule): MachineRule {
  return {
    forMs: rule.forMs,
    keepFiringForMs: rule.keepFiringForMs,
    intervalMs: rule.intervalMs,
    missingTolerance: rule.missingTolerance,
    lowerIsWorse: isLowerWorse(rule.condition.comparison),
  };
}

/** One id for a rule and a label set, the same for ever. */
export function fingerprintOf(ruleId: string, identity: Labels): string {
  return createHash('sha256')
    .update(`${ruleId}\u0000${labelsKey(identity)}`)
    .digest('hex')
    .slice(0, 16);
}

/** A label set that a rule has seen, as a row. */
export function seenRow(ruleId: string, { identity, at, isSilent }: SeenSeries): StoredSeenSeries {
  return {
    rule_id: ruleId,
    fingerprint: fingerprintOf(ruleId, identity),
    labels: JSON.stringify(identity),
    silent_since: isSilent ? at : null,
  };
}

/** The labels that people see: the rule's win over the data's. */
export function shownLabels(rule: AlertRule, identity: Labels): Labels {
  return { ...identity, ...rule.labels };
}

/** The service that an instance is about; empty where none can be told. */
export function serviceOf(rule: AlertRule, identity: Labels): string {
  return rule.service ?? serviceOfLabels(shownLabels(rule, identity));
}

const BY_WEIGHT: readonly StateName[] = ['firing', 'recovering', 'pending', 'inactive'];

/** A label of the one instance of a rule that tells of the rule itself: it cannot be evaluated. */
export const HEALTH_LABEL = 'alert_health';

/** What the rule has found, without what is said of the rule itself. */
export function foundInstances({ instances }: LiveRule): Instance[] {
  return [...instances.values()].filter(({ identity }) => identity[HEALTH_LABEL] === undefined);
}

/** True where its state is this one, or that of what is said of the rule itself. */
export function isInState(live: LiveRule, state: StateName): boolean {
  if (ruleState(live) === state) return true;
  return [...live.instances.values()].some(
    (one) => one.identity[HEALTH_LABEL] !== undefined && one.state.name === state,
  );
}

/** The most urgent state of what a rule has found. */
export function ruleState(live: LiveRule): StateName {
  const names = new Set(foundInstances(live).map((instance) => instance.state.name));
  return BY_WEIGHT.find((name) => names.has(name)) ?? 'inactive';
}
