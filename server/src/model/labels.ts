/** Prometheus labels: names to values; an empty value is the same as no label. */
export type Labels = Readonly<Record<string, string>>;

/** The label that carries a series' metric name. */
export const METRIC_NAME = '__name__';

/** The names in order: most label sets have them in order already, and this is asked for every series. */
export function sortedNames(labels: Labels): readonly string[] {
  const names = Object.keys(labels);
  for (let index = 1; index < names.length; index++) if (names[index - 1]! > names[index]!) return names.sort();
  return names;
}

/** One text for one label set, whatever the order in which its labels were given. Values may hold any character. */
export function labelsKey(labels: Labels): string {
  const names = sortedNames(labels);
  let key = '';
  for (const name of names) key += `${name}\u0001${labels[name]}\u0002`;
  return key;
}
