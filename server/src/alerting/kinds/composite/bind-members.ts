import { invalid } from '../../../model/errors.ts';
import type { AlertDirectory } from '../rule-kind.ts';
import type { AlertExpression } from './condition.ts';

/**
 * The ids of the alerts that an expression names, by id, by what they were bound to before, else by name. Throws 422
 * where a name is of none or several, and where the alert would wait for itself.
 */
export function bindMembers(expression: AlertExpression, directory: AlertDirectory): Record<string, string> {
  const members: Record<string, string> = {};
  for (const text of namesIn(expression)) members[text] = idOf(text, directory);
  const loop = loopFrom(Object.values(members), directory);
  if (loop) {
    throw invalid({ path: 'query', message: `goes in a circle: ${loop.join(' waits for ')}` });
  }
  return members;
}

function* namesIn(expression: AlertExpression): Generator<string> {
  if (expression.kind === 'alert') yield expression.text;
  else if (expression.kind === 'not') yield* namesIn(expression.operand);
  else for (const operand of expression.operands) yield* namesIn(operand);
}

function idOf(text: string, { alerts, bound = {} }: AlertDirectory): string {
  const byId = alerts.find(({ id }) => id === text || (Object.hasOwn(bound, text) && bound[text] === id));
  if (byId) return byId.id;
  const named = alerts.filter(({ name }) => name === text);
  if (named.length === 1) return named[0]!.id;
  // It is gone since: that is said when the alert is evaluated, and hinders no other change of it.
  if (Object.hasOwn(bound, text)) return bound[text]!;
  const message =
    named.length === 0
      ? `there is no alert "${text}"`
      : `${named.length} alerts are called "${text}": give the id of one (${named
          .slice(0, 5)
          .map(({ id }) => id)
          .join(', ')})`;
  throw invalid({ path: 'query', message });
}

/** The names on the way from the alert back to itself. */
function loopFrom(members: readonly string[], { alerts, self }: AlertDirectory): string[] | undefined {
  if (self === undefined) return undefined;
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  const nameOf = (id: string) => `"${byId.get(id)?.name ?? id}"`;
  const seen = new Set<string>();
  const walk = (id: string, path: readonly string[]): string[] | undefined => {
    if (id === self) return [...path, nameOf(id)];
    if (seen.has(id)) return undefined;
    seen.add(id);
    for (const next of byId.get(id)?.members ?? []) {
      const found = walk(next, [...path, nameOf(id)]);
      if (found) return found;
    }
    return undefined;
  };
  for (const id of members) {
    const found = walk(id, [nameOf(self)]);
    if (found) return found;
  }
  return undefined;
}
