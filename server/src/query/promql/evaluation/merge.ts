import { labelsKey } from '../../../model/labels.ts';
import { executionError } from './errors.ts';
import { withoutSchema } from './labels.ts';
import { NOTHING, SeriesBuilder, type VectorSeries } from './values.ts';

const SAME_LABELS = 'vector cannot contain metrics with the same labelset';

/** Series with the same labels become one; two values at one step are an error. The order stays. */
export function mergeSame(series: readonly VectorSeries[]): VectorSeries[] {
  const byKey = new Map<string, VectorSeries>();
  for (const one of series) {
    const key = labelsKey(one.labels);
    const known = byKey.get(key);
    byKey.set(key, known ? mergeTwo(known, one) : one);
  }
  return byKey.size === series.length ? [...series] : [...byKey.values()];
}

function mergeTwo(a: VectorSeries, b: VectorSeries): VectorSeries {
  const merged = new SeriesBuilder(a.labels, a.dropName || b.dropName, a.present.length);
  for (let step = 0; step < a.present.length; step++) {
    const inA = a.present[step] !== NOTHING;
    const inB = b.present[step] !== NOTHING;
    if (inA && inB) throw executionError(SAME_LABELS);
    if (inA) merged.copy(a, step);
    else if (inB) merged.copy(b, step);
  }
  return merged;
}

/** The names that operations invalidated go for good; what is the same without them becomes one. */
export function settleNames(series: readonly VectorSeries[]): VectorSeries[] {
  const settled = series.map(({ labels, dropName, present, values, histograms }) => ({
    labels: dropName ? withoutSchema(labels) : labels,
    dropName: false,
    present,
    values,
    histograms,
  }));
  return mergeSame(settled);
}
