import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { RollupColumns } from '../../model/rollup.ts';
import type { TimeRange } from '../../model/time-range.ts';

/** Samples of one series as columns, ordered by time; the evaluator does not change them. */
export interface SourceSeries {
  /** With `__name__`. */
  readonly labels: Labels;
  /** Unix milliseconds. */
  readonly timestamps: Float64Array;
  /** Stale markers are NaN with the bits 0x7ff0000000000002. */
  readonly values: Float64Array;
  /** Native histograms, `undefined` at floats and stale markers; left out where there is none at all. */
  readonly histograms?: readonly (NativeHistogram | undefined)[] | undefined;
  /** Since when each sample counts, Unix milliseconds, 0 where nobody said; left out where nobody said at all. */
  readonly startTimestamps?: Float64Array | undefined;
  /** What the samples stand for where some of them are rollups; left out where none is. */
  readonly rollup?: RollupColumns | undefined;
}

/** Where the evaluator reads from: any store that can select series by matchers in `start <= t <= end`. */
export interface SeriesSource {
  select(
    matchers: readonly LabelMatcher[],
    range: TimeRange,
    options: { readonly maxSamples: number; readonly signal?: AbortSignal },
  ): Promise<readonly SourceSeries[]>;
}
