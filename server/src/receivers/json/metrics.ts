import type { SeriesSamples } from '../../model/metric.ts';
import { itemKind } from './item-kind.ts';
import { type MetricItem, metricItem } from './metric-schema.ts';

export const metrics = itemKind({
  signal: 'samples',
  path: '/api/monitoring/metrics',
  summary: 'Store samples of custom and business metrics',
  description: '`{name, value, type?, unit?, labels?, timestamp?}`.',
  schema: metricItem,
  translator: (now) => (item) => toSeries(item, now),
  write: (intake, batch, options) => intake.writeSamples(batch, options),
});

function toSeries(item: MetricItem, now: number): SeriesSamples {
  const labels = Object.fromEntries(Object.entries(item.labels).filter(([, value]) => value !== ''));
  const time = item.timestamp === undefined ? now : Number(item.timestamp / 1_000_000n);
  const { name, type, unit, value } = item;
  return { name, labels, type, unit, help: '', timestamps: [time], values: [value] };
}
