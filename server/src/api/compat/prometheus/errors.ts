import type { FastifyReply, FastifyRequest } from 'fastify';
import { prepareErrorReply, toServiceError } from '../../../http/index.ts';
import { ERROR_CATALOGUE, type ErrorCode, type ServiceError } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';

type ErrorType =
  | 'bad_data'
  | 'execution'
  | 'timeout'
  | 'canceled'
  | 'not_found'
  | 'unavailable'
  | 'internal'
  | 'unauthorized';

/** https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview */
const STATUS: Readonly<Record<'bad_data' | 'execution', number>> = { bad_data: 400, execution: 422 };

/** An error in Prometheus' own words. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';
  readonly type: 'bad_data' | 'execution';

  constructor(type: 'bad_data' | 'execution', message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.type = type;
  }
}

/** A parameter that cannot be read. */
export function wrongParameter(name: string, reason: string, cause?: unknown): PrometheusError {
  return new PrometheusError('bad_data', `invalid parameter ${JSON.stringify(name)}: ${reason}`, cause);
}

const TYPES: Readonly<Partial<Record<ErrorCode, readonly [ErrorType, number?]>>> = {
  invalid: ['bad_data', 400],
  not_found: ['not_found'],
  unauthenticated: ['unauthorized'],
  forbidden: ['unauthorized'],
  query_timeout: ['timeout', 503],
  overloaded: ['unavailable'],
  unavailable: ['unavailable'],
  rate_limited: ['unavailable'],
  disk_full: ['unavailable', 503],
  internal: ['internal'],
};

/** Answers an error with Prometheus' envelope and status. */
export function sendPrometheusError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  const { status, type, message } = describeError(thrown, request, reply, logger);
  return reply
    .code(status)
    .type('application/json')
    .send(JSON.stringify({ status: 'error', errorType: type, error: message }));
}

function describeError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): { status: number; type: ErrorType; message: string } {
  if (thrown instanceof PrometheusError)
    return { status: STATUS[thrown.type], type: thrown.type, message: thrown.message };
  if (request.raw.destroyed || (thrown as Error | undefined)?.name === 'AbortError') {
    return { status: 503, type: 'canceled', message: 'query was canceled' };
  }
  const error: ServiceError = toServiceError(thrown);
  prepareErrorReply(error, reply, logger);
  const [type, status] = TYPES[error.code] ?? ['bad_data'];
  return { status: status ?? ERROR_CATALOGUE[error.code].status, type, message: error.message };
}
