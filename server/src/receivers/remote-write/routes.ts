import type { FastifyReply, FastifyRequest } from 'fastify';
import { prepareErrorReply, type Route, route, toServiceError } from '../../http/index.ts';
import { ProtobufError } from '../../lib/protobuf-reader.ts';
import { SnappyDecompressor, SnappyError } from '../../lib/snappy.ts';
import { ServiceError } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';
import { describeRejections, type Intake, type Sender } from '../../pipeline/index.ts';
import { DecoderV1 } from './decode-v1.ts';
import { DecoderV2 } from './decode-v2.ts';
import { messageOf } from './message.ts';
import type { WriteBatch, Written } from './write-batch.ts';

/** Before and after decompression. */
const BODY_LIMIT = 32 * 1024 * 1024;

export interface RemoteWriteOptions {
  /** Where everything goes; `pipeline.intake('remote-write')`. */
  readonly intake: Intake;
  readonly logger: Logger;
}

/**
 * `POST /api/v1/write`: https://prometheus.io/docs/specs/prw/remote_write_spec/ and
 * https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
export function remoteWriteRoutes({ intake, logger }: RemoteWriteOptions): Route[] {
  const decompressor = new SnappyDecompressor();
  const decoders = { v1: new DecoderV1(), v2: new DecoderV2() };
  return [
    route({
      method: 'POST',
      path: '/api/v1/write',
      tag: 'ingest',
      summary: 'Take samples in Prometheus remote write',
      description:
        'Remote write 1.0 and 2.0, told apart by `proto=` in the content type. 204: all is stored. 400: what could not ' +
        'be taken is named and must not be sent again, the rest is stored. 429 and 503: send again later.',
      scope: 'ingest',
      consumes: ['application/x-protobuf'],
      ownEncodings: ['snappy'],
      bodyLimit: BODY_LIMIT,
      lenient: true,
      success: { status: 204, description: 'stored' },
      async handle({ request, reply, principal }) {
        reportWritten(reply, { samples: 0, histograms: 0, exemplars: 0 });
        const body = plainBody(request, decompressor);
        const sender = { key: principal.name, bytes: body.length };
        return await store(decode(decoders[messageOf(request)], body), sender, intake, reply);
      },
      onRefused: ({ code }) => intake.refuseRequest('samples', code),
      onError: (error, request, reply) => sendError(error, request, reply, logger),
    }),
  ];
}

/** Snappy is what both versions speak; senders that say nothing mean it too. */
function plainBody(request: FastifyRequest, decompressor: SnappyDecompressor): Buffer {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const encoding = (request.headers['content-encoding'] ?? 'snappy').trim().toLowerCase();
  if (encoding !== 'snappy') return body;
  try {
    return decompressor.decompress(body, BODY_LIMIT);
  } catch (error) {
    if (!(error instanceof SnappyError)) throw error;
    throw new ServiceError('malformed', `the body is no snappy block: ${error.message}`, { cause: error });
  }
}

function decode(decoder: DecoderV1 | DecoderV2, body: Buffer): WriteBatch {
  try {
    return decoder.decode(body);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw new ServiceError('malformed', `the protobuf message is broken: ${error.message}`, { cause: error });
  }
}

async function store(batch: WriteBatch, sender: Sender, intake: Intake, reply: FastifyReply): Promise<unknown> {
  const { refused } = batch;
  const counter = batch.counter();
  await intake.writeSamples(batch.series, { refused: refused.list(), onRefused: counter.onRefused, sender });
  reportWritten(reply, counter.written());
  if (refused.total === 0) return undefined;
  reply.code(400).type('text/plain; charset=utf-8');
  return reply.send(`${describeRejections(refused.list())}\n`);
}

function reportWritten(reply: FastifyReply, written: Written): void {
  for (const [kind, count] of Object.entries(written)) {
    reply.header(`x-prometheus-remote-write-${kind}-written`, String(count));
  }
}

/** Senders log the text, drop the request at every 4xx but 429, and send it again at 429 and 5xx. */
function sendError(thrown: unknown, _request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  const error = toServiceError(thrown);
  prepareErrorReply(error, reply, logger);
  if (error.code === 'disk_full') reply.code(503);
  if (error.code === 'invalid') reply.code(400);
  const retryLater = reply.statusCode === 503 || reply.statusCode === 429;
  if (retryLater && error.retryAfterSeconds === undefined) reply.header('retry-after', '5');
  return reply.type('text/plain; charset=utf-8').send(`${error.message}\n`);
}
