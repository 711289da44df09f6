import type { Attributes } from '../../../model/attributes.ts';
import type { Scope } from '../origin.ts';

/** Metrics as they stand in the request, in either encoding. Times are Unix milliseconds, 0 where not given. */
export interface MetricGroup {
  readonly resource: Attributes;
  readonly scope: Scope;
  readonly metrics: OtlpMetric[];
}

export interface OtlpMetric {
  name: string;
  description: string;
  /** UCUM. */
  unit: string;
  /** `prometheus.type` of the metadata, or empty. */
  prometheusType: string;
  data: MetricData | undefined;
}

export const TEMPORALITY = { unspecified: 0, delta: 1, cumulative: 2 } as const;

export type MetricData =
  | { readonly kind: 'gauge'; readonly points: NumberPoint[] }
  | { readonly kind: 'sum'; temporality: number; monotonic: boolean; readonly points: NumberPoint[] }
  | { readonly kind: 'histogram'; temporality: number; readonly points: HistogramPoint[] }
  | { readonly kind: 'exponential_histogram'; temporality: number; readonly points: ExponentialHistogramPoint[] }
  | { readonly kind: 'summary'; readonly points: SummaryPoint[] };

export interface Point {
  attributes: Record<string, string>;
  startTime: number;
  time: number;
  /** Bit 1: no recorded value, the series has ended. */
  flags: number;
  exemplars?: OtlpExemplar[] | undefined;
}

export interface OtlpExemplar {
  /** What the point's attributes do not say. */
  readonly attributes: Record<string, string>;
  time: number;
  value: number | undefined;
  /** Lower-case hex. */
  traceId: string;
  spanId: string;
}

export interface NumberPoint extends Point {
  value: number | undefined;
}

export interface HistogramPoint extends Point {
  count: number;
  sum: number | undefined;
  bucketCounts: number[];
  explicitBounds: number[];
}

export interface ExponentialHistogramPoint extends Point {
  count: number;
  sum: number | undefined;
  scale: number;
  zeroCount: number;
  zeroThreshold: number;
  positive: Buckets;
  negative: Buckets;
}

export interface Buckets {
  offset: number;
  counts: number[];
}

export interface SummaryPoint extends Point {
  count: number;
  sum: number;
  quantiles: { quantile: number; value: number }[];
}

/** Buckets that are kept while reading: one more than is taken, so that a longer list is known as such. */
export const MOST_BUCKETS = 2000;

export function emptyMetric(): OtlpMetric {
  return { name: '', description: '', unit: '', prometheusType: '', data: undefined };
}

export function toMilliseconds(unixNano: bigint): number {
  return Number(unixNano / 1_000_000n);
}
