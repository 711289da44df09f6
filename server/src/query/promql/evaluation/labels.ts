import { KeptTexts } from '../../../lib/kept-texts.ts';
import { type Labels, METRIC_NAME, sortedNames } from '../../../model/labels.ts';

/** Labels that describe what is measured; they go where an operation measures something else. */
const SCHEMA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

export function isSchemaLabel(name: string): boolean {
  return SCHEMA_LABELS.has(name);
}

export function withoutSchema(labels: Labels): Labels {
  if (!(METRIC_NAME in labels) && !('__type__' in labels) && !('__unit__' in labels)) return labels;
  return without(labels, SCHEMA_LABELS);
}

export function without(labels: Labels, names: ReadonlySet<string>): Labels {
  const kept: Record<string, string> = {};
  for (const name in labels) if (!names.has(name)) kept[name] = labels[name]!;
  return kept;
}

export function only(labels: Labels, names: readonly string[]): Labels {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const value = labels[name];
    if (value !== undefined && value !== '') kept[name] = value;
  }
  return kept;
}

/** A label set with one label changed; an empty value takes it away. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const changed: Record<string, string> = { ...labels };
  if (value === '') delete changed[name];
  else changed[name] = value;
  return changed;
}

/** Prometheus' order of label sets: by name and value, pair by pair. */
export function compareLabels(a: Labels, b: Labels): number {
  const namesA = Object.keys(a).sort();
  const namesB = Object.keys(b).sort();
  const shared = Math.min(namesA.length, namesB.length);
  for (let i = 0; i < shared; i++) {
    const order = compareText(namesA[i]!, namesB[i]!) || compareText(a[namesA[i]!]!, b[namesB[i]!]!);
    if (order !== 0) return order;
  }
  return namesA.length - namesB.length;
}

/**
 * In the order of `compareLabels`, which is too slow to be asked for many. `areStored`: the labels are objects that come
 * again with the next query.
 */
export function sortByLabels<Item extends { readonly labels: Labels }>(
  items: readonly Item[],
  areStored = false,
): Item[] {
  const keyed = items.map((item) => ({ item, key: areStored ? keptKeys.get(item.labels) : sortKey(item.labels) }));
  if (keyed.every(({ key }, index) => index === 0 || keyed[index - 1]!.key <= key)) return [...items];
  return keyed.sort((a, b) => compareText(a.key, b.key)).map(({ item }) => item);
}

const keptKeys = new KeptTexts(sortKey, 20_000);

/** Names and values, each with an end that sorts before every character of a label. */
function sortKey(labels: Labels): string {
  let key = '';
  for (const name of sortedNames(labels)) key += `${name}\u0000${labels[name]}\u0000`;
  return key;
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `{a="1", b="2"}` as Prometheus prints label sets in messages. */
export function printLabels(labels: Labels): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`);
  return `{${pairs.join(', ')}}`;
}
