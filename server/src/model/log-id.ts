/**
 * The id of a log record in the API: a UUIDv7 (RFC 9562) that is computed, not stored. It holds the record's exact
 * time (48 bits milliseconds, then 20 bits nanoseconds within) and 54 bits of a hash of its content, so that an id
 * sorts by time and leads back to its record.
 */
export interface LogIdentity {
  readonly timeUnixNano: bigint;
  /** 0 to 2^54 - 1. */
  readonly hash: bigint;
}

const MILLION = 1_000_000n;
const SHAPE = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;

/** Times before 1970 all count as 1970. */
export function formatLogId({ timeUnixNano, hash }: LogIdentity): string {
  const time = timeUnixNano < 0n ? 0n : timeUnixNano;
  const nanos = time % MILLION;
  const high = (BigInt.asUintN(48, time / MILLION) << 16n) | (7n << 12n) | (nanos >> 8n);
  const low = (0b10n << 62n) | ((nanos & 0xffn) << 54n) | BigInt.asUintN(54, hash);
  const text = high.toString(16).padStart(16, '0') + low.toString(16).padStart(16, '0');
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}

/** What the id was made of; `undefined` where it cannot be one of `formatLogId`. */
export function parseLogId(id: string): LogIdentity | undefined {
  if (!SHAPE.test(id)) return undefined;
  const bits = BigInt(`0x${id.replaceAll('-', '')}`);
  const high = bits >> 64n;
  const low = BigInt.asUintN(64, bits);
  const nanos = (BigInt.asUintN(12, high) << 8n) | BigInt.asUintN(8, low >> 54n);
  if (nanos >= MILLION) return undefined;
  return { timeUnixNano: (high >> 16n) * MILLION + nanos, hash: BigInt.asUintN(54, low) };
}
