import { type Labels, METRIC_NAME } from '../../../model/labels.ts';

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

/** In the order of `compareLabels`, which is too slow to be asked for many. */
export function sortByLabels<Item extends { readonly labels: Labels }>(items: readonly Item[]): Item[] {
  const keyed = items.map((item) => {
    const key: string[] = [];
    for (const name of Object.keys(item.labels).sort()) key.push(name, item.labels[name]!);
    return { item, key };
  });
  keyed.sort((a, b) => compareKeys(a.key, b.key));
  return keyed.map(({ item }) => item);
}

function compareKeys(a: readonly string[], b: readonly string[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return a.length - b.length;
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
