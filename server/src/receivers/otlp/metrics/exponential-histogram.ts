import { compact } from '../../../lib/native-histogram/buckets.ts';
import { toSchema } from '../../../lib/native-histogram/resolution.ts';
import { EMPTY_HISTOGRAM, type HistogramBuckets, type NativeHistogram } from '../../../model/native-histogram.ts';
import type { RejectionReason } from '../../../pipeline/index.ts';
import { type Buckets, type ExponentialHistogramPoint, MOST_BUCKETS } from './otlp-metric.ts';

/** Schemas of native histograms; finer scales are brought to the finest one. */
const FINEST_SCHEMA = 8;
const COARSEST_SCHEMA = -4;

/**
 * An exponential histogram as a native one, or why it cannot be one. Bucket `i` of the one, which ends at `base^(i+1)`, is bucket `i + 1` of the other.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#exponential-histograms-1
 */
export function exponentialHistogram(point: ExponentialHistogramPoint): NativeHistogram | RejectionReason {
  const { scale, positive, negative, count, zeroCount, zeroThreshold } = point;
  if (scale < COARSEST_SCHEMA) return 'histogram_too_coarse';
  if (positive.counts.length + negative.counts.length > MOST_BUCKETS) return 'invalid_histogram';
  if (!(zeroThreshold >= 0)) return 'invalid_histogram';
  const histogram: NativeHistogram = {
    ...EMPTY_HISTOGRAM,
    schema: scale,
    count,
    sum: point.sum ?? 0,
    zeroThreshold,
    zeroCount,
    positive: bucketsOf(positive),
    negative: bucketsOf(negative),
  };
  return toSchema(compact(histogram), Math.min(scale, FINEST_SCHEMA));
}

function bucketsOf({ offset, counts }: Buckets): HistogramBuckets {
  return { indexes: counts.map((_, position) => offset + position + 1), counts };
}
