import { z } from 'zod';
import { instantParameter, stepParameter, windowParameters } from './common.ts';
import { explainAnswer } from './metric-explorer.ts';

export const queryRequest = z.strictObject({
  language: z.string().describe('the language of `query`: `sql` or `promql`'),
  query: z.string().trim().min(1, 'must not be empty').max(1_000_000, 'must have at most 1000000 characters'),
  time: instantParameter.optional().describe('PromQL at one time; default now'),
  ...windowParameters,
  step: z
    .union([
      z
        .number()
        .positive('must be above zero')
        .transform((seconds) => seconds * 1000),
      stepParameter,
    ])
    .optional()
    .describe('PromQL over time, with `start` and `end`: seconds or a duration'),
  explain: z
    .boolean()
    .optional()
    .describe('PromQL: also what each part of the query gives and takes; evaluates it once more'),
});

/** A table. 64-bit integers are numbers where safe, else text; NaN and infinite numbers are null. */
export const queryAnswer = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string().describe('the type in ClickHouse') })),
  rows: z.array(z.array(z.unknown())),
  stats: z.object({ rows_read: z.number(), bytes_read: z.number(), elapsed_ms: z.number() }),
  warnings: z.array(z.string()).optional().describe('of PromQL: warnings and infos'),
  explain: explainAnswer.optional(),
});

export type QueryRequest = z.output<typeof queryRequest>;
export type QueryAnswer = z.infer<typeof queryAnswer>;
