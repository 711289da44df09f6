import { type RelabelRule, relabel } from '../lib/relabel.ts';
import { type Labels, METRIC_NAME } from '../model/labels.ts';
import type { SeriesMemo, SeriesSamples } from '../model/metric.ts';
import type { Stage } from './stage.ts';

/** Series whose labels come again and again as the same object are relabelled once. */
interface Relabelled {
  readonly name: string;
  /** `undefined`: dropped. The memo is one of its own: that of the sender stands for other labels. */
  readonly result: { readonly name: string; readonly labels: Labels; readonly memo: SeriesMemo } | undefined;
}

/** Renames, relabels and drops series as `metric_relabel_configs` of Prometheus does. */
export function relabelSeries(rules: readonly RelabelRule[]): Stage<SeriesSamples> | undefined {
  if (rules.length === 0) return undefined;
  const known = new WeakMap<Labels, Relabelled>();
  const relabelled = ({ name, labels }: SeriesSamples): Relabelled => {
    const before = known.get(labels);
    if (before?.name === name) return before;
    const after = { name, result: withName(relabel({ [METRIC_NAME]: name, ...labels }, rules)) };
    known.set(labels, after);
    return after;
  };
  return () => (series) => {
    const { result } = relabelled(series);
    return result ? { ...series, ...result } : 'relabelling';
  };
}

/** A series that has lost its name is dropped, and so are labels that a scrape would keep to itself. */
function withName(all: Record<string, string> | undefined): Relabelled['result'] {
  const name = all?.[METRIC_NAME];
  if (!all || !name) return undefined;
  const labels = Object.fromEntries(Object.entries(all).filter(([label]) => !label.startsWith('__')));
  return { name, labels, memo: {} };
}
