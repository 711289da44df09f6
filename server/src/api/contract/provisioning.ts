import { z } from 'zod';
import { instant } from './common.ts';

const driftItem = z.object({
  kind: z.enum([
    'alert',
    'rule_file',
    'routing',
    'escalation_policy',
    'correlation',
    'channel',
    'template',
    'scrape_job',
    'setting',
  ]),
  name: z.string(),
  state: z.enum(['new_in_file', 'changed_in_file', 'removed_in_file', 'paused_here']),
  takes_effect: z
    .enum(['reload', 'restart'])
    .nullable()
    .describe('what brings the file into force; null: nothing would'),
});
export type DriftItem = z.infer<typeof driftItem>;

export const configDrift = z.object({
  in_sync: z.boolean(),
  loaded_at: instant.describe('when the configuration was taken last'),
  problems: z.array(z.string()).describe('what is wrong with the configuration as it is now; it would not be taken'),
  items: z.array(driftItem),
});
export type ConfigDrift = z.infer<typeof configDrift>;
