import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { Client, credentials, Metadata, type ServiceError as RpcError } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIngestServer, type IngestServer } from '../../../../tests/support/ingest-server.ts';
import type { Authenticator, BodyBounds } from '../../http/index.ts';
import { ProtobufWriter } from '../../lib/protobuf-writer.ts';
import { ServiceError } from '../../model/errors.ts';
import { OtlpGrpcServer } from './grpc-server.ts';

const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const METRICS = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const same = (bytes: Buffer) => bytes;
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const open: Authenticator = { open: true, authenticate: async () => undefined };

let server: IngestServer;
const stops: (() => unknown)[] = [];
beforeEach(async () => {
  server = await createIngestServer();
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await server.app.close();
});

/** A server on a free port and a client of it. */
async function connect(authenticator = open, options = {}, bodies: Partial<BodyBounds> = {}): Promise<Client> {
  const grpc = new OtlpGrpcServer({ signals: server.signals, authenticator, logger, bodies });
  const port = await grpc.listen('127.0.0.1', 0);
  stops.push(() => grpc.stop());
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options);
  stops.push(() => client.close());
  return client;
}

function call(client: Client, method: string, payload: Buffer, headers: Record<string, string> = {}) {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return new Promise<{ error: RpcError | null; body: Buffer | undefined }>((resolve) => {
    client.makeUnaryRequest(method, same, same, payload, metadata, (error, body) => resolve({ error, body }));
  });
}

const nested =
  (...fields: number[]) =>
  (inner: Buffer) =>
    fields.reduceRight((content, field) => new ProtobufWriter().bytes(field, content).finish(), inner);

function logRequest(text: string): Buffer {
  const body = new ProtobufWriter().string(1, text).finish();
  return nested(1, 2, 2)(new ProtobufWriter().fixed64(1, 1_763_900_000_000_000_000n).bytes(5, body).finish());
}

describe('OTLP over gRPC', () => {
  it('stores what comes, plain or compressed, and names what was refused', async () => {
    const plain = await connect();
    expect(await call(plain, LOGS, logRequest('hello'))).toEqual({ error: null, body: Buffer.alloc(0) });
    const gzip = await connect(open, { 'grpc.default_compression_algorithm': 2 });
    expect((await call(gzip, LOGS, logRequest('x'.repeat(5000)))).error).toBeNull();
    expect(server.stored.logs.map(({ body }) => body.length)).toEqual([5, 5000]);
    expect((await call(plain, METRICS, Buffer.alloc(0))).error).toBeNull();
    const spanWithoutIds = nested(1, 2, 2)(new ProtobufWriter().string(5, 'GET').finish());
    const partial = await call(plain, TRACES, spanWithoutIds);
    expect(partial.body!.toString('latin1')).toContain('1 refused: the trace id must be 16 bytes');
  });

  it('answers in status codes', async () => {
    const client = await connect();
    expect((await call(client, LOGS, Buffer.from('nonsense'))).error).toMatchObject({ code: 3 });
    expect((await call(client, '/other.Service/Export', Buffer.alloc(0))).error).toMatchObject({ code: 12 });
    expect((await call(client, LOGS, Buffer.alloc(21 * 1024 * 1024))).error).toMatchObject({ code: 8 });
    server.failure = new ServiceError('overloaded', 'too much', { retryAfterSeconds: 7 });
    const { error } = await call(client, LOGS, logRequest('x'));
    expect(error).toMatchObject({ code: 14, details: 'too much' });
    const details = error!.metadata.get('grpc-status-details-bin')[0] as Buffer;
    expect(details.toString('latin1')).toContain('google.rpc.RetryInfo');
    expect(details.subarray(-2)).toEqual(Buffer.from([8, 7]));
  });

  it('asks for a key that may ingest', async () => {
    const client = await connect({
      open: false,
      authenticate: async (token) =>
        token === 'unknown' ? undefined : { name: token, scopes: new Set([token === 'reader' ? 'read' : 'ingest']) },
    });
    const code = async (headers: Record<string, string>) =>
      (await call(client, LOGS, logRequest('x'), headers)).error?.code;
    expect(await code({})).toBe(16);
    expect(await code({ authorization: 'Bearer unknown' })).toBe(16);
    expect(await code({ authorization: 'Bearer reader' })).toBe(7);
    expect(await code({ authorization: 'Bearer writer' })).toBeUndefined();
    expect(server.stored.logs).toHaveLength(1);
  });

  it('refuses messages beyond the memory for all that arrive at a time, and has room again when these are gone', async () => {
    const client = await connect(open, {}, { arrivingBytes: 1024 ** 2 });
    const session = connectHttp2(`http://${client.getChannel().getTarget().replace('dns:', '')}`);
    stops.push(() => session.destroy());
    const slow = session.request({ ':method': 'POST', ':path': LOGS, 'content-type': 'application/grpc' });
    slow.on('error', () => {});
    slow.write(Buffer.alloc(1024 ** 2 - 1));
    const code = async () => (await call(client, LOGS, logRequest('x'))).error?.code;
    let seen = await code();
    while (seen === undefined) seen = await code();
    expect(seen).toBe(14);
    slow.close(constants.NGHTTP2_CANCEL);
    while ((await code()) === 14) {}
    expect(await code()).toBeUndefined();
  });

  it('gives up on a message that does not come', async () => {
    const client = await connect(open, {}, { withinMs: 50 });
    const session = connectHttp2(`http://${client.getChannel().getTarget().replace('dns:', '')}`);
    stops.push(() => session.destroy());
    const slow = session.request({ ':method': 'POST', ':path': LOGS, 'content-type': 'application/grpc' });
    slow.write(Buffer.from([0, 0, 0]));
    const [answer] = await once(slow, 'response');
    expect(answer).toMatchObject({ ':status': 200, 'grpc-status': '4' });
  });

  it('says which port is in use', async () => {
    const first = new OtlpGrpcServer({ signals: server.signals, authenticator: open, logger });
    const port = await first.listen('127.0.0.1', 0);
    stops.push(() => first.stop());
    const second = new OtlpGrpcServer({ signals: server.signals, authenticator: open, logger });
    await expect(second.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.stop();
  });

  it('never fails, whatever the bytes', async () => {
    const client = await connect();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(TRACES, LOGS, METRICS),
        fc.uint8Array({ maxLength: 60 }),
        async (method, bytes) => {
          const { error } = await call(client, method, Buffer.from(bytes));
          expect([undefined, 3]).toContain(error?.code);
        },
      ),
      { numRuns: 200 },
    );
  });
});
