import { z } from 'zod';
import { LOG_LEVELS } from '../../model/log-record.ts';
import { severityNumberOfText } from '../../model/severity-text.ts';
import { parseTimestamp } from './timestamp.ts';

const TIMESTAMP_HINT =
  'use RFC 3339 (2026-11-23T10:00:00.000Z) or a Unix time in seconds, milliseconds, microseconds or nanoseconds';

/** A time as nanoseconds since 1970. */
export const timestamp = z
  .union([z.string(), z.number()], { error: TIMESTAMP_HINT })
  .transform((value, context) => {
    const parsed = parseTimestamp(value);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: TIMESTAMP_HINT });
    return z.NEVER;
  })
  .describe('RFC 3339, or a number of seconds, milliseconds, microseconds or nanoseconds, told apart by its size');

/** The level as written, and its severity number. */
const level = z
  .string()
  .transform((text, context) => {
    const severityNumber = severityNumberOfText(text);
    if (severityNumber !== undefined) return { text, severityNumber };
    context.addIssue({ code: 'custom', message: `unknown level; use one of ${LOG_LEVELS.join(', ')}` });
    return z.NEVER;
  })
  .describe('`trace`, `debug`, `info`, `warn`, `error`, `fatal`, or a usual other word (`warning`, `critical`, ...)');

function id(digits: number) {
  return z
    .string()
    .regex(new RegExp(`^(?:[0-9a-fA-F]{${digits}})?$`), `use ${digits} hex digits`)
    .transform((text) => (/^0*$/.test(text) ? '' : text.toLowerCase()))
    .describe(`${digits} hex digits`);
}

/** Fields besides these become attributes. `null` is the same as nothing. */
export const logItem = z.looseObject({
  timestamp: timestamp.nullish(),
  level: level.nullish(),
  service: z.string().max(512, 'at most 512 characters').nullish(),
  message: z.string().min(1, 'must not be empty'),
  trace_id: id(32).nullish(),
  span_id: id(16).nullish(),
  attributes: z.record(z.string(), z.unknown()).nullish().describe('any JSON; what is not text is stored as JSON'),
});

export type LogItem = z.output<typeof logItem>;
