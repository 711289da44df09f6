import { z } from 'zod';
import { instant, instantParameter, limitParameter, stepParameter, windowParameters } from './common.ts';

const seriesCount = z.int().describe('how many series');

export const cardinalityQuery = z.strictObject({
  metric: z.string().min(1).optional().describe('only series of this metric'),
  label: z.string().min(1).optional().describe('also lists the values of this label'),
  ...windowParameters,
  limit: limitParameter(1000, 20),
});

export const cardinalityAnswer = z.object({
  start: instant,
  end: instant,
  series: seriesCount,
  label_pairs: z.int().describe('different pairs of a label and a value'),
  metrics: z.array(z.object({ name: z.string(), series: seriesCount })),
  labels: z
    .array(z.object({ name: z.string(), values: z.int(), series: seriesCount }))
    .describe('labels with the most values first'),
  values: z.array(z.object({ value: z.string(), series: seriesCount })).describe('of `label`; else empty'),
});

export const unusedQuery = z.strictObject({
  days: z
    .string()
    .regex(/^\d{1,4}$/, 'use a whole number of days')
    .transform(Number)
    .pipe(z.int().min(1).max(3650))
    .default(30)
    .describe('not used for so long'),
  limit: limitParameter(1000, 100),
});

export const unusedAnswer = z.object({
  observed_since: instant.describe('uses before the start of the service are not known'),
  metrics: z.int().describe('how many metrics are not used'),
  series: z.int().describe('how many series they have together'),
  items: z
    .array(
      z.object({
        name: z.string(),
        type: z.string(),
        help: z.string(),
        series_count: z.int(),
        last_used: instant.nullable().describe('null: never since `observed_since`'),
      }),
    )
    .describe('those with the most series first'),
});

export const explainParameters = z.strictObject({
  query: z.string().min(1).max(100_000).describe('PromQL'),
  time: instantParameter.optional().describe('of an instant query; default now'),
  ...windowParameters,
  step: stepParameter.optional().describe('of a range query, with `start` and `end`: seconds or a duration'),
});

export const explainAnswer = z.object({
  query: z.string().describe('as it was understood'),
  samples_read: z.int(),
  elapsed_ms: z.number(),
  nodes: z
    .array(
      z.object({
        kind: z.string(),
        text: z.string(),
        type: z.string(),
        parent: z.int().nullable().describe('index of the part around it; null for the whole'),
        series: z.int(),
        points: z.int().describe('of its series at all steps; of a range vector its samples'),
        samples_read: z.int().describe('read from the store, by selectors'),
        elapsed_ms: z.number().nullable().describe('with all inside of it; null where it is part of the one around it'),
      }),
    )
    .describe('each part before the parts inside of it'),
  warnings: z.array(z.string()),
  infos: z.array(z.string()),
});

export type CardinalityAnswer = z.infer<typeof cardinalityAnswer>;
export type UnusedAnswer = z.infer<typeof unusedAnswer>;
export type ExplainAnswer = z.infer<typeof explainAnswer>;
