import type { FastifyReply, FastifyRequest } from 'fastify';
import { mediaType } from '../../http/index.ts';

/** The two encodings of OTLP over HTTP. */
export type Encoding = 'protobuf' | 'json';

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  'application/x-protobuf': 'protobuf',
  'application/protobuf': 'protobuf',
  'application/json': 'json',
};

export const MEDIA_TYPES = Object.keys(ENCODINGS);

/** The encoding that a request says it has, or `undefined`. */
export function encodingOf(request: FastifyRequest): Encoding | undefined {
  return ENCODINGS[mediaType(request)];
}

export function setContentType(reply: FastifyReply, encoding: Encoding): void {
  reply.type(encoding === 'json' ? 'application/json' : 'application/x-protobuf');
}
