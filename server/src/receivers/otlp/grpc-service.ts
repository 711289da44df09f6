import { once } from 'node:events';
import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import {
  type Authenticator,
  authorizeToken,
  type BodyBounds,
  BodyReader,
  tokenOf,
  toServiceError,
} from '../../http/index.ts';
import type { Logger } from '../../model/logger.ts';
import { encodeSuccess } from './answer.ts';
import {
  ACCEPTED_ENCODINGS,
  CallError,
  checkEncoding,
  frame,
  PREFIX_BYTES,
  readMessage,
  UNIMPLEMENTED,
} from './grpc-message.ts';
import { statusOf } from './grpc-status.ts';
import { BODY_LIMIT, type OtlpSignal, takeRequest } from './signals.ts';

export interface OtlpGrpcOptions {
  readonly signals: readonly OtlpSignal[];
  readonly authenticator: Authenticator;
  readonly logger: Logger;
  /** Bounds of messages on their way; for tests. */
  readonly bodies?: Partial<BodyBounds>;
}

/** In-flight requests have so long to end when the server stops. */
const STOP_WITHIN_MS = 5000;
/** So long what belongs to a call that was refused is still read. */
const DISCARDED_WITHIN_MS = 2000;
const MOST_STREAMS = 256;
/** What a sender may have under way before it hears from us: far senders would else be slow. */
const STREAM_WINDOW = 1024 * 1024;
const SESSION_WINDOW = 4 * STREAM_WINDOW;

export interface OtlpGrpcService {
  /** Takes a connection over that was accepted elsewhere. */
  take(connection: Duplex): void;
  stop(): Promise<void>;
}

/**
 * The three services of OTLP, calls with one message and one answer over HTTP/2:
 * https://opentelemetry.io/docs/specs/otlp/#otlpgrpc. Written by hand, since the library of gRPC holds whatever arrives
 * of any number of calls.
 */
export function openGrpcService(options: OtlpGrpcOptions): OtlpGrpcService {
  const server = createServer({
    settings: { maxConcurrentStreams: MOST_STREAMS, initialWindowSize: STREAM_WINDOW },
  });
  const sessions = new Set<ServerHttp2Session>();
  const calls = new GrpcCalls(options);
  server.on('session', (session) => {
    session.setLocalWindowSize(SESSION_WINDOW);
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream: ServerHttp2Stream, headers) => void calls.take(stream, headers));
  return {
    take: (connection) => void server.emit('connection', connection),
    stop: async () => {
      const open = [...sessions].filter((session) => !session.destroyed);
      const closed = Promise.all(open.map((session) => once(session, 'close')));
      for (const session of open) session.close();
      const force = setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, STOP_WITHIN_MS);
      await closed;
      clearTimeout(force);
    },
  };
}

class GrpcCalls {
  readonly #options: OtlpGrpcOptions;
  readonly #signals: ReadonlyMap<string, OtlpSignal>;
  readonly #bodies: BodyReader;

  constructor(options: OtlpGrpcOptions) {
    this.#options = options;
    this.#bodies = new BodyReader(options.bodies);
    this.#signals = new Map(options.signals.map((signal) => [signal.method, signal]));
  }

  async take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    // Senders may leave at any time.
    stream.on('error', () => {});
    if (!/^application\/grpc(?:[+;]|$)/i.test(headers['content-type'] ?? '')) return refuse(stream, 415);
    if (headers[':method'] !== 'POST') return refuse(stream, 405);
    const signal = this.#signals.get(headers[':path'] ?? '');
    try {
      if (!signal) throw new CallError(UNIMPLEMENTED, `there is no method ${headers[':path']}`);
      succeed(stream, await this.#answer(signal, stream, headers));
    } catch (thrown) {
      this.#fail(stream, signal, thrown);
    }
  }

  async #answer(signal: OtlpSignal, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<Buffer> {
    const { name } = await authorizeToken(tokenOf(headers.authorization), 'ingest', this.#options.authenticator);
    const encoding = String(headers['grpc-encoding'] ?? 'identity').toLowerCase();
    checkEncoding(encoding);
    const body = await this.#bodies.collect(stream, BODY_LIMIT + PREFIX_BYTES);
    const rejected = await takeRequest(signal, await readMessage(body, encoding), 'protobuf', name);
    return Buffer.from(encodeSuccess(rejected, signal.rejectedField, 'protobuf'));
  }

  #fail(stream: ServerHttp2Stream, signal: OtlpSignal | undefined, thrown: unknown): void {
    const error = thrown instanceof CallError ? thrown : toServiceError(thrown);
    signal?.refused(error instanceof CallError ? 'malformed' : error.code);
    if (stream.destroyed || stream.closed) return;
    if (!(error instanceof CallError) && error.code === 'internal') {
      this.#options.logger.error({ err: error.cause ?? error }, 'an OTLP request over gRPC failed');
    }
    end(stream, { ':status': 200, 'content-type': 'application/grpc', ...statusOf(error) });
  }
}

function succeed(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(frame(message));
}

/** For who speaks something else than gRPC. */
function refuse(stream: ServerHttp2Stream, status: 405 | 415): void {
  end(stream, { ':status': status, ...(status === 405 && { allow: 'POST' }) });
}

/** Answers with headers alone. What is still sent is no longer wanted; at once, the end would overtake the answer. */
function end(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
  stream.respond({ ...headers, 'grpc-accept-encoding': ACCEPTED_ENCODINGS }, { endStream: true });
  stream.resume();
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), DISCARDED_WITHIN_MS);
  stream.once('close', () => clearTimeout(timer));
}
