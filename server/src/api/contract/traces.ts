import { z } from 'zod';
import { cursorParameter, instant, limitParameter, list, pairParameter, windowParameters } from './common.ts';
import { logItem } from './logs.ts';
import { traceIdParameter } from './trace-id.ts';

const text = z.string().min(1, 'must not be empty').max(1000);
const durationParameter = z
  .string()
  .regex(/^\d+(?:\.\d+)?$/, 'use milliseconds, not below zero')
  .transform(Number)
  .pipe(z.number().max(1e12));

const filters = {
  operation: text.optional().describe('name of a span'),
  min_duration_ms: durationParameter.optional(),
  max_duration_ms: durationParameter.optional(),
  status: z.enum(['ok', 'error']).optional().describe('`error`: a span of the trace has failed'),
  attribute: pairParameter.optional().describe('`key=value`, repeatable: an attribute of a span or of its resource'),
  environment: text.optional(),
  ...windowParameters,
  sort: z.enum(['newest', 'slowest']).default('newest'),
  limit: limitParameter(),
  cursor: cursorParameter,
};

export const traceListParameters = z.strictObject({ service: text.optional(), ...filters });
export const tracesOfServiceParameters = z.strictObject(filters);
export const traceServiceParameters = z.strictObject({ service_name: text });
export const traceParameters = z.strictObject({ trace_id: traceIdParameter });

const duration = z.number().nonnegative();
const attributes = z
  .record(z.string(), z.string())
  .describe(
    'values as text; numbers, booleans and arrays in their JSON form; `otel.dropped_attributes_count` and its like: ' +
      'what the limits of the sender left out',
  );

const traceItem = z.object({
  trace_id: z.string(),
  root_service: z.string().describe('of the root span; of the earliest span where the root is missing'),
  root_operation: z.string(),
  started_at: instant,
  duration_ms: duration.describe('from the start of the earliest span to the end of the last'),
  span_count: z.int(),
  error_count: z.int(),
  services: z.array(z.string()),
});

export const traceList = list(traceItem);

const spanItem = z.object({
  span_id: z.string(),
  parent_span_id: z.string().nullable(),
  service: z.string(),
  name: z.string(),
  kind: z.enum(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']),
  started_at: instant,
  start_offset_ms: z.number().describe('since the start of the trace'),
  duration_ms: duration,
  self_time_ms: duration.describe('its duration less the time that any of its children ran'),
  status: z.enum(['unset', 'ok', 'error']),
  status_message: z.string().nullable(),
  attributes,
  resource: attributes,
  trace_state: z.string().describe("W3C's `tracestate`"),
  flags: z
    .int()
    .describe('the trace flags in the lowest 8 bits; 256: whether the parent is remote is known; 512: it is'),
  resource_schema_url: z.string(),
  scope_name: z.string(),
  scope_version: z.string(),
  scope_attributes: attributes,
  scope_schema_url: z.string(),
  events: z.array(z.object({ name: z.string(), time: instant, attributes })),
  links: z.array(z.object({ trace_id: z.string(), span_id: z.string(), trace_state: z.string(), attributes })),
  on_critical_path: z.boolean().describe('the duration of the whole depended on it'),
});

export const traceDetail = z.object({
  trace_id: z.string(),
  started_at: instant,
  duration_ms: duration,
  services: z.array(z.string()),
  spans: z.array(spanItem).describe('by start time, at most 10000'),
  spans_truncated: z.boolean(),
  logs: z.array(logItem).describe('records with this trace id, the oldest first, at most 1000'),
  logs_truncated: z.boolean(),
});

export type TraceItem = z.infer<typeof traceItem>;
export type TraceList = z.infer<typeof traceList>;
export type SpanItem = z.infer<typeof spanItem>;
export type TraceDetail = z.infer<typeof traceDetail>;
