import { z } from 'zod';
import { parseDuration } from '../../lib/duration.ts';
import { instant } from './common.ts';

const signal = z
  .enum(['logs', 'traces', 'metrics', 'rollups'])
  .describe('rollups: of metrics, five minutes each, for when their samples are gone');

const tableUsage = z.object({ table: z.string(), rows: z.number(), bytes: z.number(), parts: z.int() });

const signalUsage = z.object({
  signal,
  rows: z.number().describe('log records, spans, samples, rollups'),
  bytes: z.number().describe('on disk, of all its tables'),
  parts: z.int(),
  oldest: instant.nullable(),
  newest: instant.nullable(),
  retention_seconds: z.number().describe('of rollups at least that of metrics'),
  retention_source: z.enum(['configuration', 'api']).describe('api: set at run time, which wins over the settings'),
  tables: z.array(tableUsage),
});

const serviceUsage = z.object({
  service: z.string().describe('empty: of no service'),
  log_records: z.number(),
  spans: z.number(),
  samples: z.number(),
  rollups: z.number(),
  estimated_bytes: z.number().describe('its share of the rows of each signal, times the bytes of the signal'),
  estimated_bytes_by_signal: z.record(signal, z.number()),
});

const diskBudget = z.object({
  limit_bytes: z.number(),
  used_bytes: z.number().describe('at the last measurement, at most a minute ago'),
  exceeded: z.boolean().describe('nothing but the running day is left to drop'),
  dropped_days: z.int().describe('since the start'),
  dropped_bytes: z.number(),
  last_dropped: z.object({ day: z.iso.date(), bytes: z.number(), at: instant }).nullable(),
});

export const storage = z.object({
  timestamp: instant,
  engine: z.enum(['embedded', 'server', 'cluster']),
  bytes: z.number(),
  disk: z
    .object({ total_bytes: z.number(), free_bytes: z.number() })
    .nullable()
    .describe('null: the server does not tell'),
  budget: diskBudget.nullable().describe('null without DISK_BUDGET'),
  signals: z.array(signalUsage),
  services: z
    .array(serviceUsage)
    .nullable()
    .describe('largest first, counted at most once a minute; null where that took too long'),
});
export type Storage = z.infer<typeof storage>;

const HOUR_MS = 3_600_000;
/** Above, times of the engine's clock would overflow. */
const MOST_MS = 100 * 365 * 24 * HOUR_MS;

const retentionDuration = z
  .string()
  .transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined && milliseconds >= HOUR_MS && milliseconds <= MOST_MS) return milliseconds;
    context.addIssue({ code: 'custom', message: 'use a duration of at least 1h, such as 30d or 1y' });
    return z.NEVER;
  })
  .nullable()
  .describe('`30d`; null: as the settings say');

export const retentionChange = z
  .strictObject({
    logs: retentionDuration.optional(),
    traces: retentionDuration.optional(),
    metrics: retentionDuration.optional(),
    rollups: retentionDuration.optional().describe('no longer than metrics: none are made'),
  })
  .refine((change) => Object.keys(change).length > 0, 'give logs, traces, metrics or rollups');

export const retention = z.object({
  signals: z.array(signalUsage.pick({ signal: true, retention_seconds: true, retention_source: true })),
});
export type Retention = z.infer<typeof retention>;

export const backupParameters = z.strictObject({ name: z.string() });

export const backup = z.object({
  name: z.string(),
  path: z.string().describe("a folder on the service's machine"),
  status: z.enum(['running', 'done', 'failed']),
  started_at: instant,
  ended_at: instant.nullable(),
  error: z.string().nullable(),
});
export type Backup = z.infer<typeof backup>;
