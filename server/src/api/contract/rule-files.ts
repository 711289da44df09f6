import { z } from 'zod';
import { instant } from './common.ts';

const fileName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\s;]+$/, 'no spaces and no semicolons');

export const ruleFileImportParameters = z.strictObject({
  file: fileName.default('imported').describe('what the file is called here: the next import of this name replaces it'),
});

export const ruleFileParameters = z.strictObject({ name: fileName });

export const ruleFileImport = z.object({
  file: z.string(),
  created: z.array(z.string()).describe('names of alerts'),
  updated: z.array(z.string()),
  removed: z.array(z.string()),
  unchanged: z.array(z.string()),
});
export type RuleFileImport = z.infer<typeof ruleFileImport>;

export const ruleFileList = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      source: z.enum(['file', 'api']).describe('named by the configuration, or imported'),
      saved_at: instant.nullable(),
      saved_by: z.string().nullable(),
      groups: z.array(
        z.object({
          name: z.string(),
          alerting: z.number(),
          recording: z.number(),
          last_evaluated_at: instant.nullable(),
          missed_evaluations: z.int().describe('left out since it was taken up, because the one before took too long'),
        }),
      ),
    }),
  ),
  next_cursor: z.null(),
});
export type RuleFileList = z.infer<typeof ruleFileList>;
