import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';
import { OtlpGrpcServer } from '../../server/src/receivers/otlp/grpc-server.ts';
import type { IngestServer } from '../support/ingest-server.ts';
import type { Corpus } from './corpus.ts';
import { type GrpcCall, oddCall } from './grpc-call.ts';
import type { Target } from './targets.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * What gRPC may say of a broken call: ok, cancelled, invalid argument, deadline exceeded, resource exhausted,
 * unimplemented, internal (the framing is broken).
 */
const STATUSES = new Set(['0', '1', '3', '4', '8', '12', '13']);
/** Nothing that is sent here takes longer: what has no answer by then hangs. Milliseconds. */
const ANSWER_WITHIN_MS = 20_000;

/** The port of OTLP over gRPC as a client of HTTP/2 sees it, and as somebody who speaks something else. */
export async function openGrpcTargets(
  server: IngestServer,
  corpus: Corpus,
): Promise<{ targets: Target[]; close(): Promise<void> }> {
  const grpc = new OtlpGrpcServer({
    signals: server.signals,
    authenticator: { open: true, authenticate: async () => undefined },
    logger: silent,
  });
  const port = await grpc.listen('127.0.0.1', 0);
  const client = new WireClient(port);
  const calls = (['traces', 'metrics', 'logs'] as const).map(
    (name, index): Target => ({
      name: `gRPC ${name}, over the wire`,
      payloads: corpus.otlpProtobuf[name],
      send: async (payload, _, random) => await client.call(oddCall(index, payload, random)),
    }),
  );
  const bytes: Target = {
    name: 'gRPC port, bytes',
    payloads: connections(corpus.otlpProtobuf.logs),
    send: async (payload) => {
      await sendBytes(port, payload);
      // Others are served as before.
      return await client.call({ headers: GOOD, body: [Buffer.alloc(5)], finish: 'end' });
    },
  };
  return {
    targets: [...calls, bytes],
    close: async () => {
      client.close();
      await grpc.stop();
    },
  };
}

const GOOD = {
  ':method': 'POST',
  ':path': '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  'content-type': 'application/grpc',
  te: 'trailers',
};

class WireClient {
  readonly #port: number;
  #session: ClientHttp2Session | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  #open(): ClientHttp2Session {
    if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
    this.#session = connectHttp2(`http://127.0.0.1:${this.#port}`);
    this.#session.on('error', () => {});
    return this.#session;
  }

  /** What came of it in a word: a status of gRPC, one of HTTP, or that the stream was reset. Throws where it hangs. */
  async call({ headers, body, finish }: GrpcCall): Promise<string> {
    const session = this.#open();
    const stream = session.request(headers, { endStream: false });
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const late = setTimeout(
      () => reject(new Error(`no end of the call: ${JSON.stringify(headers)}`)),
      ANSWER_WITHIN_MS,
    );
    let status: string | undefined;
    let http = 0;
    stream.on('response', (answer) => {
      http = answer[':status'] ?? 0;
      status = answer['grpc-status'] as string | undefined;
    });
    stream.on('trailers', (trailers) => {
      status = trailers['grpc-status'] as string | undefined;
    });
    stream.on('error', () => {});
    stream.on('close', () => {
      if (http !== 0 && http !== 200) resolve(`HTTP ${http}`);
      else if (status !== undefined && STATUSES.has(status)) resolve(status === '0' ? 'ok' : `status ${status}`);
      else if (status !== undefined) reject(new Error(`status ${status} is not of a broken call`));
      else if (finish !== 'end') resolve('broken off');
      else reject(new Error(`a stream ended without a status: ${stream.rstCode}`));
    });
    stream.resume();
    for (const piece of body) stream.write(piece);
    if (finish === 'end') stream.end();
    else if (finish === 'reset') stream.close(constants.NGHTTP2_CANCEL);
    else session.destroy();
    try {
      return await promise;
    } finally {
      clearTimeout(late);
    }
  }

  close(): void {
    this.#session?.destroy();
  }
}

/** Resolves when the other side has hung up, or nothing more comes and we do. */
async function sendBytes(port: number, payload: Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on('error', () => {});
  socket.on('close', () => resolve());
  // It has answered what it would: what is open now, an HTTP/2 server may leave open.
  socket.once('data', () => setImmediate(() => socket.destroy()));
  socket.end(payload);
  await promise;
}

/** Whole connections: the preface, settings, headers without compression, a message; and a request of HTTP/1. */
function connections(messages: readonly Buffer[]): Buffer[] {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const fields = Object.entries({ ...GOOD, ':scheme': 'http', ':authority': 'a' }).sort();
  const block = Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
  const frame = (type: number, flags: number, stream: number, body: Buffer) => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(body.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, body]);
  };
  const prefixed = (message: Buffer) => {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    return Buffer.concat([prefix, message]);
  };
  return [
    ...messages
      .filter(({ length }) => length < 10_000)
      .slice(0, 10)
      .map((message) =>
        Buffer.concat([
          Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
          frame(4, 0, 0, Buffer.alloc(0)),
          frame(1, 4, 1, block),
          frame(0, 1, 1, prefixed(message)),
        ]),
      ),
    Buffer.from('POST /v1/logs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'),
  ];
}
