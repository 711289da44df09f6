import { kindOf } from '../kinds/registry.ts';
import type { InstanceState } from '../machine/instance-state.ts';
import { type ResolveReason, regrade, step } from '../machine/step.ts';
import type { AlertRule } from '../rules/alert-rule.ts';
import { watchesOtherThings } from '../rules/merge-form.ts';
import type { PreparedRule } from '../rules/prepare-rule.ts';
import type { Change } from './journal.ts';
import { type LiveRule, machineRule } from './live-rule.ts';
import { OWN_KEY, severityUnder } from './observe.ts';

/** Why a change of the rule ends what fires, or `undefined` where it fires on. */
export function endsBy(before: AlertRule, after: PreparedRule): ResolveReason | undefined {
  if (!after.enabled) return 'rule_paused';
  return watchesOtherThings(before, after) ? 'rule_changed' : undefined;
}

/** Every instance over; what was closed by hand is forgotten unless the ending is by hand, too. */
export function endAll(live: LiveRule, reason: ResolveReason, now: number, close?: { until: number | null }): Change[] {
  const changes: Change[] = [];
  for (const [key, before] of live.instances) {
    if (close && !before.episode) continue;
    const end = { kind: 'end', reason, ...(close && { close }) } as const;
    const result = step(before.state, end, machineRule(live.rule), now);
    changes.push({ key, identity: before.identity, before, result });
  }
  return changes;
}

/** What a change of the rule does to what fires where it does not end all of it. */
export function adapt(live: LiveRule, next: AlertRule, now: number): Change[] {
  const ended = endWithoutPolicy(live, next, now);
  const keys = new Set(ended.map(({ key }) => key));
  return [...ended, ...regradeAll(live, next).filter(({ key }) => !keys.has(key))];
}

/** What fires for want of data alone, or of an answer, where the next version does not fire for it any more. */
function endWithoutPolicy({ rule, instances }: LiveRule, next: AlertRule, now: number): Change[] {
  const isUnwanted = (key: string, { reason, peak }: InstanceState) => {
    if (peak !== null) return false;
    if (reason === 'error') return key === OWN_KEY && next.onError !== 'fire';
    return reason === 'no_data' && (key === OWN_KEY ? next.noData : next.seriesNoData) !== 'fire';
  };
  return [...instances].flatMap(([key, before]) => {
    if (!isUnwanted(key, before.state)) return [];
    const result = step(before.state, { kind: 'end', reason: 'rule_changed' }, machineRule(rule), now);
    return [{ key, identity: before.identity, before, result }];
  });
}

/** What goes on, with the severities of the rule's next version; nothing where the edit does not concern them. */
function regradeAll({ rule, instances }: LiveRule, next: AlertRule): Change[] {
  if (kindOf(rule.condition).raisedBy === 'sender' || severitiesOf(rule) === severitiesOf(next)) return [];
  return [...instances].map(([key, before]) => {
    const result = regrade(before.state, severityUnder(next, key, before.state));
    return { key, identity: before.identity, before, result };
  });
}

function severitiesOf({ severity, condition }: AlertRule): string {
  return JSON.stringify([severity, condition.comparison?.levels ?? []]);
}
