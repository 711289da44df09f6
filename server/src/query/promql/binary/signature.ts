import { type Labels, labelsKey } from '../../../model/labels.ts';
import { isSchemaLabel, only, without } from '../evaluation/labels.ts';
import type { VectorMatching } from '../syntax/expression.ts';

/** What makes two series partners: a text that is equal for both. */
export function signatureOf(matching: VectorMatching): (labels: Labels) => string {
  if (matching.on) {
    const names = [...matching.labels].sort();
    return (labels) => {
      let key = '';
      for (const name of names) key += `${labels[name] ?? ''}\u0001`;
      return key;
    };
  }
  const ignored = new Set(matching.labels);
  return (labels) => {
    const kept: Record<string, string> = {};
    for (const name in labels) if (!ignored.has(name) && !isSchemaLabel(name)) kept[name] = labels[name]!;
    return labelsKey(kept);
  };
}

/** The labels that partners share. */
export function matchGroup(matching: VectorMatching, labels: Labels): Labels {
  if (matching.on) return only(labels, matching.labels);
  return without(labels, new Set([...matching.labels, ...Object.keys(labels).filter(isSchemaLabel)]));
}
