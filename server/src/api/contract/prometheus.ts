import { z } from 'zod';
import { repeatedParameter } from './common.ts';

/**
 * Prometheus' HTTP API, as far as the OpenAPI document describes it.
 * https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export const prometheusAnswer = z.object({
  status: z.literal('success'),
  data: z.unknown(),
  warnings: z.array(z.string()).optional(),
  infos: z.array(z.string()).optional(),
});

const text = z.string().optional();
const time = text.describe('RFC 3339 or Unix seconds');
const range = { start: time, end: time };
const limit = text.describe('most series or values; 0 means all');
const match = repeatedParameter.optional().describe('series selector; repeatable');

const evaluation = {
  query: text.describe('PromQL'),
  timeout: text.describe('duration or seconds'),
  limit,
  lookback_delta: text.describe('duration or seconds'),
  stats: text,
};

export const instantQueryParameters = z.looseObject({ ...evaluation, time });
export const rangeQueryParameters = z.looseObject({
  ...evaluation,
  ...range,
  step: text.describe('duration or seconds'),
});
export const expressionParameters = z.looseObject({ query: text.describe('PromQL') });
export const exemplarParameters = z.looseObject({ query: text.describe('PromQL'), ...range });
export const seriesParameters = z.looseObject({ 'match[]': match, ...range, limit });
export const labelNameParameters = z.strictObject({
  name: z.string().describe('label name; `U__` escapes are undone'),
});
export const metadataParameters = z.looseObject({ metric: text, limit, limit_per_metric: limit });
export const federateParameters = z.looseObject({ 'match[]': match });
