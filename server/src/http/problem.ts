import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ERROR_CATALOGUE, type ErrorCode, ServiceError } from '../model/errors.ts';
import type { Logger } from '../model/logger.ts';
import { isBrokenCompression } from './body.ts';

/** RFC 9457. */
export const problemSchema = z.object({
  type: z.string().describe('names the kind of the problem: `/docs/errors#<code>`'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .describe('every wrong place, where there are any'),
  did_you_mean: z.array(z.string()).optional(),
});
type Problem = z.infer<typeof problemSchema>;

/** Fastify's own refusals (body limit, broken URL, ...) by status. */
const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed',
  404: 'not_found',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'overloaded',
};

/** Any thrown thing as a `ServiceError`; what nobody foresaw becomes `internal`, its text kept for the log only. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (isBrokenCompression(error)) {
    return new ServiceError('malformed', `the body cannot be decompressed: ${error.message}`, { cause: error });
  }
  if ((error as { code?: unknown } | null)?.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new ServiceError('unsupported_media_type', 'the content type cannot be read; write type/subtype');
  }
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  const code = typeof status === 'number' ? CODE_BY_STATUS[status] : undefined;
  if (code) return new ServiceError(code, (error as Error).message, { cause: error });
  return new ServiceError('internal', 'an unexpected error; the log of the service says more', { cause: error });
}

function toProblem(error: ServiceError): Problem {
  const { status, title } = ERROR_CATALOGUE[error.code];
  return {
    type: `/docs/errors#${error.code}`,
    title,
    status,
    detail: error.message,
    errors: error.issues.map(({ path, message }) => ({ path, message })),
    ...(error.didYouMean.length > 0 && { did_you_mean: [...error.didYouMean] }),
  };
}

/** Sets status and `Retry-After`; logs what is our own fault, unless it only failed because the client has left. */
export function prepareErrorReply(error: ServiceError, reply: FastifyReply, logger: Logger): void {
  const { status } = ERROR_CATALOGUE[error.code];
  if (error.code === 'internal' && !reply.raw.destroyed) {
    logger.error({ err: error.cause ?? error, route: reply.request.routeOptions.url }, 'request failed');
  }
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)));
  reply.code(status);
}

export function sendProblem(thrown: unknown, reply: FastifyReply, logger: Logger): FastifyReply {
  const error = toServiceError(thrown);
  prepareErrorReply(error, reply, logger);
  return reply.type('application/problem+json').send(JSON.stringify(toProblem(error)));
}
