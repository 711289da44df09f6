import type { Labels } from './labels.ts';
import type { NativeHistogram } from './native-histogram.ts';

/** OpenMetrics types, as Prometheus' metadata names them. */
export type MetricType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown';

/**
 * A place that the sender keeps for a series that it knows again by itself, for others to remember what they found out
 * about it: the same object always means the same name and the same labels. Each fills its own field.
 */
export interface SeriesMemo {
  /** The store's own record of the series. */
  entry?: object | undefined;
  /** The limits that the series was found to keep to. */
  limits?: object | undefined;
}

/** Samples of one series. `timestamps` (Unix milliseconds) and `values` have the same length. */
export interface SeriesSamples {
  /** Prometheus metric name: the stored one, after translation. */
  readonly name: string;
  /** Without `__name__`, without empty values. */
  readonly labels: Labels;
  readonly type: MetricType;
  /** OpenMetrics base unit (`seconds`, `bytes`, `ratio`, ...) or empty. */
  readonly unit: string;
  readonly help: string;
  readonly timestamps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** Since when each sample counts, Unix milliseconds, 0 where nobody said; left out where nobody said at all. */
  readonly startTimestamps?: ArrayLike<number>;
  /** Instead of samples: a series that has both comes twice. */
  readonly histograms?: readonly HistogramSample[];
  /** Beside samples or histograms, or alone. */
  readonly exemplars?: readonly Exemplar[];
  readonly memo?: SeriesMemo | undefined;
}

/** A native histogram at a time, Unix milliseconds. */
export interface HistogramSample {
  readonly timestamp: number;
  /** Since when it counts, 0 where nobody said. */
  readonly startTimestamp: number;
  /** `undefined`: the series has ended (Prometheus' stale marker). */
  readonly histogram: NativeHistogram | undefined;
}

/** One observation out of those that a sample counts, with what leads to more about it. */
export interface Exemplar {
  /** Unix milliseconds. */
  readonly timestamp: number;
  readonly value: number;
  /** `trace_id` and `span_id`, in lower-case hex, and whatever else was said. */
  readonly labels: Labels;
}

/**
 * Takes samples. When the promise resolves, every sample is durable and visible to queries; when it rejects, the
 * caller may send the same batch again: a sample of a known series and timestamp counts once, the newest value wins.
 */
export interface SampleSink {
  writeSamples(batch: readonly SeriesSamples[]): Promise<void>;
}
