import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { joinBuffers } from '../lib/buffer-pool.ts';
import { ServiceError } from '../model/errors.ts';

export interface BodyBounds {
  /** A body that has not arrived whole so many milliseconds after its first byte was awaited is refused. */
  readonly withinMs: number;
  /** Most bytes of all bodies that are arriving just now. */
  readonly arrivingBytes: number;
}

const USUAL_BOUNDS: BodyBounds = { withinMs: 120_000, arrivingBytes: 256 * 1024 * 1024 };

/** So much of a refused body is still read, and so long. */
const DISCARDED_BYTES = 128 * 1024 * 1024;
const DISCARDED_WITHIN_MS = 5000;

/** Reads bodies whole, within their route's limit; slow senders can fill the memory neither alone nor together. */
export class BodyReader {
  readonly #bounds: BodyBounds;
  #arriving = 0;

  constructor(bounds: Partial<BodyBounds> = {}) {
    this.#bounds = { ...USUAL_BOUNDS, ...bounds };
  }

  /** For Fastify. `payload`: the request itself, or what decompresses it. */
  read(request: FastifyRequest, payload: Readable, done: (error: Error | null, body?: Buffer) => void): void {
    const limit = request.routeOptions.bodyLimit;
    const refuse = (error: unknown) => {
      if (payload !== request.raw) payload.destroy();
      // Who is too slow is not waited for again.
      if (error instanceof ServiceError && (error.code === 'too_large' || error.code === 'overloaded')) {
        discardRest(request.raw, () => done(error));
      } else {
        done(error as Error);
      }
    };
    if (Number(request.headers['content-length']) > limit) refuse(tooLarge(limit));
    else this.collect(payload, limit).then((body) => done(null, body), refuse);
  }

  /**
   * All that comes, at most `limit` bytes; the pool of buffers takes it back. Rejects with a `ServiceError` or the
   * stream's own error.
   */
  collect(payload: Readable, limit: number): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const chunks: Buffer[] = [];
    let size = 0;
    const leave = () => {
      clearTimeout(timer);
      payload.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      // A stream that is destroyed or cut may still report it.
      payload.on('error', () => {});
      this.#arriving -= size;
    };
    const refuse = (error: unknown) => {
      leave();
      chunks.length = 0;
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      this.#arriving += chunk.length;
      if (size > limit) refuse(tooLarge(limit));
      else if (this.#arriving > this.#bounds.arrivingBytes) refuse(tooManyAtOnce());
      else chunks.push(chunk);
    };
    const onEnd = () => {
      leave();
      // A copy always: a single chunk may lie in a buffer that the parser of HTTP uses again.
      resolve(joinBuffers(chunks));
    };
    const onError = (error: Error) =>
      refuse((error as NodeJS.ErrnoException).code === 'ECONNRESET' ? cutOff(error) : error);
    const onClose = () => refuse(cutOff());
    const timer = setTimeout(() => refuse(tooSlow(this.#bounds.withinMs)), this.#bounds.withinMs);
    payload.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
    return promise;
  }
}

/**
 * Reads on for a while and keeps nothing: a connection that is closed on data under way takes the answer with it, and
 * its sender, who has heard nothing, sends the same again.
 */
export function discardRest(raw: IncomingMessage, done: () => void): void {
  let left = DISCARDED_BYTES;
  const end = () => {
    clearTimeout(timer);
    raw.off('data', count).off('end', end).off('close', end);
    done();
  };
  const count = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) end();
  };
  const timer = setTimeout(end, DISCARDED_WITHIN_MS);
  raw.unpipe();
  if (raw.readableEnded || raw.destroyed) end();
  else raw.on('data', count).on('end', end).on('close', end).resume();
}

function cutOff(cause?: Error): ServiceError {
  return new ServiceError('malformed', 'the body was cut off', { cause });
}

function tooLarge(limit: number): ServiceError {
  const size = limit >= 1024 ** 2 ? `${Math.floor(limit / 1024 ** 2)} MiB` : `${limit} bytes`;
  return new ServiceError('too_large', `the body is larger than ${size}, which is the most after decompression too`);
}

function tooManyAtOnce(): ServiceError {
  const message = 'more requests arrive at the same time than there is memory for; send again later';
  return new ServiceError('overloaded', message, { retryAfterSeconds: 1 });
}

function tooSlow(withinMs: number): ServiceError {
  return new ServiceError('timed_out', `the body did not arrive within ${withinMs / 1000} seconds; send smaller ones`);
}
