import { compact } from '../../../lib/native-histogram/buckets.ts';
import { toSchema } from '../../../lib/native-histogram/resolution.ts';
import { EMPTY_HISTOGRAM, type HistogramBuckets, type NativeHistogram } from '../../../model/native-histogram.ts';
import { type Buckets, type ExponentialHistogramPoint, MOST_BUCKETS } from './otlp-metric.ts';

/** Schemas of native histograms; finer scales are brought to the finest one. */
const FINEST_SCHEMA = 8;
const COARSEST_SCHEMA = -4;
const FINEST_SCALE = 20;

/**
 * An exponential histogram as a native one; `undefined` where its parts do not fit together, or where it is coarser
 * than native histograms can be. Bucket `i` of the one, which ends at `base^(i+1)`, is bucket `i + 1` of the other.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#exponential-histograms-1
 */
export function exponentialHistogram(point: ExponentialHistogramPoint): NativeHistogram | undefined {
  const { scale, positive, negative, count, zeroCount, zeroThreshold } = point;
  if (positive.counts.length + negative.counts.length > MOST_BUCKETS) return undefined;
  if (scale < COARSEST_SCHEMA || scale > FINEST_SCALE || !(zeroThreshold >= 0)) return undefined;
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
