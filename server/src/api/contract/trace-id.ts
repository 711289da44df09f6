import { z } from 'zod';

/** A trace id as people have it: 32 hex digits, or 16 of systems with 64-bit ids; the output has 32, in lower case. */
export const traceIdParameter = z
  .string()
  .regex(/^(?:[0-9a-fA-F]{16}|[0-9a-fA-F]{32})$/, 'use 16 or 32 hex digits')
  .transform((text) => text.toLowerCase().padStart(32, '0'))
  .describe('16 or 32 hex digits');
