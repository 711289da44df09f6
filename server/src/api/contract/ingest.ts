import { z } from 'zod';
import { instant } from './common.ts';

const count = z.int().nonnegative();
const signal = z.enum(['spans', 'logs', 'samples']);

const reasonCount = z.object({
  reason: z.string(),
  description: z.string().describe('the reason in words'),
  advice: z.string().describe('what to do about it'),
  count,
});

const rate = z.object({ items_per_second: z.number().nullable(), bytes_per_second: z.number().nullable() });

const ingestSource = z.object({
  source: z.string().describe('the way in: `otlp`, `json`, `remote-write`, ..., or who writes: `host`, `derived`, ...'),
  signal,
  accepted: count.describe('items stored since the start'),
  rejected: z.array(reasonCount).describe('items refused for what they are'),
  refused_requests: z
    .array(reasonCount)
    .describe('requests refused whole, before they had items: unreadable, too large, without a key, ...'),
  dropped: z.array(reasonCount).describe('items left out because the configuration says so'),
  rate_limited: count.describe('items beyond a rate limit; the sender was told to try again'),
  failed: count.describe('good items that the store could not take; the sender was told to try again'),
  truncated: count.describe('texts that were cut and attributes, events or links that were left out'),
  redacted: count.describe('values from which secrets were taken'),
  last_received_at: instant.nullable(),
  accepted_per_second: z.number().describe('over the last minute'),
  refused_per_second: z.number().describe('rejected, beyond a rate limit or failed; over the last minute'),
  limits: rate,
});

const refusedExample = z.object({
  time: instant,
  source: z.string(),
  signal,
  reason: z.string(),
  description: z.string(),
  subject: z.string().describe('the metric or the service; empty where it was refused before it had either'),
  detail: z.string(),
  count: count.describe('how often it was seen since it is shown'),
});

const bytes = z.number().nonnegative();

const writePath = z.object({
  acknowledge: z.enum(['log', 'store']).describe('what an answer to a sender waits for'),
  fsync: z.enum(['1s', 'always']).nullable(),
  log: z
    .object({
      segments: count,
      bytes,
      unsynced_bytes: bytes.describe('written and not yet synchronised with the disk'),
      replayed_rows: count.describe('rows that the start found in it'),
      damaged_rows: count.describe('rows that the start could not read'),
      set_aside_rows: count.describe('rows that the engine refused for good, kept in `telemetry/set-aside/`'),
      failure: z.string().nullable().describe('why nothing more can be promised until a restart'),
    })
    .nullable(),
  disk: z
    .object({
      free_bytes: bytes,
      reserve_bytes: bytes.describe('kept free'),
      exhausted: z.boolean().describe('telemetry is refused until there is space again'),
    })
    .nullable(),
  tables: z.array(
    z.object({
      table: z.string(),
      pending_rows: count.describe('accepted and not yet in the table'),
      pending_bytes: bytes,
      failure: z.string().nullable().describe('why the newest insert failed'),
    }),
  ),
});

export const ingestReport = z.object({
  timestamp: instant,
  sources: z.array(ingestSource),
  examples: z
    .array(refusedExample)
    .describe('the newest refused items, one of each reason and subject, the newest first'),
  in_flight: z
    .array(z.object({ signal, items: count, limit: count }))
    .describe('on their way to the store; beyond the limit senders are told to try again'),
  series: z.object({
    count,
    limit: count,
    per_metric_limit: count,
  }),
  limits: z.object({
    max_age_seconds: z.object({
      spans: z.number().nullable(),
      logs: z.number().nullable(),
      samples: z.number().nullable(),
    }),
    max_ahead_seconds: z.number().nullable(),
    attributes: count,
    attribute_value_length: count,
    body_length: count,
    labels: count,
    label_value_length: count,
    rates: z
      .object({
        standard: rate.describe('of each source and each API key without a limit of its own'),
        sources: z.record(z.string(), rate),
        keys: z.record(z.string(), rate).describe('by the name of the API key'),
      })
      .describe('as the configuration says; `null`: any'),
  }),
  write_path: writePath,
});

export type IngestReport = z.infer<typeof ingestReport>;
export type IngestSource = z.infer<typeof ingestSource>;
export type WritePath = z.infer<typeof writePath>;
