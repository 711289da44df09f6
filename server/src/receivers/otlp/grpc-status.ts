import type { OutgoingHttpHeaders } from 'node:http2';
import { ProtobufWriter } from '../../lib/protobuf-writer.ts';
import type { ServiceError } from '../../model/errors.ts';
import { RPC_CODES } from './answer.ts';
import { CallError } from './grpc-message.ts';

const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

/** The trailers that say why a call failed, and when trying again makes sense. */
export function statusOf(error: ServiceError | CallError): OutgoingHttpHeaders {
  const code = error instanceof CallError ? error.status : RPC_CODES[error.code];
  const delay = error instanceof CallError ? undefined : retryDelay(code, error);
  return {
    'grpc-status': String(code),
    'grpc-message': encodeText(error.message),
    ...(delay !== undefined && {
      'grpc-status-details-bin': retryDetails(code, error.message, delay).toString('base64'),
    }),
  };
}

/** UTF-8 with percent signs, as the protocol has it for all but printable ASCII. */
function encodeText(text: string): string {
  return text.replace(/[^ -$&-~]+/gu, (rest) =>
    [...Buffer.from(rest)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''),
  );
}

/** Seconds; a request that is too large has none, since it would be too large again. */
function retryDelay(code: number, { retryAfterSeconds }: ServiceError): number | undefined {
  if (code === UNAVAILABLE) return retryAfterSeconds ?? 5;
  return code === RESOURCE_EXHAUSTED ? retryAfterSeconds : undefined;
}

/** A `google.rpc.Status` with a `google.rpc.RetryInfo`. */
function retryDetails(code: number, message: string, seconds: number): Buffer {
  const duration = new ProtobufWriter().varint(1, Math.ceil(seconds)).finish();
  const info = new ProtobufWriter().bytes(1, duration).finish();
  const detail = new ProtobufWriter().string(1, 'type.googleapis.com/google.rpc.RetryInfo').bytes(2, info).finish();
  return new ProtobufWriter().varint(1, code).string(2, message).bytes(3, detail).finish();
}
