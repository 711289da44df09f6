import type { NotedValue } from '../../../server/src/alerting/rule-tests/series-notation.ts';
import { type Labels, labelsKey } from '../../../server/src/model/labels.ts';
import { CUSTOM_BUCKETS, EMPTY_HISTOGRAM } from '../../../server/src/model/native-histogram.ts';

interface Noted {
  readonly labels: Labels;
  readonly values: readonly NotedValue[];
}

interface ClassicHistogram {
  readonly labels: Labels;
  readonly buckets: { readonly bound: number; readonly values: readonly NotedValue[] }[];
  count?: readonly NotedValue[];
  sum?: readonly NotedValue[];
}

/** A native histogram with custom buckets for each classic one, at each time. */
export function customBucketHistograms(series: readonly Noted[]): Noted[] {
  const found = new Map<string, ClassicHistogram>();
  for (const { labels, values } of series) {
    const match = /^(.*)_(bucket|count|sum)$/.exec(labels.__name__ ?? '');
    if (!match || (match[2] === 'bucket') !== 'le' in labels) continue;
    const { le, ...rest } = labels;
    const base = { ...rest, __name__: match[1]! };
    const key = labelsKey(base);
    const histogram: ClassicHistogram = found.get(key) ?? { labels: base, buckets: [] };
    found.set(key, histogram);
    if (match[2] === 'count') histogram.count = values;
    else if (match[2] === 'sum') histogram.sum = values;
    else histogram.buckets.push({ bound: /inf/i.test(le!) ? Infinity : Number(le), values });
  }
  return [...found.values()].filter(({ buckets }) => buckets.length > 0).map(toNative);
}

function toNative({ labels, buckets, count, sum }: ClassicHistogram): Noted {
  buckets.sort((a, b) => a.bound - b.bound);
  const length = Math.max(...buckets.map(({ values }) => values.length));
  const customValues = buckets.map(({ bound }) => bound).filter(Number.isFinite);
  const values = Array.from({ length }, (_, at): NotedValue => {
    const cumulative = buckets.map((bucket) => bucket.values[at]);
    if (cumulative.every((value) => typeof value !== 'number')) return undefined;
    const numbers = cumulative.map((value) => (typeof value === 'number' ? value : 0));
    const total = count?.[at] ?? numbers.at(-1)!;
    const open = buckets.at(-1)!.bound === Infinity ? [] : [(total as number) - numbers.at(-1)!];
    const counts = [...numbers.map((value, i) => value - (numbers[i - 1] ?? 0)), ...open];
    return {
      ...EMPTY_HISTOGRAM,
      schema: CUSTOM_BUCKETS,
      customValues,
      count: total as number,
      sum: (sum?.[at] as number | undefined) ?? 0,
      positive: { indexes: counts.map((_, i) => i), counts },
    };
  });
  return { labels, values };
}
