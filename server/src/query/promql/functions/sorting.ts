import type { FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import { compareLabels, compareText } from '../evaluation/labels.ts';
import { floatsOnly, type VectorSeries, vector } from '../evaluation/values.ts';

/** Order matters for instant queries only; range results are ordered by labels. */
export const SORTING: Readonly<Record<string, FunctionImplementation>> = {
  sort: sorted((a, b) => byValue(a, b, 1)),
  sort_desc: sorted((a, b) => byValue(a, b, -1)),
  sort_by_label: sortedByLabels(1),
  sort_by_label_desc: sortedByLabels(-1),
};

function sorted(compare: (a: VectorSeries, b: VectorSeries) => number): FunctionImplementation {
  return async (call, grid, evaluator) => {
    warnOfRange(call, evaluator);
    const series = floatsOnly(await evaluator.vector(call.arguments[0]!, grid));
    return vector([...series].sort(compare), true);
  };
}

function sortedByLabels(direction: number): FunctionImplementation {
  return async (call, grid, evaluator) => {
    warnOfRange(call, evaluator);
    const names = call.arguments.slice(1).map((argument) => evaluator.text(argument));
    const series = await evaluator.vector(call.arguments[0]!, grid);
    const compare = (a: VectorSeries, b: VectorSeries): number => {
      for (const name of names) {
        const order = compareNaturally(a.labels[name] ?? '', b.labels[name] ?? '');
        if (order !== 0) return order * direction;
      }
      return compareLabels(a.labels, b.labels) * direction;
    };
    return vector([...series].sort(compare), true);
  };
}

function warnOfRange(
  call: Parameters<FunctionImplementation>[0],
  evaluator: Parameters<FunctionImplementation>[2],
): void {
  const { times, annotations } = evaluator.context;
  if (times.step === 0) return;
  annotations.warn('sort is ineffective for range queries since results are always ordered by labels', call.span);
}

/** NaN comes last, whatever the direction. */
function byValue(a: VectorSeries, b: VectorSeries, direction: number): number {
  const [x, y] = [a.values[0]!, b.values[0]!];
  if (Number.isNaN(x)) return Number.isNaN(y) ? 0 : 1;
  if (Number.isNaN(y)) return -1;
  return x === y ? 0 : (x < y ? -1 : 1) * direction;
}

/** Runs of digits by their number, the rest as text. */
function compareNaturally(a: string, b: string): number {
  const partsA = a.match(/\d+|\D+/g) ?? [];
  const partsB = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const [x, y] = [partsA[i]!, partsB[i]!];
    const numeric = /^\d/.test(x) && /^\d/.test(y);
    const order = numeric ? Number(x) - Number(y) || x.length - y.length : compareText(x, y);
    if (order !== 0) return order;
  }
  return partsA.length - partsB.length;
}
