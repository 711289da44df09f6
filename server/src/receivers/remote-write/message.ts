import type { FastifyRequest } from 'fastify';
import { mediaType } from '../../http/index.ts';
import { ServiceError } from '../../model/errors.ts';

const MESSAGES: Readonly<Record<string, 'v1' | 'v2'>> = {
  'prometheus.writerequest': 'v1',
  'io.prometheus.write.v2.request': 'v2',
};

/** The version of the message that the content type names; without `proto=` it is 1.0. Throws what becomes a 415. */
export function messageOf(request: FastifyRequest): 'v1' | 'v2' {
  const given = request.headers['content-type'] ?? '';
  const type = mediaType(request);
  if (type === '') return 'v1';
  if (type !== 'application/x-protobuf') throw unsupported(given);
  const proto = /;\s*proto\s*=\s*"?([^";\s]*)/i.exec(given)?.[1];
  if (proto === undefined) return 'v1';
  const message = MESSAGES[proto.toLowerCase()];
  if (!message) throw unsupported(given);
  return message;
}

function unsupported(given: string): ServiceError {
  return new ServiceError(
    'unsupported_media_type',
    'remote write takes application/x-protobuf with proto=prometheus.WriteRequest (also without proto) or ' +
      `proto=io.prometheus.write.v2.Request; the content type is ${given}`,
  );
}
