import { z } from 'zod';
import { timestamp } from './log-schema.ts';

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
const MOST_LABELS = 64;

/** One sample of a custom metric. The name is stored as it is given. */
export const metricItem = z.strictObject({
  name: z
    .string()
    .max(512, 'at most 512 characters')
    .regex(NAME, 'use letters, digits, "_" and ":", not a digit first'),
  value: z.number({ error: 'must be a finite number' }),
  type: z.enum(['gauge', 'counter'], { error: 'use gauge or counter' }).default('gauge'),
  unit: z.string().max(64, 'at most 64 characters').default('').describe('`seconds`, `bytes`, `percent`, ...'),
  labels: z.record(z.string(), z.unknown(), { error: 'must be an object of texts' }).transform(checkLabels).default({}),
  timestamp: timestamp.optional(),
});

export type MetricItem = z.output<typeof metricItem>;

/** Names and values are checked together, so that every mistake is told at once. */
function checkLabels(labels: Readonly<Record<string, unknown>>, context: z.RefinementCtx): Record<string, string> {
  const entries = Object.entries(labels);
  const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (entries.length > MOST_LABELS) wrong([], `at most ${MOST_LABELS} labels`);
  for (const [name, value] of entries.slice(0, MOST_LABELS)) {
    if (!LABEL.test(name)) wrong([name], 'label names have letters, digits and "_"; no digit first, and not "__"');
    else if (name.length > 512) wrong([name], 'label names have at most 512 characters');
    else if (typeof value !== 'string') wrong([name], 'must be text');
    else if (value.length > 4096) wrong([name], 'at most 4096 characters');
  }
  return labels as Record<string, string>;
}
