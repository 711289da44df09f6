import { type Labels, labelsKey } from '../../../model/labels.ts';
import type { EvaluationContext } from '../evaluation/context.ts';
import { isSchemaLabel, only } from '../evaluation/labels.ts';
import type { VectorSeries } from '../evaluation/values.ts';
import type { Aggregation } from '../syntax/expression.ts';

export interface Group {
  readonly labels: Labels;
  dropName: boolean;
  readonly members: VectorSeries[];
}

/** The series by the labels that an aggregation keeps, in the order of their first members. */
export async function groupSeries(
  expression: Aggregation,
  series: readonly VectorSeries[],
  context: EvaluationContext,
): Promise<Group[]> {
  const groups = new Map<string, Group>();
  const removed = new Set(expression.labels);
  for (const one of series) {
    if (context.isDue) await context.pause();
    const labels = expression.without ? remaining(one.labels, removed) : only(one.labels, expression.labels);
    const key = labelsKey(labels);
    const group = groups.get(key);
    if (!group) {
      groups.set(key, { labels, dropName: one.dropName, members: [one] });
      continue;
    }
    group.members.push(one);
    group.dropName ||= one.dropName;
  }
  return [...groups.values()];
}

function remaining(labels: Labels, removed: ReadonlySet<string>): Labels {
  const kept: Record<string, string> = {};
  for (const name in labels) if (!removed.has(name) && !isSchemaLabel(name)) kept[name] = labels[name]!;
  return kept;
}
