import { z } from 'zod';
import {
  booleanParameter,
  cursorParameter,
  instant,
  limitParameter,
  list,
  pairParameter,
  repeatedParameter,
  stepParameter,
  windowParameters,
} from './common.ts';

const METRIC_TYPES = [
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
  'unknown',
] as const;
export const AGGREGATES = ['sum', 'avg', 'min', 'max', 'count'] as const;

const metricType = z.enum(METRIC_TYPES);
const percent = z.number().describe('0 to 100');
const bytes = z.number().nonnegative();

/** The host that the service runs on, at its newest reading. */
const systemSnapshot = z.object({
  host: z.string(),
  cpu: z.object({
    usage_percent: percent,
    cores: z.number(),
    load_1m: z.number(),
    load_5m: z.number(),
    load_15m: z.number(),
  }),
  memory: z.object({ total_bytes: bytes, used_bytes: bytes, available_bytes: bytes, usage_percent: percent }),
  disks: z
    .array(z.object({ mount: z.string(), total_bytes: bytes, used_bytes: bytes, usage_percent: percent }))
    .readonly(),
  network: z.object({ receive_bytes_per_second: z.number(), transmit_bytes_per_second: z.number() }),
  uptime_seconds: z.number().optional(),
});

const metricItem = z.object({
  name: z.string(),
  type: metricType,
  unit: z.string().describe('OpenMetrics base unit (`seconds`, `bytes`, ...) or empty'),
  help: z.string(),
  series_count: z.int(),
});

export const metricsQuery = z.strictObject({
  search: z.string().optional().describe('part of the name or the help text'),
  service: z.string().optional(),
  environment: z.string().optional(),
  type: metricType.optional(),
  limit: limitParameter(),
  cursor: cursorParameter,
});

export const metricsAnswer = list(metricItem).extend({
  timestamp: instant,
  system: systemSnapshot.nullable().describe('null until the host was read for the first time'),
});

export const metricParameters = z.strictObject({ metric_name: z.string().min(1).max(1024) });

const seriesParameters = {
  service: z.string().optional(),
  environment: z.string().optional(),
  label: pairParameter.optional().describe('`key=value`, may be repeated: only series with all these labels'),
  aggregate: z.enum(AGGREGATES).optional().describe('one value for all series, or one for each group of `by`'),
  by: repeatedParameter.optional().describe('label to group by, may be repeated; needs `aggregate`'),
};

export const metricQuery = z.strictObject(seriesParameters);
export const metricHistoryQuery = z.strictObject({
  ...seriesParameters,
  ...windowParameters,
  step: stepParameter.optional(),
  rate: booleanParameter.optional().describe('`true`: increase per second of a counter'),
});

const labels = z.record(z.string(), z.string());
const value = z.number().nullable().describe('null where it is NaN or infinite');

export const metricAnswer = z.object({
  name: z.string(),
  type: metricType,
  unit: z.string(),
  help: z.string(),
  series: z.array(z.object({ labels, value, timestamp: instant })),
});

export const metricHistoryAnswer = z.object({
  name: z.string(),
  start: instant,
  end: instant,
  step_seconds: z.number(),
  series: z.array(z.object({ labels, points: z.array(z.tuple([z.number().describe('Unix seconds'), value])) })),
});

export type SystemSnapshot = z.infer<typeof systemSnapshot>;
export type MetricItem = z.infer<typeof metricItem>;
export type MetricsAnswer = z.infer<typeof metricsAnswer>;
export type MetricAnswer = z.infer<typeof metricAnswer>;
export type MetricHistoryAnswer = z.infer<typeof metricHistoryAnswer>;
