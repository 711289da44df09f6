import { z } from 'zod';
import { instant } from './common.ts';
import { latency, performanceQuery } from './performance.ts';

export const serviceMapQuery = performanceQuery;

const node = z.object({
  id: z
    .string()
    .describe(
      '`database:sqlite/users`, `queue:kafka/events`, `external:host:port`, `user`; of services the name alone',
    ),
  kind: z.enum(['service', 'database', 'queue', 'external', 'user']),
  name: z.string(),
  status: z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']),
  requests_per_second: z.number(),
  error_ratio: z.number().nullable().describe('0 to 1; null without requests'),
  latency_ms: latency,
});

const edge = z.object({
  source: z.string().describe('id of a node'),
  target: z.string().describe('id of a node'),
  requests_per_second: z.number(),
  error_ratio: z.number().describe('0 to 1'),
  latency_ms: z.object({ p50: z.number(), p95: z.number() }).describe('milliseconds'),
});

export const serviceMap = z.object({
  start: instant,
  end: instant,
  sampled_ratio: z.number().describe('share of the traces that calls were estimated from; 1: all were read'),
  nodes: z.array(node),
  edges: z.array(edge),
});
export type ServiceMap = z.infer<typeof serviceMap>;
