import type { FastifyReply, FastifyRequest } from 'fastify';
import { prepareErrorReply, type Route, route, toServiceError } from '../../http/index.ts';
import { ServiceError } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';
import { encodeError, encodeSuccess } from './answer.ts';
import { encodingOf, MEDIA_TYPES, setContentType } from './media.ts';
import { BODY_LIMIT, type OtlpSignal, takeRequest } from './signals.ts';

/** `POST /v1/traces`, `/v1/metrics`, `/v1/logs`: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export function otlpRoutes(signals: readonly OtlpSignal[], logger: Logger): Route[] {
  return signals.map((signal) => otlpRoute(signal, logger));
}

function otlpRoute(signal: OtlpSignal, logger: Logger): Route {
  return route({
    method: 'POST',
    path: signal.path,
    tag: 'ingest',
    summary: signal.summary,
    description:
      'OTLP/HTTP in protobuf or JSON, plain or compressed. Items that cannot be taken are named in `partial_success`; ' +
      'errors are `google.rpc.Status` in the encoding of the request. 429 and 503 carry `Retry-After`.',
    scope: 'ingest',
    consumes: MEDIA_TYPES,
    bodyLimit: BODY_LIMIT,
    lenient: true,
    success: { status: 200, contentType: 'application/x-protobuf', description: 'stored; see `partial_success`' },
    async handle({ request, reply, principal }) {
      const encoding = encodingOf(request);
      if (!encoding) throw unknownEncoding(request);
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const rejected = await takeRequest(signal, body, encoding, principal.name);
      setContentType(reply, encoding);
      return encodeSuccess(rejected, signal.rejectedField, encoding);
    },
    onRefused: ({ code }) => signal.refused(code),
    onError: (error, request, reply) => sendError(error, request, reply, logger),
  });
}

function unknownEncoding(request: FastifyRequest): ServiceError {
  const given = request.headers['content-type'] ?? 'none';
  return new ServiceError(
    'unsupported_media_type',
    `OTLP takes application/x-protobuf and application/json; the content type is ${given}`,
  );
}

/** What clients try again is fixed by the protocol (429, 502, 503, 504): a full disk must be one of these. */
function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  const error = toServiceError(thrown);
  prepareErrorReply(error, reply, logger);
  if (error.code === 'disk_full') reply.code(503);
  const retryLater = reply.statusCode === 503 || reply.statusCode === 429;
  if (retryLater && error.retryAfterSeconds === undefined) reply.header('retry-after', '5');
  const encoding = encodingOf(request) ?? 'json';
  setContentType(reply, encoding);
  return reply.send(encodeError(error.code, error.message, encoding));
}
