import type { Issue } from '../../model/errors.ts';
import type { Receiver } from '../alertmanager-config/receivers.ts';
import type { PreparedRule } from '../rules/prepare-rule.ts';

/** What rules and receivers can choose by name. */
export interface Choices {
  readonly receivers: readonly Receiver[];
  /** Whether an escalation policy has this id or name. */
  readonly isPolicy: (reference: string) => boolean;
}

/** What a rule chooses and is not there. Only ids name policies here. */
export function choiceIssues({ notify }: Pick<PreparedRule, 'notify'>, { receivers, isPolicy }: Choices): Issue[] {
  const issues: Issue[] = [];
  const policy = notify?.escalationPolicyId ?? null;
  if (policy !== null && !isPolicy(policy)) {
    const message = `there is no escalation policy with the id ${policy}`;
    issues.push({ path: 'notify.escalation_policy_id', message });
  }
  const names = receivers.map(({ name }) => name);
  if (notify?.receiver && !names.includes(notify.receiver)) {
    const message = `there is no receiver "${notify.receiver}"; there are ${names.join(', ')}`;
    issues.push({ path: 'notify.receiver', message });
  }
  return issues;
}

/** Escalation policies that receivers choose and that are not there. */
export function unknownPolicies({ receivers, isPolicy }: Choices): Issue[] {
  return receivers.flatMap(({ name, escalationPolicy: policy }, index) => {
    if (policy === undefined || isPolicy(policy)) return [];
    const message = `there is no escalation policy "${policy}" (receiver "${name}")`;
    return [{ path: `receivers[${index}].escalation_policy`, message }];
  });
}
