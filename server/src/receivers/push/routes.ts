import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { mediaType, type Route, route } from '../../http/index.ts';
import { ExpositionError, expositionText } from '../../lib/exposition-scanner.ts';
import { type ExpositionSample, parseExposition } from '../../lib/parse-exposition.ts';
import type { Clock } from '../../model/clock.ts';
import { ServiceError } from '../../model/errors.ts';
import { labelsKey } from '../../model/labels.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import type { Intake } from '../../pipeline/index.ts';
import { readGrouping } from './grouping.ts';
import { PushedGroups } from './pushed-groups.ts';
import { toSeries } from './to-series.ts';

const BODY_LIMIT = 16 * 1024 * 1024;
const MOST_SAMPLES = 500_000;
const OPENMETRICS = 'application/openmetrics-text';
const PROTOBUF = 'application/vnd.google.protobuf';

export interface PushOptions {
  /** Where everything goes; `pipeline.intake('push')`. */
  readonly intake: Intake;
  readonly clock: Clock;
}

/** The path from `job` on: `/metrics/job/{job}` and further labels behind it. */
const BASES = ['/metrics/job/{job}', '/metrics/job@base64/{job}'] as const;
const METHODS = ['POST', 'PUT', 'DELETE'] as const;

/**
 * What short-lived jobs push, at the addresses of the Pushgateway: https://github.com/prometheus/pushgateway#api.
 * Other than there, nothing is kept to be scraped: samples are stored with the time of their arrival.
 */
export function pushRoutes(options: PushOptions): Route[] {
  const groups = new PushedGroups();
  return BASES.flatMap((base) =>
    METHODS.flatMap((method) => [
      pushRoute(options, groups, method, base, z.strictObject({ job: z.string() })),
      pushRoute(options, groups, method, `${base}/*`, z.strictObject({ job: z.string(), '*': z.string() })),
    ]),
  );
}

function pushRoute(
  { intake, clock }: PushOptions,
  groups: PushedGroups,
  method: (typeof METHODS)[number],
  path: string,
  params: z.ZodType,
): Route {
  const deletes = method === 'DELETE';
  return route({
    method,
    path,
    tag: 'ingest',
    summary: deletes ? 'End the series of a job' : 'Push metrics of a job',
    description: deletes
      ? 'The series that this group of labels has pushed end now.'
      : 'Prometheus text or OpenMetrics. The labels of the path (`/metrics/job/backup/instance/a`) are set on every ' +
        'sample; with `@base64` behind a label its value is in base64url. PUT also ends what the group pushed before ' +
        'and has no more. Samples are stored with the time of their arrival.',
    scope: 'ingest',
    params,
    ...(!deletes && { consumes: ['text/plain', OPENMETRICS], bodyLimit: BODY_LIMIT }),
    success: { status: deletes ? 202 : 200, contentType: 'text/plain' },
    onRefused: ({ code }) => intake.refuseRequest('samples', code),
    async handle({ request, reply, principal }) {
      const grouping = groupingOf(request);
      const now = clock.now();
      const batch = deletes ? [] : eachOnce(toSeries(readSamples(request), grouping, now));
      const ended = method === 'POST' ? [] : groups.ended(grouping, batch, now);
      const bytes = Buffer.isBuffer(request.body) ? request.body.length : 0;
      const sender = { key: principal.name, bytes };
      await intake.writeSamples([...batch, ...ended], { allOrNothing: true, sender });
      if (method === 'POST') groups.add(grouping, batch);
      else groups.replace(grouping, batch);
      reply.type('text/plain; charset=utf-8');
      return '';
    },
  });
}

/** From the raw path: an encoded slash is part of a value. */
function groupingOf(request: FastifyRequest): Record<string, string> {
  const path = request.url.split('?', 1)[0]!.replace(/\/$/, '');
  try {
    return readGrouping(path.slice('/metrics/'.length).split('/').map(decodeURIComponent));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new ServiceError('malformed', 'the path has a broken percent encoding');
  }
}

function readSamples(request: FastifyRequest): ExpositionSample[] {
  const type = mediaType(request);
  if (type === PROTOBUF) {
    throw new ServiceError('unsupported_media_type', `push text/plain or ${OPENMETRICS}, not ${PROTOBUF}`);
  }
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  try {
    const text = expositionText(body);
    return checked(parseExposition(text, type === OPENMETRICS ? 'openmetrics' : 'text'));
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    throw new ServiceError('malformed', error.message, { cause: error });
  }
}

/** The labels of the path are part of what tells series apart, as with the Pushgateway. */
function eachOnce(batch: SeriesSamples[]): SeriesSamples[] {
  const seen = new Set<string>();
  for (const { name, labels } of batch) {
    const key = `${name}\u0003${labelsKey(labels)}`;
    if (seen.has(key)) throw new ServiceError('malformed', `${name} is there twice with the same labels`);
    seen.add(key);
  }
  return batch;
}

function checked(samples: ExpositionSample[]): ExpositionSample[] {
  if (samples.length > MOST_SAMPLES)
    throw new ServiceError('too_large', `push at most ${MOST_SAMPLES} samples at once`);
  const timed = samples.find(({ timestamp }) => timestamp !== undefined);
  if (timed) {
    throw new ServiceError(
      'malformed',
      `${timed.name} has a timestamp: pushed samples are of the time of their arrival`,
    );
  }
  return samples;
}
