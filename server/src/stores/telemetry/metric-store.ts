import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { Labels } from '../../model/labels.ts';
import type { MetricType, SampleSink } from '../../model/metric.ts';
import type { TimeRange } from '../../model/time-range.ts';

/** Samples of one series as columns, ordered by time, one value a timestamp; the arrays belong to the caller. */
export interface SeriesColumns {
  /** With `__name__`. */
  readonly labels: Labels;
  /** Unix milliseconds. */
  readonly timestamps: Float64Array;
  /** Stale markers are kept: NaN with the bits 0x7ff0000000000002. */
  readonly values: Float64Array;
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

export interface MetricStore extends SampleSink {
  /** Series that match all matchers, with their samples in `start <= t <= end`; those without samples are left out. */
  select(matchers: readonly LabelMatcher[], range: TimeRange, options?: SelectOptions): Promise<SeriesColumns[]>;
  /** Label sets (with `__name__`) of series that match one of the matcher sets and have samples in the range. */
  series(matcherSets: readonly (readonly LabelMatcher[])[], range: TimeRange, limit?: number): Promise<Labels[]>;
  labelNames(matcherSets: readonly (readonly LabelMatcher[])[], range: TimeRange): Promise<string[]>;
  labelValues(label: string, matcherSets: readonly (readonly LabelMatcher[])[], range: TimeRange): Promise<string[]>;
  /** All known metrics by name. */
  describe(): Promise<MetricDescription[]>;
}
