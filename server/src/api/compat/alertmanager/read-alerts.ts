import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { ExternalAlert } from '../../../alerting/index.ts';
import { AlertmanagerError } from './errors.ts';

const texts = z.record(z.string(), z.string());

/** The alerts of a body in JSON or YAML. Throws 400 with the first mistake in Alertmanager's words. */
export function readAlerts(body: Buffer, type: string): ExternalAlert[] {
  const document = readDocument(body, type);
  const plain = plainAlerts(document);
  if (plain) return plain;
  const parsed = z.array(postable).safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AlertmanagerError(400, `parsing alerts body failed: ${issue!.path.join('.')}: ${issue!.message}`);
}

function readDocument(body: Buffer, type: string): unknown {
  const text = body.toString('utf8');
  try {
    // Warnings would go to our own standard error.
    return type.endsWith('yaml') ? parseYaml(text, { maxAliasCount: 100, logLevel: 'error' }) : JSON.parse(text);
  } catch (error) {
    throw new AlertmanagerError(400, `parsing alerts body failed: ${(error as Error).message.split('\n', 1)[0]}`);
  }
}

/** Unix milliseconds; absent, empty or Go's zero time: null. */
const time = z
  .union([z.string(), z.null(), z.undefined()])
  .transform((text, context) => {
    if (!text || text.startsWith('0001-01-01T00:00:00')) return null;
    const at = Date.parse(text);
    if (!Number.isNaN(at)) return at;
    context.addIssue({ code: 'custom', message: `"${text}" is no RFC 3339 time` });
    return z.NEVER;
  })
  .optional();

const postable = z
  .looseObject({
    labels: texts,
    annotations: texts.nullish(),
    startsAt: time,
    endsAt: time,
    generatorURL: z.string().nullish(),
  })
  .transform(
    ({ labels, annotations, startsAt, endsAt, generatorURL }): ExternalAlert => ({
      labels,
      annotations: annotations ?? {},
      startsAt: startsAt ?? null,
      endsAt: endsAt ?? null,
      generatorUrl: generatorURL ?? '',
    }),
  );

/** What is as it should be needs no schema, which takes several times as long; `undefined`: the schema says what is wrong. */
function plainAlerts(document: unknown): ExternalAlert[] | undefined {
  if (!Array.isArray(document)) return undefined;
  const alerts: ExternalAlert[] = [];
  for (const item of document as readonly (Record<string, unknown> | null)[]) {
    if (typeof item !== 'object' || item === null) return undefined;
    const { labels, annotations = {}, startsAt, endsAt, generatorURL = '' } = item;
    const [from, until] = [plainTime(startsAt), plainTime(endsAt)];
    if (!areTexts(labels) || !areTexts(annotations) || typeof generatorURL !== 'string') return undefined;
    if (from === undefined || until === undefined) return undefined;
    alerts.push({ labels, annotations, startsAt: from, endsAt: until, generatorUrl: generatorURL });
  }
  return alerts;
}

function areTexts(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const name in value) if (typeof (value as Record<string, unknown>)[name] !== 'string') return false;
  return true;
}

/** Unix milliseconds; null: it says nothing; `undefined`: it is not plain. */
function plainTime(value: unknown): number | null | undefined {
  if (value === undefined) return null;
  if (typeof value !== 'string' || value === '' || value.startsWith('0001-01-01')) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}
