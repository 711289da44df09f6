import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceError } from '../model/errors.ts';
import { type BodyBounds, BodyReader } from './read-body.ts';
import type { Route } from './route.ts';

const DECOMPRESSORS = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  zstd: createZstdDecompress,
};

/** The media type of a request without its parameters, in lower case; empty where there is none. */
export function mediaType(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/**
 * Bodies arrive as decompressed bytes, whatever their type; the route decides what they mean. The route's body limit
 * holds before and after decompression, so that a small bomb cannot fill the memory.
 */
export function acceptBodies(app: FastifyInstance, routes: readonly Route[], bounds?: Partial<BodyBounds>): void {
  const reader = new BodyReader(bounds);
  app.removeAllContentTypeParsers();
  const streamed = [...new Set(routes.flatMap(({ streams = [] }) => streams))];
  if (streamed.length > 0) app.addContentTypeParser(streamed, passStream);
  app.addContentTypeParser('*', (request, payload, done) => reader.read(request, payload, done));
  app.addHook('preParsing', async (request, _reply, payload) => {
    const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
    if (encoding === 'identity' || encoding === '' || leftToHandler(request).includes(encoding)) return payload;
    const create = DECOMPRESSORS[encoding as keyof typeof DECOMPRESSORS];
    if (!create) {
      const known = Object.keys(DECOMPRESSORS).join(', ');
      throw new ServiceError(
        'unsupported_media_type',
        `content-encoding ${encoding} is not known; use one of ${known}`,
      );
    }
    return decompressed(payload, create());
  });
}

/** The body as it comes, for routes that read it so. */
async function passStream(request: FastifyRequest, payload: IncomingMessage): Promise<IncomingMessage> {
  const { streams = [] } = request.routeOptions.config as { streams?: readonly string[] };
  if (request.is404 || streams.includes(mediaType(request))) return payload;
  throw new ServiceError('unsupported_media_type', `this does not take ${mediaType(request)}`);
}

/** Encodings that the handler undoes itself: `Route.ownEncodings`. */
function leftToHandler(request: FastifyRequest): readonly string[] {
  return (request.routeOptions.config as { ownEncodings?: readonly string[] }).ownEncodings ?? [];
}

function decompressed(payload: Readable, decompressor: ReturnType<typeof createGunzip>): Readable {
  payload.on('error', (error) => decompressor.destroy(error));
  return payload.pipe(decompressor);
}

/** What zlib says of a body that is not what its `content-encoding` says. */
export function isBrokenCompression(error: unknown): error is Error {
  const { code } = (error ?? {}) as { code?: unknown };
  return error instanceof Error && typeof code === 'string' && /^(?:Z_|ERR_ZLIB|ZSTD_)/.test(code);
}

/** The JSON value of a body; an empty or broken one is a clear 400. */
export function parseJson(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new ServiceError('malformed', 'the request has no body; send a JSON object');
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new ServiceError('malformed', `the body is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
}
