import { z } from 'zod';
import { parseDuration } from '../../lib/duration.ts';
import { parseInstant } from '../../lib/instant.ts';
import { SEVERITIES } from '../../model/severity.ts';

/** Schemas that several resources share. Query parameters arrive as text. */

export const instant = z.iso.datetime().describe('RFC 3339, UTC, milliseconds');
export const severity = z.enum(SEVERITIES);

/** What relative times are held against before the real now is known: some time of these decades. */
const ANY_TIME = Date.UTC(2030, 0);

/** A time as the API takes it; the output is still text, `resolveWindow` turns it into a number. */
export const instantParameter = z
  .string()
  .refine((text) => parseInstant(text, ANY_TIME) !== undefined, 'use RFC 3339, Unix seconds, or now-15m, from 1970 on')
  .describe('RFC 3339, Unix seconds, or relative (`now-15m`)');

/** A Prometheus duration as text. */
export const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'use a duration such as 30s, 5m or 1h30m')
  .describe('Prometheus duration: `30s`, `5m`, `1h30m`');

/** A step: seconds or a Prometheus duration; the output is milliseconds. */
export const stepParameter = z
  .string()
  .transform((text, context) => {
    const milliseconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : parseDuration(text);
    if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
    context.addIssue({ code: 'custom', message: 'use seconds or a duration such as 30s, above zero' });
    return z.NEVER;
  })
  .describe('seconds or a duration (`30s`)');

export const digest = z
  .string()
  .regex(/^(instant|15m|hourly|daily(@([01]\d|2[0-3]):[0-5]\d)?)$/, 'use instant, 15m, hourly, daily or daily@HH:MM')
  .describe('`instant`, `15m`, `hourly`, `daily` (08:00), `daily@HH:MM`: what comes in between is one message');

export const windowParameters = { start: instantParameter.optional(), end: instantParameter.optional() };

export function limitParameter(most = 1000, standard = 100) {
  return z
    .string()
    .regex(/^\d+$/, 'use a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(most))
    .default(standard)
    .describe(`1 to ${most}`);
}

export const cursorParameter = z.string().optional().describe('`next_cursor` of the page before');

export const booleanParameter = z.enum(['true', 'false']).transform((text) => text === 'true');

/** A parameter that may be repeated: `?attribute=a=b&attribute=c=d`. */
export const repeatedParameter = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value));

export function list<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** `key=value` as a pair, split at the first `=`. */
export const pairParameter = repeatedParameter.pipe(
  z.array(
    z.string().transform((text, context): readonly [string, string] => {
      const position = text.indexOf('=');
      if (position > 0) return [text.slice(0, position), text.slice(position + 1)];
      context.addIssue({ code: 'custom', message: 'use key=value' });
      return z.NEVER;
    }),
  ),
);

export type List<Item> = { items: Item[]; next_cursor: string | null };
