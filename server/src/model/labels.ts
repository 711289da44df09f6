/** Prometheus labels: names to values; an empty value is the same as no label. */
export type Labels = Readonly<Record<string, string>>;

/** The label that carries a series' metric name. */
export const METRIC_NAME = '__name__';

/** One text for one label set, whatever the order in which its labels were given. Values may hold any character. */
export function labelsKey(labels: Labels): string {
  const names = Object.keys(labels).sort();
  let key = '';
  for (const name of names) key += `${name}\u0001${labels[name]}\u0002`;
  return key;
}
