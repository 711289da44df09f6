import { z } from 'zod';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import { isOfType, VARIABLE_TYPES } from '../../model/variable-type.ts';
import { instant, list } from './common.ts';
import { variables } from './notifications.ts';

const channel = z.enum(CHANNEL_NAMES);
/** Longest text of a template. */
const text = z.string().max(20_000);
const locale = z.string().regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'use a language tag: de, de-AT');
const templateId = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, 'use letters, digits and . _ -')
  .refine((id) => id !== 'preview', '"preview" is taken by an address of the API');

const texts = {
  subject: text.describe('Liquid; plain text, every channel escapes it for its own form'),
  message: text,
  mail_subject: text.optional().describe('the same for all mails of a thread; left out: the subject'),
  short_text: text.optional().describe('for channels that count characters'),
};

const variant = z
  .strictObject({
    channel: channel.optional(),
    locale: locale.optional(),
    subject: text.optional(),
    message: text.optional(),
    mail_subject: text.optional(),
    short_text: text.optional(),
  })
  .refine(({ channel: of, locale: by }) => of !== undefined || by !== undefined, {
    path: ['channel'],
    message: 'say for which channel or locale',
  });

const templateFields = {
  description: z.string().max(1000).optional(),
  types: z
    .array(z.string().min(1).max(100))
    .max(100)
    .default([])
    .describe('types of notifications that use it where no template is named'),
  ...texts,
  variables: z
    .record(
      z.string().regex(/^[A-Za-z_]\w{0,99}$/, 'use letters, digits and _'),
      z
        .strictObject({
          description: z.string().max(1000).optional(),
          type: z.enum(VARIABLE_TYPES).optional().describe('something else is refused; left out: anything goes'),
          required: z.boolean().optional(),
          example: z.unknown().optional(),
        })
        .refine(({ type, example }) => type === undefined || example === undefined || isOfType(example, type), {
          path: ['example'],
          message: 'is not of the type',
        }),
    )
    .optional()
    .describe('what `data` holds; given, other variables are mistakes'),
  variants: z
    .array(variant)
    .max(50)
    .optional()
    .describe('other texts for a channel or a locale: the locale, then its language, then none'),
  facts: z
    .array(z.strictObject({ name: z.string().min(1).max(100), value: text }))
    .max(30)
    .optional(),
  links: z
    .array(z.strictObject({ label: text, url: text }))
    .max(10)
    .optional(),
  lists_labels: z.boolean().optional().describe('true: the entries of the variable `labels` follow the facts'),
  good: z.boolean().optional().describe('true for good news'),
};

export const templateBody = z.strictObject({ id: templateId, ...templateFields });
export const templatePut = z.strictObject({
  ...templateFields,
  version: z.int().min(1).optional().describe('the one that you have seen; another one by now is a 409'),
});
export const templateCopy = z.strictObject({ id: templateId });
export const templateRestore = z.strictObject({ version: z.int().min(1) });
export const templateParams = z.strictObject({ id: z.string().min(1).max(100) });

const finding = z.object({
  level: z.enum(['error', 'warning']),
  field: z.string(),
  line: z.int(),
  column: z.int(),
  message: z.string(),
});

export const template = z.object({
  id: z.string(),
  ...templateFields,
  types: z.array(z.string()),
  origin: z.enum(['predefined', 'file', 'api']).describe('only those of `api` can be changed here; all can be copied'),
  version: z.int().describe('0 where there are none'),
  saved_at: instant.nullable(),
  saved_by: z.string().nullable(),
  drift: z
    .enum(['same', 'different'])
    .nullable()
    .describe('of `file`: what the API had saved under this id, and the configuration now stands before'),
  lint: z.array(finding),
});

export const templateList = list(template);
export const templateVersions = list(
  z.object({
    version: z.int(),
    saved_at: instant,
    saved_by: z.string(),
    deleted: z.boolean(),
    subject: z.string().nullable(),
    message: z.string().nullable(),
  }),
);

const sample = {
  data: variables.optional().describe('left out: those of the last notification of its types, else the examples'),
  channel: channel.optional(),
  locale: locale.optional(),
};
export const previewBody = z.strictObject(sample);
export const draftPreviewBody = z.strictObject({ template: templateBody, ...sample });

export const templatePreview = z.object({
  subject: z.string(),
  message: z.string(),
  mail_subject: z.string(),
  short_text: z.string(),
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
  links: z.array(z.object({ label: z.string(), url: z.string() })),
  sample: z.enum(['given', 'last_event', 'examples']),
  sampled_from: z.string().nullable().describe('the notification, or event of the platform, that the data are from'),
  error: z.string().nullable().describe('why the built-in template would stand in'),
  lint: z.array(finding),
});

export type TemplateBody = z.output<typeof templateBody>;
export type TemplateView = z.output<typeof template>;
export type TemplateVersionList = z.output<typeof templateVersions>;
export type TemplatePreview = z.output<typeof templatePreview>;
