import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { createIngestServer, INGEST_NOW, type IngestServer } from '../../../tests/support/ingest-server.ts';
import { snappyBlock } from '../../../tests/support/snappy-block.ts';
import type { Authenticator } from '../http/index.ts';
import { ProtobufWriter } from '../lib/protobuf-writer.ts';
import type { KnownSeries } from '../pipeline/index.ts';
import { OtlpGrpcServer } from './otlp/index.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const open: Authenticator = { open: true, authenticate: async () => undefined };
const withKeys: Authenticator = {
  open: false,
  authenticate: async (token) => ({ name: token, scopes: new Set(['ingest' as const]) }),
};

let server: IngestServer;
afterEach(() => server.app.close());

async function post(url: string, payload: unknown, headers: Record<string, string> = {}) {
  return await server.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: Buffer.isBuffer(payload) || typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
}

/** OTLP metrics: gauges of one name, one point an id. */
function otlpGauges(name: string, ids: readonly string[]) {
  const dataPoints = ids.map((id) => ({
    asDouble: 1,
    timeUnixNano: `${INGEST_NOW}000000`,
    attributes: [{ key: 'id', value: { stringValue: id } }],
  }));
  return { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name, gauge: { dataPoints } }] }] }] };
}

function remoteWrite(name: string, ids: readonly string[]): Buffer {
  const label = (key: string, value: string) => new ProtobufWriter().string(1, key).string(2, value).finish();
  const writer = new ProtobufWriter();
  for (const id of ids) {
    const sample = new ProtobufWriter().double(1, 1).varint(2, INGEST_NOW).finish();
    writer.bytes(
      1,
      new ProtobufWriter().bytes(1, label('__name__', name)).bytes(1, label('id', id)).bytes(2, sample).finish(),
    );
  }
  return Buffer.from(snappyBlock(writer.finish()));
}

const REMOTE_WRITE = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };

describe('too many series', () => {
  /** A metric `full` that has two series already, `1` and `2`. */
  const full: KnownSeries = {
    seriesCount: 2,
    countOf: (metric) => (metric === 'full' ? 2 : 0),
    isKnown: ({ name, labels }) => name === 'full' && ['1', '2'].includes(labels.id!),
  };
  const detail = 'full: the limit is 2, INGEST_MAX_SERIES_PER_METRIC';
  const start = async () => {
    server = await createIngestServer({ seriesPerMetric: 2 }, open, { knownSeries: full });
  };
  const stored = () => server.stored.samples.map(({ labels }) => labels.id);

  it('are a partial success of OTLP', async () => {
    await start();
    const answer = await post('/v1/metrics', otlpGauges('full', ['1', '2', '3', '4']));
    expect(answer.statusCode).toBe(200);
    expect(answer.json().partialSuccess).toEqual({
      rejectedDataPoints: '2',
      errorMessage: expect.stringContaining(detail),
    });
    expect(stored()).toEqual(['1', '2']);
  });

  it('are named in a 400 of remote write, with the rest stored', async () => {
    await start();
    const answer = await post('/api/v1/write', remoteWrite('full', ['1', '3']), REMOTE_WRITE);
    expect([answer.statusCode, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual([400, '1']);
    expect(answer.body).toContain(detail);
    expect(stored()).toEqual(['1']);
  });

  it('are a 422 of a JSON array, and lines that are left out of a stream', async () => {
    await start();
    const items = ['1', '3'].map((id) => ({ name: 'full', value: 1, labels: { id } }));
    const array = await post('/api/monitoring/metrics', items);
    expect([array.statusCode, array.json().errors]).toEqual([
      422,
      [{ path: '[1]', message: expect.stringContaining(detail) }],
    ]);
    expect(stored()).toEqual([]);
    const lines = items.map((item) => JSON.stringify(item)).join('\n');
    const stream = await post('/api/monitoring/metrics', lines, { 'content-type': 'application/x-ndjson' });
    expect([stream.statusCode, stream.json()]).toMatchObject([
      202,
      { accepted: 1, rejected: 1, errors: [{ line: 2, message: expect.stringContaining(detail) }] },
    ]);
  });

  it('are named to those who push', async () => {
    await start();
    const answer = await post('/metrics/job/a', 'full{id="9"} 1\n', { 'content-type': 'text/plain' });
    expect([answer.statusCode, answer.json().detail]).toEqual([422, expect.stringContaining(detail)]);
  });
});

describe('too fast', () => {
  const start = async () => {
    server = await createIngestServer({}, withKeys, { rateLimit: { itemsPerSecond: 1, bytesPerSecond: 1e6 } });
  };
  const asKey = (key: string) => ({ authorization: `Bearer ${key}` });
  const span = { traceId: '1'.repeat(32), id: '2'.repeat(16), timestamp: INGEST_NOW * 1000 };
  const six = <Item>(item: Item): Item[] => new Array(6).fill(item);

  it.each<[string, string, unknown, Record<string, string>]>([
    ['OTLP', '/v1/metrics', otlpGauges('m', six('1')), {}],
    ['remote write', '/api/v1/write', remoteWrite('m', ['1', '2', '3', '4', '5', '6']), REMOTE_WRITE],
    ['Zipkin', '/api/v2/spans', six(span), {}],
    ['push', '/metrics/job/a', 'a 1\nb 1\nc 1\nd 1\ne 1\nf 1\n', { 'content-type': 'text/plain' }],
    ['JSON', '/api/logs', six({ message: 'x' }), {}],
  ])('is a 429 with Retry-After of %s', async (_, url, payload, headers) => {
    await start();
    expect((await post(url, payload, { ...headers, ...asKey('a') })).statusCode).toBeLessThan(300);
    const answer = await post(url, payload, { ...headers, ...asKey('a') });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '2']);
    expect(answer.body).toMatch(/more than 1 items a second from/);
  });

  it('holds for a key, whatever way it takes, and for a way, whoever takes it', async () => {
    await start();
    const six429 = async (url: string, key: string, payload: unknown) =>
      (await post(url, payload, asKey(key))).statusCode === 429;
    expect(await six429('/api/logs', 'a', six({ message: 'x' }))).toBe(false);
    expect(await six429('/api/v2/spans', 'a', [span])).toBe(true);
    expect(await six429('/api/logs', 'b', [{ message: 'x' }])).toBe(true);
    expect(await six429('/api/v2/spans', 'b', [span])).toBe(false);
  });

  it('is RESOURCE_EXHAUSTED with a time of gRPC', async () => {
    await start();
    const grpc = new OtlpGrpcServer({ signals: server.signals, authenticator: open, logger: silent });
    const client = new Client(`127.0.0.1:${await grpc.listen('127.0.0.1', 0)}`, credentials.createInsecure());
    onTestFinished(async () => {
      client.close();
      await grpc.stop();
    });
    const record = new ProtobufWriter().fixed64(1, BigInt(INGEST_NOW) * 1_000_000n).finish();
    const records = new ProtobufWriter();
    for (let index = 0; index < 6; index++) records.bytes(2, record);
    const payload = new ProtobufWriter().bytes(1, new ProtobufWriter().bytes(2, records.finish()).finish()).finish();
    const same = (bytes: Buffer) => bytes;
    const send = () =>
      new Promise((resolve) => {
        client.makeUnaryRequest(
          '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
          same,
          same,
          payload,
          (error) => resolve(error && [error.code, error.metadata.get('grpc-status-details-bin').length]),
        );
      });
    expect([await send(), await send()]).toEqual([null, [8, 1]]);
  });
});
