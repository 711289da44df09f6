import { type Labels, labelsKey } from '../../../model/labels.ts';
import type { Sample } from '../rule-kind.ts';

/** Silences of groups: a group has spoken when one of its members has. */
export function quietestOf(silences: readonly Sample[], groupBy: readonly string[] | null): Sample[] {
  if (groupBy === null) return [...silences];
  const groups = new Map<string, Sample>();
  for (const { labels, value } of silences) {
    const group = groupOf(labels, groupBy);
    const key = labelsKey(group);
    const known = groups.get(key);
    if (!known || value < known.value) groups.set(key, { labels: group, value });
  }
  return [...groups.values()];
}

function groupOf(labels: Labels, groupBy: readonly string[]): Labels {
  return Object.fromEntries(groupBy.flatMap((name) => (labels[name] ? [[name, labels[name]]] : [])));
}
