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
  last_reload: z
    .object({
      at: instant,
      taken: z.boolean().describe('false: there were problems, and nothing has changed'),
      problems: z.array(z.string()),
      changes: z.array(driftItem).describe('what was different; `takes_effect` says what of it waits for a restart'),
    })
    .nullable()
    .describe('the last reload since the start; null: there was none'),
});
export type ConfigDrift = z.infer<typeof configDrift>;
