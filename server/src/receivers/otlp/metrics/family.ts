import type { MetricType } from '../../../model/metric.ts';
import { type NamedKind, storedName, type TranslationStrategy } from './metric-names.ts';
import type { OtlpMetric } from './otlp-metric.ts';
import type { Family } from './series-writer.ts';

/** Name, type, unit and description of the series that a metric becomes. Its name is empty where it can have none. */
export function familyOf(metric: OtlpMetric, strategy: TranslationStrategy): Family {
  const { name, unit } = storedName(metric.name, metric.unit, namedKind(metric), strategy);
  return { name, unit, type: typeOf(metric), help: metric.description };
}

/** Up-down counters of unit `1` count things: only gauges are ratios. */
function namedKind({ data }: OtlpMetric): NamedKind {
  if (data?.kind === 'sum') return data.monotonic ? 'counter' : 'other';
  return data?.kind === 'gauge' ? 'gauge' : 'other';
}

/** A metric that came from Prometheus says in its metadata what it was there. */
function typeOf({ data, prometheusType }: OtlpMetric): MetricType {
  switch (data?.kind) {
    case 'gauge':
      return prometheusType === 'unknown' ? 'unknown' : 'gauge';
    case 'sum':
      if (data.monotonic) return 'counter';
      return prometheusType === 'info' || prometheusType === 'stateset' ? prometheusType : 'gauge';
    case 'summary':
      return 'summary';
    default:
      return 'histogram';
  }
}
