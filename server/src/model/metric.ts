import type { Labels } from './labels.ts';

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
}

/**
 * Takes samples. When the promise resolves, every sample is durable and visible to queries; when it rejects, the
 * caller may send the same batch again: a sample of a known series and timestamp counts once, the newest value wins.
 */
export interface SampleSink {
  writeSamples(batch: readonly SeriesSamples[]): Promise<void>;
}
