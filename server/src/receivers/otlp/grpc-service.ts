import type { Duplex } from 'node:stream';
import {
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { type Authenticator, authorizeToken, tokenOf, toServiceError } from '../../http/index.ts';
import { ProtobufWriter } from '../../lib/protobuf-writer.ts';
import type { ServiceError } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';
import { encodeSuccess, RPC_CODES } from './answer.ts';
import { BODY_LIMIT, type OtlpSignal, takeRequest } from './signals.ts';

export interface OtlpGrpcOptions {
  readonly signals: readonly OtlpSignal[];
  readonly authenticator: Authenticator;
  readonly logger: Logger;
}

/** In-flight requests have so long to end when the server stops. */
const STOP_WITHIN_MS = 5000;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

export interface OtlpGrpcService {
  /** Takes a connection over that was accepted elsewhere. */
  take(connection: Duplex): void;
  stop(): Promise<void>;
}

/** The three services of OTLP on the library of gRPC: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc */
export function openGrpcService(options: OtlpGrpcOptions): OtlpGrpcService {
  const server = new Server({
    'grpc.max_receive_message_length': BODY_LIMIT,
    'grpc.max_concurrent_streams': 256,
  });
  for (const signal of options.signals) {
    server.addService(
      { Export: rawMethod(signal.method) },
      {
        Export: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
          void answer(signal, call, options).then(
            (body) => done(null, body),
            (thrown: unknown) => {
              const error = toServiceError(thrown);
              signal.refused(error.code);
              done(toStatus(error, options.logger));
            },
          );
        },
      },
    );
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    take: (connection) => injector.injectConnection(connection),
    stop: () =>
      new Promise<void>((resolve) => {
        const force = setTimeout(() => server.forceShutdown(), STOP_WITHIN_MS);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      }),
  };
}

/** Messages go to our own decoders as bytes; the library has decompressed them. */
function rawMethod(path: string): MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer) => bytes;
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

async function answer(
  signal: OtlpSignal,
  call: ServerUnaryCall<Buffer, Buffer>,
  { authenticator }: OtlpGrpcOptions,
): Promise<Buffer> {
  const token = tokenOf(call.metadata.get('authorization')[0]?.toString());
  const { name } = await authorizeToken(token, 'ingest', authenticator);
  const rejected = await takeRequest(signal, call.request, 'protobuf', name);
  return Buffer.from(encodeSuccess(rejected, signal.rejectedField, 'protobuf'));
}

function toStatus(error: ServiceError, logger: Logger) {
  if (error.code === 'internal') logger.error({ err: error.cause ?? error }, 'an OTLP request over gRPC failed');
  const code = RPC_CODES[error.code];
  const metadata = new Metadata();
  const delay = retryDelay(code, error);
  if (delay !== undefined) metadata.set('grpc-status-details-bin', retryDetails(code, error.message, delay));
  return { code, details: error.message, metadata };
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
