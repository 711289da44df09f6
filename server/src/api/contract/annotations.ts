import { z } from 'zod';
import { ANNOTATION_KINDS, WRITTEN_ANNOTATION_KINDS } from '../../model/annotation-kind.ts';
import {
  booleanParameter,
  cursorParameter,
  instant,
  instantParameter,
  limitParameter,
  list,
  repeatedParameter,
  severity,
  windowParameters,
} from './common.ts';

const service = z.string().trim().max(200);
const tag = z.string().trim().min(1).max(100);
const time = z
  .union([instantParameter, z.number().min(0).max(253_402_300_799_999)])
  .describe('RFC 3339, relative (`now-15m`), or a number: Unix seconds, above 100 000 000 000 milliseconds');
const httpUrl = z
  .string()
  .max(2000)
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'use http:// or https://');

const said = {
  title: z.string().trim().max(300).optional().describe('default: the first line of `text`, or what was deployed'),
  text: z.string().max(10_000).optional(),
  service: service.optional().describe('left out: about no service in particular'),
  environment: service.optional().describe('left out: about every environment'),
  version: z.string().trim().max(200).nullable().optional().describe('of what was deployed'),
  severity: severity.optional(),
  tags: z.array(tag).max(20).optional(),
  url: httpUrl.nullable().optional(),
  time: time.optional().describe('default: now'),
  time_end: time.nullable().optional().describe('null: a moment'),
};

/** What clients of Grafana's annotation API send besides. */
const grafana = {
  timeEnd: z.number().min(0).max(253_402_300_799_999).optional().describe('as `time_end`, in the words of Grafana'),
  isRegion: z.boolean().optional().describe('of Grafana; not needed'),
  dashboardUID: z.string().max(200).optional().describe('of Grafana; annotations belong to no dashboard'),
  dashboardId: z.number().optional().describe('of Grafana'),
  panelId: z.number().optional().describe('of Grafana'),
};

export const annotationBody = z.strictObject({
  kind: z.enum(WRITTEN_ANNOTATION_KINDS).default('note'),
  ...said,
  ...grafana,
});
export const annotationPatch = z.strictObject({ kind: z.enum(WRITTEN_ANNOTATION_KINDS).optional(), ...said });
export const annotationParams = z.strictObject({ id: z.string().min(1).max(100) });

export const annotation = z.object({
  id: z.string(),
  kind: z.enum(ANNOTATION_KINDS),
  time: instant,
  time_end: instant.nullable().describe('null: a moment, or an alert that still fires'),
  title: z.string(),
  text: z.string(),
  service: z.string().nullable(),
  environment: z.string().nullable(),
  version: z.string().nullable(),
  severity,
  tags: z.array(z.string()),
  url: z.string().nullable(),
  source: z.string().nullable().describe('of the event that it is made from'),
  event_id: z.string().nullable().describe('our id of that event'),
  alert_id: z.string().nullable(),
  incident_id: z.string().nullable(),
  created_by: z.string(),
  created_at: instant,
});
export const annotationList = list(annotation);

export const annotationFilters = z.strictObject({
  kind: repeatedParameter.pipe(z.array(z.enum(ANNOTATION_KINDS))).optional(),
  service: service.optional(),
  global: booleanParameter.optional().describe('with `service`: also what is about no service in particular'),
  environment: service.optional().describe('about this one or about every one'),
  tag: repeatedParameter.pipe(z.array(tag).max(20)).optional().describe('repeatable: all of them'),
  ...windowParameters,
  limit: limitParameter(),
  cursor: cursorParameter,
});

export type AnnotationView = z.output<typeof annotation>;
