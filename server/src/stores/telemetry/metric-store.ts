import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { Labels } from '../../model/labels.ts';
import type { Exemplar, MetricType, SampleSink, SeriesSamples } from '../../model/metric.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { RollupColumns } from '../../model/rollup.ts';
import type { TimeRange } from '../../model/time-range.ts';

/** Samples of one series as columns, ordered by time, one value a timestamp; the arrays belong to the caller. */
export interface SeriesColumns {
  /** With `__name__`. */
  readonly labels: Labels;
  /** Unix milliseconds. */
  readonly timestamps: Float64Array;
  /** Stale markers are kept: NaN with the bits 0x7ff0000000000002. */
  readonly values: Float64Array;
  /** Native histograms, `undefined` at floats and stale markers; left out where there is none at all. */
  readonly histograms?: readonly (NativeHistogram | undefined)[];
  /** Since when each sample counts, Unix milliseconds, 0 where nobody said; left out where nobody said at all. */
  readonly startTimestamps?: Float64Array;
  /** What the samples stand for where some of them are rollups; left out where none is. */
  readonly rollup?: RollupColumns;
}

export interface SeriesExemplars {
  /** With `__name__`. */
  readonly labels: Labels;
  /** Ordered by time. */
  readonly exemplars: readonly Exemplar[];
}

export interface SelectOptions {
  /** Most samples that may be read; beyond it the call throws `ServiceError('invalid')` naming the limit. */
  readonly maxSamples?: number;
  readonly pool?: 'alerting' | 'interactive';
  readonly signal?: AbortSignal;
}

export interface MetricDescription {
  readonly name: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly help: string;
  readonly seriesCount: number;
}

/** What readers ask who keep what they read. Times are Unix milliseconds. */
export interface SampleChanges {
  /** Higher after each write that can be read. */
  mark(): number;
  /**
   * The oldest time at which samples of the metrics (without: of any) were written since the mark, or earlier;
   * `Infinity` where none were, `-Infinity` where it cannot be told.
   */
  earliestSince(mark: number, metrics: ReadonlySet<string> | undefined): number;
  /** Samples from before may come and go without being told. */
  keptFrom(): number;
}

export interface MetricStore extends SampleSink {
  /** Series that match all matchers, with their samples in `start <= t <= end`; those without samples are left out. */
  select(matchers: readonly LabelMatcher[], range: TimeRange, options?: SelectOptions): Promise<SeriesColumns[]>;
  /** Label sets (with `__name__`) of series that match one of the matcher sets and have samples in the range. */
  series(matcherSets: readonly (readonly LabelMatcher[])[], range: TimeRange, limit?: number): Promise<Labels[]>;
  labelNames(matcherSets: readonly (readonly LabelMatcher[])[], range: TimeRange): Promise<string[]>;
  labelValues(label: string, matcherSets: readonly (readonly LabelMatcher[])[], range: TimeRange): Promise<string[]>;
  /** Exemplars in `start <= t <= end` of series that match one of the matcher sets. */
  exemplars(
    matcherSets: readonly (readonly LabelMatcher[])[],
    range: TimeRange,
    options?: SelectOptions,
  ): Promise<SeriesExemplars[]>;
  /** All known metrics by name. */
  describe(): Promise<MetricDescription[]>;
  /** `undefined` where others write too. */
  readonly changes: SampleChanges | undefined;
  /** To be told of stored samples that went before the end of their retention. */
  samplesRemoved(): void;
  /** To be told of new rollups, or of those that went. */
  rollupsChanged(): Promise<void>;
  /** How many series there are; from memory, as the next two. */
  readonly seriesCount: number;
  /** How many series the metric has. */
  countOf(metric: string): number;
  isKnown(series: Pick<SeriesSamples, 'name' | 'labels' | 'memo'>): boolean;
}
