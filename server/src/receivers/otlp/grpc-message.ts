import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { ServiceError } from '../../model/errors.ts';
import { BODY_LIMIT } from './signals.ts';

/** Codes of gRPC that no `ServiceError` stands for. */
export const UNIMPLEMENTED = 12;
const INTERNAL = 13;

/** What is wrong with a call itself, before its message is looked at. */
export class CallError extends Error {
  override readonly name = 'CallError';
  /** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const DECOMPRESSORS = { gzip: promisify(gunzip), deflate: promisify(inflate) };
/** For `grpc-accept-encoding`. */
export const ACCEPTED_ENCODINGS = ['identity', ...Object.keys(DECOMPRESSORS)].join(',');

/** In front of each message: whether it is compressed, and its length. */
export const PREFIX_BYTES = 5;

/**
 * The one message of a call, decompressed: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md. `encoding`
 * is what the header `grpc-encoding` says.
 */
export async function readMessage(body: Buffer, encoding: string): Promise<Buffer> {
  if (body.length === 0) throw new CallError(UNIMPLEMENTED, 'the call has no message; it takes one');
  if (body.length < PREFIX_BYTES) throw new CallError(INTERNAL, 'the message is cut off');
  const flag = body[0]!;
  const length = body.readUInt32BE(1);
  if (length > BODY_LIMIT) throw tooLarge();
  if (flag > 1) throw new CallError(INTERNAL, `a message begins with 0 or 1, not with ${flag}`);
  if (body.length < PREFIX_BYTES + length) throw new CallError(INTERNAL, 'the message is cut off');
  if (body.length > PREFIX_BYTES + length)
    throw new CallError(UNIMPLEMENTED, 'the call has two messages; it takes one');
  const message = body.subarray(PREFIX_BYTES);
  return flag === 0 ? message : await decompress(message, encoding);
}

/** Throws where messages may come in an encoding that is not known. */
export function checkEncoding(encoding: string): void {
  if (encoding === 'identity' || Object.hasOwn(DECOMPRESSORS, encoding)) return;
  throw new CallError(UNIMPLEMENTED, `grpc-encoding ${encoding} is not known; use one of ${ACCEPTED_ENCODINGS}`);
}

async function decompress(message: Buffer, encoding: string): Promise<Buffer> {
  if (encoding === 'identity')
    throw new CallError(INTERNAL, 'the message is compressed, and no grpc-encoding says how');
  try {
    return await DECOMPRESSORS[encoding as keyof typeof DECOMPRESSORS](message, { maxOutputLength: BODY_LIMIT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new CallError(INTERNAL, `the message cannot be decompressed: ${(error as Error).message}`);
  }
}

function tooLarge(): ServiceError {
  const most = `${BODY_LIMIT / 1024 ** 2} MiB`;
  return new ServiceError('too_large', `the message is larger than ${most}, which is the most after decompression too`);
}

export function frame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
