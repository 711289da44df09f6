import { ServiceError } from '../../../model/errors.ts';

/** A query that can be parsed, but not evaluated over the present data. */
export function executionError(message: string): ServiceError {
  return new ServiceError('invalid', message, { issues: [{ path: 'query', message }] });
}
