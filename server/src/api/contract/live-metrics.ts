import { z } from 'zod';
import { instant, repeatedParameter, stepParameter } from './common.ts';

const LONGEST_INTERVAL_MS = 3_600_000;

export const liveQuery = z.strictObject({
  metric: repeatedParameter.optional().describe('name of a metric, may be repeated'),
  query: repeatedParameter.optional().describe('PromQL, may be repeated'),
  interval: stepParameter
    .pipe(
      z
        .number()
        .int('use whole milliseconds')
        .min(1000, 'at least 1 second')
        .max(LONGEST_INTERVAL_MS, 'at most 1 hour'),
    )
    .prefault('5')
    .describe('time between events: seconds or a duration; default 5 s'),
});

/** The data of an event. */
export const liveEvent = z.object({
  timestamp: instant,
  results: z.array(
    z.object({
      name: z.string().describe('the metric or query, as asked'),
      series: z
        .array(z.object({ labels: z.record(z.string(), z.string()), value: z.number().nullable() }))
        .describe('at most 1000; null for NaN and infinite values'),
      error: z.string().optional().describe('why the query failed this time'),
    }),
  ),
});

export type LiveEvent = z.infer<typeof liveEvent>;
