import { z } from 'zod';

/** Parts of the service that are checked. Without a store or the way in, the service is down; else degraded. */
const CHECKED_PARTS = [
  'telemetry_store',
  'control_store',
  'ingest',
  'alerting',
  'configuration',
  'notifications',
] as const;
export type CheckedPart = (typeof CHECKED_PARTS)[number];

const partHealth = z.object({
  status: z.enum(['ok', 'degraded', 'down']),
  detail: z.string().optional(),
  latency_ms: z.number(),
});

export const health = z.object({
  status: z.enum(['ok', 'degraded', 'down']),
  version: z.string(),
  uptime_seconds: z.number(),
  checks: z.record(z.enum(CHECKED_PARTS), partHealth),
});
export type Health = z.infer<typeof health>;

export const probe = z.object({ status: z.enum(['ok', 'starting', 'stopping']) });
