import { gzipSync } from 'node:zlib';
import type { Random } from './random.ts';

/** One call as it goes over the wire, and what a client does besides. */
export interface GrpcCall {
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes of the stream, in the pieces in which they are sent. */
  readonly body: readonly Buffer[];
  /** `end`: as it should; `reset`, `vanish`: stream or connection broken off in the middle. */
  readonly finish: 'end' | 'reset' | 'vanish';
}

/** Larger than a message may be; a thousandth of it on the wire. */
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024));
const SMALL_BOMB = gzipSync(Buffer.alloc(1024 * 1024));

/** A length-prefixed message: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
function frame(payload: Buffer, flag = 0, length = payload.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, payload]);
}

type Body = (payload: Buffer, random: Random) => readonly Buffer[];

const whole: Body = (payload) => [frame(payload)];
const gzip: Body = (payload) => [frame(gzipSync(payload), 1)];

const BODIES: readonly Body[] = [
  gzip,
  (payload, random) => [frame(payload, random.pick([1, 2, 3, 0x80, 0xff]))],
  (payload, random) => [frame(payload, 0, random.below(payload.length + 1))],
  (payload, random) => [frame(payload, random.below(2), payload.length + 1 + random.below(1000))],
  (payload, random) => [frame(payload, random.below(2), random.pick([0x7fffffff, 0x80000000, 0xffffffff, 20971521]))],
  (payload, random) => [frame(payload), random.pick([Buffer.from([0]), frame(payload), Buffer.alloc(40, 0xff)])],
  (payload, random) => [frame(payload).subarray(0, random.below(6))],
  (payload, random) => [frame(payload).subarray(0, random.below(payload.length + 6))],
  (payload, random) => {
    const bytes = frame(payload);
    const at = random.below(bytes.length + 1);
    return [bytes.subarray(0, at), bytes.subarray(at)];
  },
  (payload) => [payload],
  (payload, random) => [frame(gzipSync(payload).subarray(0, random.below(40)), 1)],
  (_, random) => [frame(random.chance(0.02) ? BOMB : SMALL_BOMB, 1)],
  () => [],
];

const METHODS = ['trace.v1.TraceService', 'metrics.v1.MetricsService', 'logs.v1.LogsService'].map(
  (name) => `/opentelemetry.proto.collector.${name}/Export`,
);

/** Headers that are wrong, or unusual. */
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  ...['application/json', 'application/grpc+proto', 'application/grpc+json', 'application/grpcx', 'text/plain', ''].map(
    (type) => ({ 'content-type': type }),
  ),
  ...['gzip', 'deflate', 'identity', 'snappy', 'gzip, deflate', ''].map((encoding) => ({ 'grpc-encoding': encoding })),
  ...['1n', '0S', '99999999H', '-1S', '5', 'S', '123456789S'].map((timeout) => ({ 'grpc-timeout': timeout })),
  ...['/', '/x/y', '/opentelemetry.proto.collector.logs.v1.LogsService/export', '//', '/%00'].map((path) => ({
    ':path': path,
  })),
  ...['GET', 'PUT', 'OPTIONS'].map((method) => ({ ':method': method })),
  { 'grpc-accept-encoding': 'x'.repeat(4000) },
  { 'some-bin': '!!!' },
  { authorization: 'Bearer' },
];

/** A call with a payload of the signal, mostly wrong somewhere. */
export function oddCall(signal: number, payload: Buffer, random: Random): GrpcCall {
  const body = random.chance(0.4) ? whole : random.pick(BODIES);
  const odd = random.chance(0.3) ? random.pick(HEADERS) : {};
  const finish = random.chance(0.1) ? random.pick(['reset', 'reset', 'vanish'] as const) : 'end';
  return {
    headers: {
      ':method': 'POST',
      ':path': METHODS[signal]!,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(random.chance(body === whole ? 0.1 : 0.8) && { 'grpc-encoding': 'gzip' }),
      ...odd,
    },
    body: body(payload, random),
    finish,
  };
}
