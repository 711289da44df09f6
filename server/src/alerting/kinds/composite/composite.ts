import { invalid, ServiceError } from '../../../model/errors.ts';
import { type Labels, labelsKey } from '../../../model/labels.ts';
import type { RuleKind } from '../rule-kind.ts';
import { bindMembers } from './bind-members.ts';
import { compositeHistory } from './composite-history.ts';
import type { AlertExpression, CompositeCondition } from './condition.ts';
import { parseAlertExpression } from './parse-expression.ts';

/**
 * A boolean expression over other alerts. Without `group_by`, an alert is true while it fires for anything; with it, the
 * expression is worked out for each set of these labels among what fires, and an alert that lacks one fits every value.
 */
export const composite: RuleKind<CompositeCondition> = {
  name: 'alerts',
  raisedBy: 'data',
  fields: ['query'],
  claims: ({ queryLanguage }) => queryLanguage === 'alerts',

  prepare({ query }, { directory }) {
    if (!query) throw invalid({ path: 'query', message: 'name alerts, such as "A" and not "B"' });
    const expression = parseAlertExpression(query);
    const members = bindMembers(expression, directory);
    return { condition: { kind: 'alerts', query, expression, members, comparison: null }, query };
  },

  async ask({ expression, members }, { groupBy }, { firing }) {
    const labels = groupBy ?? [];
    const found = new Map<string, readonly Labels[]>();
    for (const [text, id] of Object.entries(members)) {
      const fires = firing?.(id);
      if (!fires) throw new ServiceError('invalid', `the alert "${text}" is gone`);
      found.set(text, fires);
    }
    return { samples: holdsFor(expression, labels, found).map((set) => ({ labels: set, value: 1 })), absent: 0 };
  },

  history: (condition, options, sources) =>
    compositeHistory(condition, options, sources, (found) =>
      holdsFor(condition.expression, options.groupBy ?? [], found),
    ),
  describe: ({ query }) => query,
};

/** Label sets for which the expression holds. */
function holdsFor(
  expression: AlertExpression,
  labels: readonly string[],
  found: ReadonlyMap<string, readonly Labels[]>,
): Labels[] {
  const sets = labels.length === 0 ? [{}] : setsOf([...found.values()].flat(), labels);
  return sets.filter((set) => isTrue(expression, (text) => found.get(text)!.some((one) => fits(one, set))));
}

function setsOf(fires: readonly Labels[], names: readonly string[]): Labels[] {
  const sets = new Map<string, Labels>();
  for (const labels of fires) {
    if (!names.every((name) => labels[name])) continue;
    const set = Object.fromEntries(names.map((name) => [name, labels[name]!]));
    sets.set(labelsKey(set), set);
  }
  return [...sets.values()];
}

function fits(labels: Labels, set: Labels): boolean {
  return Object.entries(set).every(([name, value]) => !labels[name] || labels[name] === value);
}

function isTrue(expression: AlertExpression, fires: (text: string) => boolean): boolean {
  switch (expression.kind) {
    case 'alert':
      return fires(expression.text);
    case 'not':
      return !isTrue(expression.operand, fires);
    case 'and':
      return expression.operands.every((operand) => isTrue(operand, fires));
    case 'or':
      return expression.operands.some((operand) => isTrue(operand, fires));
  }
}
