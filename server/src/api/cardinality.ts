import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Labels, METRIC_NAME } from '../model/labels.ts';

/** How many series have a value of a label. */
type Values = ReadonlyMap<string, number>;

/** Series by the values of each label. */
export interface Cardinality {
  readonly series: number;
  readonly labels: ReadonlyMap<string, Values>;
}

export interface Counted {
  readonly name: string;
  readonly value: number;
}

const SERIES_A_SLICE = 20_000;
const NONE: Values = new Map();

/** Counts label sets, and gives way to others now and then. */
export async function countLabels(series: readonly Labels[]): Promise<Cardinality> {
  const labels = new Map<string, Map<string, number>>();
  for (const [position, one] of series.entries()) {
    for (const name in one) {
      const values = labels.get(name) ?? new Map<string, number>();
      if (values.size === 0) labels.set(name, values);
      const value = one[name]!;
      values.set(value, (values.get(value) ?? 0) + 1);
    }
    if (position % SERIES_A_SLICE === SERIES_A_SLICE - 1) await nextTurn();
  }
  return { series: series.length, labels };
}

export function metricsOf({ labels }: Cardinality): Counted[] {
  return valuesOf({ labels }, METRIC_NAME);
}

export function valuesOf({ labels }: Pick<Cardinality, 'labels'>, label: string): Counted[] {
  return [...(labels.get(label) ?? NONE)].map(([name, value]) => ({ name, value }));
}

/** A number of each label, made of its values. */
export function perLabel({ labels }: Cardinality, of: (values: Values) => number): Counted[] {
  return [...labels].map(([name, values]) => ({ name, value: of(values) }));
}

/** The largest first, those of one size by name. */
export function largest<Item extends Counted>(items: readonly Item[], limit: number): Item[] {
  return [...items].sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1)).slice(0, limit);
}
