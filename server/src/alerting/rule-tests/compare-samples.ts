import { compact } from '../../lib/native-histogram/buckets.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { NotedValue } from './series-notation.ts';

interface LabelledValue {
  readonly labels: Labels;
  readonly value: NotedValue;
}

/** True where both hold the same label sets with the same values, in any order. `fuzzy`: but for the last bit. */
export function areSameSamples(
  wanted: readonly LabelledValue[],
  found: readonly LabelledValue[],
  fuzzy: boolean,
): boolean {
  if (wanted.length !== found.length) return false;
  const values = new Map(found.map(({ labels, value }) => [labelsKey(labels), value]));
  return (
    values.size === found.length &&
    wanted.every(({ labels, value }) => {
      const key = labelsKey(labels);
      return values.has(key) && isSameValue(value, values.get(key), fuzzy);
    })
  );
}

function isSameValue(wanted: NotedValue, found: NotedValue, fuzzy: boolean): boolean {
  if (typeof wanted === 'number' && typeof found === 'number') {
    return Object.is(wanted, found) || wanted === found || (fuzzy && isNeighbour(wanted, found));
  }
  if (typeof wanted !== 'object' || typeof found !== 'object') return false;
  return histogramKey(wanted) === histogramKey(found);
}

/** Whether a reset was found is no part of what a test wants. */
function histogramKey(histogram: NativeHistogram): string {
  const { schema, count, sum, zeroCount, zeroThreshold, positive, negative, customValues } = compact(histogram);
  return JSON.stringify([schema, count, sum, zeroCount, zeroThreshold, positive, negative, customValues], (_, value) =>
    typeof value === 'number' ? String(value) : value,
  );
}

function isNeighbour(a: number, b: number): boolean {
  if (!Number.isFinite(a) || !Number.isFinite(b) || Math.sign(a) !== Math.sign(b)) return false;
  const [one, other] = new BigInt64Array(Float64Array.of(a, b).buffer);
  const distance = one! - other!;
  return distance >= -1n && distance <= 1n;
}

/** A sample as people write it in a test. */
export function showSample({ labels, value }: LabelledValue): string {
  const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return `${showLabels(labels)} ${shown}`;
}

export function showLabels(labels: Labels): string {
  const { __name__: name = '', ...others } = labels;
  const pairs = Object.entries(others)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(', ')}}`;
}
