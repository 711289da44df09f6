import { z } from 'zod';
import { timestamp } from './log-schema.ts';

function id(digits: number) {
  return z
    .string({ error: `use ${digits} hex digits` })
    .regex(new RegExp(`^(?!0*$)[0-9a-fA-F]{${digits}}$`), `use ${digits} hex digits, not all of them 0`)
    .transform((text) => text.toLowerCase());
}

const attributes = z.record(z.string(), z.unknown()).describe('any JSON; what is not text is stored as JSON');

/** A span, with the fields that the API shows of it. */
export const spanItem = z.strictObject({
  trace_id: id(32),
  span_id: id(16),
  parent_span_id: id(16).nullish(),
  service: z.string().max(512, 'at most 512 characters').nullish(),
  name: z.string(),
  kind: z
    .enum(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'], {
      error: 'use internal, server, client, producer or consumer',
    })
    .default('unspecified'),
  started_at: timestamp,
  duration_ms: z
    .number({ error: 'must be a number of milliseconds' })
    .nonnegative('must not be below 0')
    .max(1e12, 'at most 10^12'),
  status: z.enum(['unset', 'ok', 'error'], { error: 'use unset, ok or error' }).default('unset'),
  status_message: z.string().nullish(),
  attributes: attributes.nullish(),
  resource: attributes.nullish(),
  scope_name: z.string().default(''),
  events: z.array(z.strictObject({ name: z.string(), time: timestamp, attributes: attributes.nullish() })).default([]),
  links: z
    .array(
      z.strictObject({
        trace_id: id(32),
        span_id: id(16),
        trace_state: z.string().default(''),
        attributes: attributes.nullish(),
      }),
    )
    .default([]),
});

export type SpanItem = z.output<typeof spanItem>;
