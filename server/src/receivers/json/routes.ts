import { z } from 'zod';
import { mediaType, type Route, route } from '../../http/index.ts';
import type { Clock } from '../../model/clock.ts';
import { ServiceError } from '../../model/errors.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import type { Intake } from '../../pipeline/index.ts';
import { logItem } from './log-schema.ts';
import { type MetricItem, metricItem } from './metric-schema.ts';
import { readJsonItems, readNdjsonItems, validateItems } from './read-items.ts';
import { toLogRecord } from './to-log-record.ts';

const BODY_LIMIT = 16 * 1024 * 1024;
const NDJSON_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];

export interface JsonIngestOptions {
  /** Where everything goes; `pipeline.intake('json')`. */
  readonly intake: Intake;
  readonly clock: Clock;
}

const accepted = z.object({ accepted: z.int().describe('how many items are stored') });

/** `POST /api/logs`, `POST /api/monitoring/metrics`: plain JSON, for scripts and for services without OpenTelemetry. */
export function jsonIngestRoutes(options: JsonIngestOptions): Route[] {
  return [logsRoute(options), metricsRoute(options)];
}

function logsRoute({ intake, clock }: JsonIngestOptions): Route {
  return route({
    method: 'POST',
    path: '/api/logs',
    tag: 'ingest',
    summary: 'Store log records',
    description:
      'One object, an array, or one object a line (`application/x-ndjson`): `{timestamp?, level?, service?, message, ' +
      'trace_id?, span_id?, attributes?}`. Other fields become attributes. Where one item is wrong, nothing is stored.',
    scope: 'ingest',
    consumes: ['application/json', ...NDJSON_TYPES],
    describesBody: z.union([logItem, z.array(logItem)]),
    bodyLimit: BODY_LIMIT,
    success: { status: 202, schema: accepted },
    async handle({ request }) {
      const type = mediaType(request);
      const items = NDJSON_TYPES.includes(type)
        ? readNdjsonItems(request.body)
        : readJsonItems(jsonBody(request.body, type));
      const now = BigInt(clock.now()) * 1_000_000n;
      const resources = new Map();
      const records = validateItems(items, logItem).map((item) => toLogRecord(item, now, resources));
      return { accepted: (await intake.writeLogs(records, { allOrNothing: true })).accepted };
    },
  });
}

function jsonBody(body: unknown, type: string): unknown {
  if (type === 'application/json') return body;
  throw new ServiceError(
    'unsupported_media_type',
    `this takes application/json and application/x-ndjson; the content type is ${type || 'missing'}`,
  );
}

function metricsRoute({ intake, clock }: JsonIngestOptions): Route {
  return route({
    method: 'POST',
    path: '/api/monitoring/metrics',
    tag: 'ingest',
    summary: 'Store samples of custom and business metrics',
    description:
      'One object or an array of `{name, value, type?, unit?, labels?, timestamp?}`. Where one item is wrong, nothing ' +
      'is stored.',
    scope: 'ingest',
    consumes: ['application/json'],
    describesBody: z.union([metricItem, z.array(metricItem)]),
    bodyLimit: BODY_LIMIT,
    success: { status: 202, schema: accepted },
    async handle({ request }) {
      const items = validateItems(readJsonItems(jsonBody(request.body, mediaType(request))), metricItem);
      const batch = items.map((item) => toSeries(item, clock.now()));
      return { accepted: (await intake.writeSamples(batch, { allOrNothing: true })).accepted };
    },
  });
}

function toSeries(item: MetricItem, now: number): SeriesSamples {
  const labels = Object.fromEntries(Object.entries(item.labels).filter(([, value]) => value !== ''));
  const time = item.timestamp === undefined ? now : Number(item.timestamp / 1_000_000n);
  const { name, type, unit, value } = item;
  return { name, labels, type, unit, help: '', timestamps: [time], values: [value] };
}
