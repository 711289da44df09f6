import type { LiveRule } from '../evaluation/live-rule.ts';
import type { Routing } from '../routing/routing.ts';
import type { EscalationPolicy } from './policy.ts';

/** Who has chosen the policy, for people. */
export function usersOfPolicy({ id, name }: EscalationPolicy, rules: readonly LiveRule[], routing: Routing): string[] {
  const isIt = (reference: string | null | undefined) => reference === id || reference === name;
  return [
    ...rules.filter(({ rule }) => isIt(rule.notify?.escalationPolicyId)).map(({ rule }) => `the alert ${rule.name}`),
    ...routing.receivers
      .filter(({ escalationPolicy }) => isIt(escalationPolicy))
      .map((receiver) => `the receiver ${receiver.name}`),
  ];
}
