import { z } from 'zod';

export const queryRequest = z.strictObject({
  language: z.string().describe('the language of `query`: `sql`'),
  query: z.string().trim().min(1, 'must not be empty').max(1_000_000, 'must have at most 1000000 characters'),
});

/** A table. 64-bit integers are numbers where safe, else text; NaN and infinite numbers are null. */
export const queryAnswer = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string().describe('the type in ClickHouse') })),
  rows: z.array(z.array(z.unknown())),
  stats: z.object({ rows_read: z.number(), bytes_read: z.number(), elapsed_ms: z.number() }),
});

export type QueryRequest = z.input<typeof queryRequest>;
export type QueryAnswer = z.infer<typeof queryAnswer>;
