import type { LabelMatcher } from '../../model/label-matcher.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import type { MetricType } from '../../model/metric.ts';
import type { TimeRange } from '../../model/time-range.ts';

export interface SeriesDescription {
  readonly name: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly help: string;
  readonly seriesCount: number;
}

type MatcherSets = readonly (readonly LabelMatcher[])[];

/** What there is, without samples; as the metric store tells it. */
export interface SeriesIndex {
  series(matcherSets: MatcherSets, range: TimeRange, limit?: number): Promise<Labels[]>;
  labelNames(matcherSets: MatcherSets, range: TimeRange): Promise<string[]>;
  labelValues(label: string, matcherSets: MatcherSets, range: TimeRange): Promise<string[]>;
  /** Ordered by name. */
  describe(): Promise<SeriesDescription[]>;
}

/** Two indexes as one; of a metric that both describe, the words of the first. Where one fails, the call fails. */
export function joinIndexes(first: SeriesIndex, second: SeriesIndex): SeriesIndex {
  const both = async <Value>(ask: (index: SeriesIndex) => Promise<Value[]>) => {
    const [ours, theirs] = await Promise.all([ask(first), ask(second)]);
    return [...ours, ...theirs];
  };
  return {
    series: async (sets, range, limit) => {
      const found = await both((index) => index.series(sets, range, limit));
      return [...new Map(found.map((labels) => [labelsKey(labels), labels])).values()].slice(0, limit);
    },
    labelNames: async (sets, range) => distinct(await both((index) => index.labelNames(sets, range))),
    labelValues: async (label, sets, range) => distinct(await both((index) => index.labelValues(label, sets, range))),
    describe: async () => {
      // The last of a name stays in a map: the first index goes last.
      const found = (await both((index) => index.describe())).toReversed();
      return [...new Map(found.map((metric) => [metric.name, metric])).values()].sort((a, b) =>
        a.name < b.name ? -1 : 1,
      );
    },
  };
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
