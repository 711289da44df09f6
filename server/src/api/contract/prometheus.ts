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

const labels = z.record(z.string(), z.string());

export const targetsAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    activeTargets: z.array(
      z.object({
        discoveredLabels: labels,
        labels,
        scrapePool: z.string(),
        scrapeUrl: z.string(),
        globalUrl: z.string(),
        lastError: z.string(),
        lastScrape: z.string(),
        lastScrapeDuration: z.number(),
        health: z.enum(['unknown', 'up', 'down']),
        scrapeInterval: z.string(),
        scrapeTimeout: z.string(),
      }),
    ),
    droppedTargets: z.array(z.object({ discoveredLabels: labels, scrapePool: z.string() })),
    droppedTargetCounts: z.record(z.string(), z.number()),
  }),
});
export type Targets = z.infer<typeof targetsAnswer>['data'];

export const scrapePoolsAnswer = z.object({
  status: z.literal('success'),
  data: z.object({ scrapePools: z.array(z.string()) }),
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
  nocache: text.describe('`1`: every step is evaluated anew'),
});
export const expressionParameters = z.looseObject({ query: text.describe('PromQL') });
export const exemplarParameters = z.looseObject({ query: text.describe('PromQL'), ...range });
export const seriesParameters = z.looseObject({ 'match[]': match, ...range, limit });
export const labelNameParameters = z.strictObject({
  name: z.string().describe('label name; `U__` escapes are undone'),
});
export const metadataParameters = z.looseObject({ metric: text, limit, limit_per_metric: limit });
export const targetParameters = z.looseObject({
  state: text.describe('active, dropped or any'),
  scrapePool: text.describe('name of a job'),
});
export const targetMetadataParameters = z.looseObject({
  match_target: text.describe('label selector of targets'),
  metric: text,
  limit,
});
export const federateParameters = z.looseObject({ 'match[]': match });

export const ruleParameters = z.looseObject({
  type: z.string().optional().describe('`alert` or `record`'),
  'rule_name[]': repeatedParameter.optional(),
  'rule_group[]': repeatedParameter.optional(),
  'file[]': repeatedParameter.optional(),
  'match[]': repeatedParameter.optional().describe('selectors over the labels of rules'),
  exclude_alerts: z.string().optional().describe('`true`: rules without their alerts'),
  group_limit: z.string().optional(),
  group_next_token: z.string().optional(),
});
