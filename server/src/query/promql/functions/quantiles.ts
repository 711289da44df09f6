import { formatShort } from '../../../lib/go-float.ts';
import type { Annotations } from '../evaluation/annotations.ts';
import type { Span } from '../syntax/expression.ts';

/** Sorts in place, NaN first. */
export function sortForQuantile(values: Float64Array): Float64Array {
  // The order of typed arrays is by number, NaN last.
  values.sort();
  let numbers = values.length;
  while (numbers > 0 && Number.isNaN(values[numbers - 1])) numbers--;
  if (numbers === values.length) return values;
  values.copyWithin(values.length - numbers, 0, numbers);
  return values.fill(Number.NaN, 0, values.length - numbers);
}

/** The φ-quantile of sorted values, by straight line between two. Outside of 0 to 1 infinite, NaN for none. */
export function quantileOfSorted(quantile: number, values: Float64Array): number {
  if (values.length === 0 || Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  const rank = quantile * (values.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(values.length - 1, lower + 1);
  const weight = rank - lower;
  return values[lower]! * (1 - weight) + values[upper]! * weight;
}

export function warnOfQuantile(quantile: number, span: Span, annotations: Annotations): void {
  if (quantile >= 0 && quantile <= 1) return;
  annotations.warn(`quantile value should be between 0 and 1, got ${formatShort(quantile)}`, span);
}
