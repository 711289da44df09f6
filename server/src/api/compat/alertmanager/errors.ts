import type { FastifyReply, FastifyRequest } from 'fastify';
import { prepareErrorReply, toServiceError } from '../../../http/index.ts';
import { ERROR_CATALOGUE } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';

/** A request that cannot be understood, in Alertmanager's words. */
export class AlertmanagerError extends Error {
  override readonly name = 'AlertmanagerError';
  readonly status: 400 | 404 | 422 | 500;

  constructor(status: 400 | 404 | 422 | 500, message: string) {
    super(message);
    this.status = status;
  }
}

/** Alertmanager answers errors with a JSON text. What is wrong with values is 400 there. */
export function sendAlertmanagerError(
  thrown: unknown,
  _request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  if (thrown instanceof AlertmanagerError) return send(reply.code(thrown.status), thrown.message);
  const error = toServiceError(thrown);
  prepareErrorReply(error, reply, logger);
  const { status } = ERROR_CATALOGUE[error.code];
  return send(reply.code(error.code === 'invalid' ? 400 : status), error.message);
}

function send(reply: FastifyReply, message: string): FastifyReply {
  return reply.type('application/json').send(JSON.stringify(message));
}
