import { Readable } from 'node:stream';
import { z } from 'zod';
import { discardRest, mediaType, type Route, type RouteContext, route } from '../../http/index.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, ServiceError } from '../../model/errors.ts';
import type { Intake } from '../../pipeline/index.ts';
import type { ItemKind } from './item-kind.ts';
import { logs } from './logs.ts';
import { metrics } from './metrics.ts';
import { readJsonItems, validateItems } from './read-items.ts';
import { spans } from './spans.ts';
import { storeLines } from './store-lines.ts';

const BODY_LIMIT = 16 * 1024 * 1024;
const NDJSON_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];

export interface JsonIngestOptions {
  /** Where everything goes; `pipeline.intake('json')`. */
  readonly intake: Intake;
  readonly clock: Clock;
}

const accepted = z.object({
  accepted: z.int().describe('how many items are stored'),
  rejected: z.int().optional().describe('of lines: how many are not'),
  errors: z
    .array(z.object({ line: z.int(), path: z.string(), message: z.string() }))
    .optional()
    .describe('of lines: the first mistakes'),
});

/** Plain JSON, for scripts and for services without OpenTelemetry. */
export function jsonIngestRoutes(options: JsonIngestOptions): Route[] {
  return [logs, metrics, spans].map((kind) => ingestRoute(kind, options));
}

function ingestRoute(kind: ItemKind, options: JsonIngestOptions): Route {
  return route({
    method: 'POST',
    path: kind.path,
    tag: 'ingest',
    summary: kind.summary,
    description:
      `One object or an array of ${kind.description} Where one item is wrong, nothing is stored. Or a stream of any ` +
      'length with one object a line (`application/x-ndjson`): wrong lines are left out, counted and named.',
    scope: 'ingest',
    consumes: ['application/json', ...NDJSON_TYPES],
    streams: NDJSON_TYPES,
    describesBody: z.union([kind.schema, z.array(kind.schema)]),
    bodyLimit: BODY_LIMIT,
    success: { status: 202, schema: accepted },
    onRefused: ({ code }) => options.intake.refuseRequest(kind.signal, code),
    handle: (context) => {
      const { body } = context.request;
      if (body instanceof Readable) return takeStream(kind, options, context, body);
      return takeAtOnce(kind, options, context);
    },
  });
}

type Context = Pick<RouteContext<unknown, unknown, unknown>, 'request' | 'reply' | 'principal' | 'signal'>;

async function takeAtOnce(kind: ItemKind, { intake, clock }: JsonIngestOptions, { request, principal }: Context) {
  const type = mediaType(request);
  if (type !== 'application/json') {
    throw new ServiceError(
      'unsupported_media_type',
      `this takes application/json and application/x-ndjson; the content type is ${type || 'missing'}`,
    );
  }
  const read = readJsonItems(request.body);
  const { valid, issues, wrong } = validateItems(read, kind.schema);
  if (wrong > 0) {
    await kind.write(intake, [], { refused: [{ reason: 'invalid_item', count: wrong }] });
    throw invalid(...issues);
  }
  const bytes = Buffer.isBuffer(request.body) ? request.body.length : 0;
  const sender = { key: principal.name, bytes };
  const items = valid.map(kind.translator(clock.now()));
  try {
    return { accepted: (await kind.write(intake, items, { allOrNothing: true, sender })).accepted };
  } catch (error) {
    throw read.single ? withoutIndex(error) : error;
  }
}

/** Who sent one object finds it at no index. */
function withoutIndex(error: unknown): unknown {
  if (!(error instanceof ServiceError) || error.code !== 'invalid') return error;
  return invalid(...error.issues.map((issue) => ({ ...issue, path: issue.path === '[0]' ? 'body' : issue.path })));
}

async function takeStream(
  kind: ItemKind,
  { intake, clock }: JsonIngestOptions,
  { request, reply, principal, signal }: Context,
  body: Readable,
) {
  try {
    return await storeLines(body, { kind, intake, clock, key: principal.name, signal });
  } catch (error) {
    // The rest of the body stands between this answer and the next request.
    if (!body.readableEnded) reply.header('connection', 'close');
    await new Promise<void>((resolve) => discardRest(request.raw, resolve));
    throw error;
  }
}
