import { ServiceError } from '../model/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use by another process; stop that one, or set another port',
  EADDRNOTAVAIL: 'this machine does not have the address; set HOST to one that it has, or to 0.0.0.0 for all',
  EACCES: 'the port is reserved for the administrator; use one above 1023',
  ENOTFOUND: 'the name in HOST has no address',
};

/** Why a listener does not come up, in words for whoever starts the service. */
export function explainListenError(error: unknown, host: string, port: number): Error {
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
  if (reason === undefined) return error as Error;
  return new ServiceError('unavailable', `cannot listen on ${host}, port ${port}: ${reason}`, { cause: error });
}

export function isPortInUse(error: unknown): boolean {
  const { code, cause } = error as NodeJS.ErrnoException & { cause?: { code?: string } };
  return code === 'EADDRINUSE' || cause?.code === 'EADDRINUSE';
}
