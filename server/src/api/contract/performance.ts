import { z } from 'zod';
import { cursorParameter, instant, limitParameter, list, windowParameters } from './common.ts';

const rate = z.number().nullable().describe('per second; null for a service that sends no traces');
const ratio = z.number().nullable().describe('0 to 1; null without requests');

export const latency = z
  .object({ avg: z.number(), p50: z.number(), p90: z.number(), p95: z.number(), p99: z.number() })
  .nullable()
  .describe('milliseconds; null without requests');

const figures = {
  status: z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']),
  requests_per_second: rate,
  error_ratio: ratio,
  latency_ms: latency,
  apdex: z.number().nullable().describe('0 to 1 for a target of 500 ms; null without requests'),
};

const baseline = z
  .object({
    p95_ms: z.number(),
    error_ratio: z.number(),
    requests_per_second: z.number(),
    deviation: z.number(),
    learned_from: instant,
  })
  .nullable();

const servicePerformance = z.object({
  service: z.string(),
  ...figures,
  baseline,
  last_seen: instant.nullable(),
});
export type ServicePerformance = z.infer<typeof servicePerformance>;

const window = { start: instant, end: instant };

export const performanceList = z.object({ ...window, items: z.array(servicePerformance) });
export type PerformanceList = z.infer<typeof performanceList>;

export const performanceQuery = z.strictObject({
  ...windowParameters,
  environment: z.string().optional().describe('only this environment'),
});

const operation = z.object({ operation: z.string(), ...figures, last_seen: instant.nullable() });

const dependency = z.object({
  name: z.string(),
  kind: z.enum(['service', 'database', 'queue', 'external']),
  requests_per_second: z.number(),
  error_ratio: z.number(),
  latency_ms: latency.unwrap(),
});

const points = z.array(z.tuple([z.number(), z.number()])).describe('pairs of Unix seconds and value');

const topError = z.object({
  operation: z.string(),
  type: z.string().nullable(),
  message: z.string(),
  count: z.int(),
  last_seen: instant,
  trace_id: z.string(),
});

const serviceResources = z.object({
  cpu_percent: z.number().nullable().describe('of one core'),
  memory_bytes: z.number().nullable(),
  memory_percent: z.number().nullable(),
  up: z.boolean().nullable(),
  restarts: z.number().nullable(),
  containers: z.array(z.object({ id: z.string(), name: z.string(), state: z.string(), health: z.string() })),
});

export const performanceDetail = z.object({
  ...window,
  ...servicePerformance.shape,
  operations: z.array(operation),
  dependencies: z.object({ upstream: z.array(dependency), downstream: z.array(dependency) }),
  series: z.object({
    requests_per_second: points,
    error_ratio: points,
    latency_p95_ms: points,
    cpu_percent: points,
    memory_bytes: points,
  }),
  top_errors: z.array(topError),
  resources: serviceResources,
});
export type PerformanceDetail = z.infer<typeof performanceDetail>;

export const serviceParams = z.strictObject({ service_name: z.string().min(1) });

export const servicesQuery = z.strictObject({
  ...performanceQuery.shape,
  limit: limitParameter(),
  cursor: cursorParameter,
});

const knownService = z.object({
  service: z.string(),
  environments: z.array(z.string()),
  status: figures.status,
  known_by: z.array(z.enum(['traces', 'metrics', 'logs', 'container'])),
  last_seen: instant.nullable(),
});

export const serviceList = list(knownService);
export type ServiceList = z.infer<typeof serviceList>;
