import { ProtobufWriter } from '../../lib/protobuf-writer.ts';
import type { ErrorCode } from '../../model/errors.ts';
import { describeRejections, type Rejection } from '../../pipeline/index.ts';
import type { Encoding } from './media.ts';

/** The answer to a request that was stored, wholly or in part. `rejectedField` is the signal's JSON name. */
export function encodeSuccess(
  rejected: readonly Rejection[],
  rejectedField: string,
  encoding: Encoding,
): string | Buffer {
  const count = rejected.reduce((sum, rejection) => sum + rejection.count, 0);
  if (encoding === 'json') {
    if (count === 0) return '{}';
    // proto3's JSON writes 64-bit integers as text.
    return JSON.stringify({
      partialSuccess: { [rejectedField]: String(count), errorMessage: describeRejections(rejected) },
    });
  }
  if (count === 0) return Buffer.alloc(0);
  const partial = new ProtobufWriter().varint(1, count).string(2, describeRejections(rejected)).finish();
  return new ProtobufWriter().bytes(1, partial).finish();
}

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
export const RPC_CODES: Readonly<Record<ErrorCode, number>> = {
  malformed: 3,
  invalid: 3,
  unsupported_media_type: 3,
  misdirected: 3,
  upgrade_required: 3,
  query_timeout: 4,
  not_found: 5,
  timed_out: 4,
  conflict: 6,
  forbidden: 7,
  too_large: 8,
  rate_limited: 8,
  internal: 13,
  overloaded: 14,
  unavailable: 14,
  disk_full: 14,
  method_not_allowed: 12,
  unauthenticated: 16,
};

/** A `google.rpc.Status`. */
export function encodeError(code: ErrorCode, message: string, encoding: Encoding): string | Buffer {
  const rpcCode = RPC_CODES[code];
  if (encoding === 'json') return JSON.stringify({ code: rpcCode, message });
  return new ProtobufWriter().varint(1, rpcCode).string(2, message).finish();
}
