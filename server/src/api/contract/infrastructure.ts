import { z } from 'zod';
import { instant } from './common.ts';

const percent = z.number().describe('0 to 100');

/** The newest state of a host. */
const hostState = z.object({
  host: z.string(),
  cpu: z.object({
    usage_percent: percent,
    cores: z.int(),
    load_1m: z.number(),
    load_5m: z.number(),
    load_15m: z.number(),
  }),
  memory: z.object({
    total_bytes: z.number(),
    used_bytes: z.number(),
    available_bytes: z.number(),
    usage_percent: percent,
  }),
  disks: z.array(
    z.object({ mount: z.string(), total_bytes: z.number(), used_bytes: z.number(), usage_percent: percent }),
  ),
  network: z.object({ receive_bytes_per_second: z.number(), transmit_bytes_per_second: z.number() }),
  uptime_seconds: z.number(),
});

const capacityForecast = z.object({
  resource: z.string().describe('`disk /var on web-1`'),
  used_percent: percent,
  trend_per_day: z.number().describe('percentage points a day'),
  full_at: instant.nullable().describe('when the trend reaches 100 percent; null where it does not within a year'),
  confidence: z.number().describe('0 to 1: how well a straight line fits, and over how long'),
});

export const infrastructure = z.object({
  hosts: z.array(hostState),
  containers: z.object({ running: z.int(), stopped: z.int(), unhealthy: z.int() }),
  capacity: z.array(capacityForecast),
});
export type Infrastructure = z.infer<typeof infrastructure>;

/** Figures of use are null for containers that do not run. */
const container = z.object({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  state: z.string().describe('running, exited, paused, ... as the engine says it'),
  health: z.enum(['none', 'starting', 'healthy', 'unhealthy']),
  started_at: instant.nullable(),
  restart_count: z.int(),
  cpu_percent: z.number().nullable().describe('of one core'),
  memory: z.object({
    usage_bytes: z.number().nullable(),
    limit_bytes: z.number().nullable(),
    usage_percent: z.number().nullable(),
  }),
  network: z.object({ receive_bytes: z.number().nullable(), transmit_bytes: z.number().nullable() }),
  block_io: z.object({ read_bytes: z.number().nullable(), write_bytes: z.number().nullable() }),
  pids: z.int().nullable(),
  labels: z.record(z.string(), z.string()),
  service: z.string().optional(),
});

export const containers = z.object({
  engine: z.object({
    available: z.boolean(),
    name: z.string().optional(),
    version: z.string().optional(),
    error: z.string().optional(),
  }),
  items: z.array(container),
});
export type Containers = z.infer<typeof containers>;
