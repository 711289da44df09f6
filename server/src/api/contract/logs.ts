import { z } from 'zod';
import { LOG_LEVELS } from '../../model/log-record.ts';
import {
  cursorParameter,
  instant,
  limitParameter,
  list,
  pairParameter,
  stepParameter,
  windowParameters,
} from './common.ts';
import { traceIdParameter } from './trace-id.ts';

const LEVELS = [...LOG_LEVELS, 'unknown'] as const;

/** `warn`, or `warn+` for that and above. An unescaped `+` of a query string arrives as a space. */
const levelParameter = z
  .string()
  .transform((text, context) => {
    const [, name, plus] = /^(.*?)([+ ]?)$/s.exec(text.toLowerCase())!;
    const level = LEVELS.find((known) => known === name);
    if (level !== undefined && (level !== 'unknown' || plus === '')) return { level, andAbove: plus !== '' };
    context.addIssue({
      code: 'custom',
      message: `unknown level; known are ${LEVELS.join(', ')}, and warn+ for that and above`,
    });
    return z.NEVER;
  })
  .describe(`${LEVELS.join(', ')}; with a plus (\`warn+\`) that level and above. \`unknown\`: records without a level`);

const text = z.string().min(1, 'must not be empty').max(1000);

const filters = {
  environment: text.optional(),
  trace_id: traceIdParameter.optional(),
  attribute: pairParameter
    .optional()
    .describe('`key=value`, repeatable: an attribute of the record or of its resource'),
  ...windowParameters,
  order: z.enum(['newest', 'oldest']).default('newest'),
  limit: limitParameter(5000),
  cursor: cursorParameter,
};
const service = text.optional();
const level = levelParameter.optional();

export const logListParameters = z.strictObject({ service, level, ...filters });
export const logsOfServiceParameters = z.strictObject({ level, ...filters });
export const logsOfLevelParameters = z.strictObject({ service, ...filters });
export const logSearchParameters = z.strictObject({
  q: z
    .string()
    .describe(
      'Words (all must be there, case does not matter), `"phrases"`, `-not`, `OR`, parentheses, `field:value`, `field:>n`, `/regex/` (RE2), `*` wildcards, `\\` before a character to take it as it is. Fields: `service`, `environment`, `level`, `trace_id`, `span_id`, `message`, else an attribute of the record or its resource; their values are compared exactly.',
    ),
  service,
  level,
  ...filters,
});
export const logServiceParameters = z.strictObject({ service_name: text });
export const logLevelParameters = z.strictObject({ log_level: levelParameter });

const attributes = z
  .record(z.string(), z.string())
  .describe('values as text; numbers, booleans and arrays in their JSON form');

export const logItem = z.object({
  id: z.string().describe('UUIDv7 made of time and content: the same at every reading'),
  timestamp: instant,
  time_unix_nano: z.string().describe('the exact time, nanoseconds'),
  level: z.enum(LEVELS).describe('`unknown` where the sender gave none and none was found'),
  severity_number: z.int().describe('OpenTelemetry severity, 1 to 24; 0 where unknown'),
  severity_text: z.string().describe('as the sender wrote it'),
  service: z.string(),
  message: z.string(),
  trace_id: z.string().nullable(),
  span_id: z.string().nullable(),
  attributes,
  resource: attributes,
  scope_name: z.string(),
  pattern_id: z.string().nullable(),
});

export const logList = list(logItem);

export const logSearchResult = list(
  logItem.extend({
    highlights: z
      .array(z.object({ field: z.literal('message'), ranges: z.array(z.tuple([z.int(), z.int()])) }))
      .describe('what was found where: half-open ranges in UTF-16 code units, in order, not overlapping'),
  }),
).extend({
  total: z.int().describe('how many records match in the window, counted up to 100000'),
  total_is_exact: z.boolean().describe('false where there are more than `total`'),
  took_ms: z.number(),
});

/** Slots of time in one answer. */
export const MAX_LOG_SLOTS = 2000;

export const logAnalyticsParameters = z.strictObject({
  q: z.string().optional().describe('search text, as of `/api/logs/search`'),
  service,
  level,
  environment: text.optional(),
  trace_id: traceIdParameter.optional(),
  attribute: pairParameter.optional(),
  ...windowParameters,
  group_by: text
    .default('level')
    .describe('`level`, `service`, `environment`, or the key of an attribute of the record or its resource'),
  step: stepParameter.optional().describe('length of a slot; left out, about 90 slots'),
  limit: limitParameter(100, 20).describe('the most frequent values: 1 to 100'),
});

export const logAnalytics = z.object({
  start: instant,
  end: instant,
  step_seconds: z.number(),
  total: z.int().describe('all records that match, those of values beyond `limit` included'),
  groups: z
    .array(
      z.object({
        value: z.string().describe('empty: the record does not have the field'),
        count: z.int(),
        points: z
          .array(z.tuple([z.number(), z.int()]))
          .describe('start of the slot in Unix seconds, and the count; slots without records are left out'),
      }),
    )
    .describe('the most frequent value first'),
});
export type LogAnalytics = z.infer<typeof logAnalytics>;

export type LogItem = z.infer<typeof logItem>;
export type LogList = z.infer<typeof logList>;
export type LogSearchResult = z.infer<typeof logSearchResult>;
