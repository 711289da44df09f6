import type { AddressInfo } from 'node:net';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIngestServer, INGEST_NOW, type IngestServer } from '../../../../tests/support/ingest-server.ts';

const MICRO = INGEST_NOW * 1000;
let server: IngestServer;
beforeEach(async () => {
  server = await createIngestServer();
});
afterEach(() => server.app.close());

function send(spans: unknown, type = 'application/json') {
  const payload = JSON.stringify(spans);
  return server.app.inject({ method: 'POST', url: '/api/v2/spans', headers: { 'content-type': type }, payload });
}

const client = {
  traceId: '86154A4BA6E91385',
  parentId: '1',
  id: '4d1e00c0db9010db',
  kind: 'CLIENT',
  name: 'get',
  timestamp: MICRO,
  duration: 207_000,
  localEndpoint: { serviceName: 'frontend', ipv4: '10.0.0.1' },
  remoteEndpoint: { serviceName: 'backend', ipv6: '2001:db8::1', port: 9000 },
  annotations: [
    { timestamp: MICRO + 2, value: 'second' },
    { timestamp: MICRO + 1, value: 'first' },
  ],
  tags: { 'http.path': '/api', error: 'timeout', __proto__x: 'y' },
};

describe('Zipkin v2', () => {
  it('becomes spans with events, status and addresses', async () => {
    const answer = await send([client]);
    expect([answer.statusCode, answer.body]).toEqual([202, '']);
    expect(server.stored.spans).toEqual([
      {
        traceId: '000000000000000086154a4ba6e91385',
        spanId: '4d1e00c0db9010db',
        parentSpanId: '0000000000000001',
        traceState: '',
        name: 'get',
        kind: 'Client',
        startTimeUnixNano: BigInt(MICRO) * 1000n,
        durationNano: 207_000_000n,
        status: 'Error',
        statusMessage: 'timeout',
        service: 'frontend',
        resourceAttributes: { 'service.name': 'frontend' },
        scopeName: '',
        scopeVersion: '',
        attributes: {
          'network.local.address': '10.0.0.1',
          'network.peer.address': '2001:db8::1',
          'network.peer.port': '9000',
          'peer.service': 'backend',
          'http.path': '/api',
          error: 'timeout',
          __proto__x: 'y',
        },
        events: [
          { timeUnixNano: BigInt(MICRO + 1) * 1000n, name: 'first', attributes: {} },
          { timeUnixNano: BigInt(MICRO + 2) * 1000n, name: 'second', attributes: {} },
        ],
        links: [],
      },
    ]);
  });

  it('gives the server half of a shared span an id of its own, and what lies below it to that half', async () => {
    const backend = { serviceName: 'backend' };
    await send([
      client,
      { ...client, id: 'aa', parentId: client.id, kind: 'CLIENT', localEndpoint: backend, shared: false },
      { ...client, kind: 'SERVER', shared: true, localEndpoint: backend },
    ]);
    const [first, below, half] = server.stored.spans;
    expect(half!.spanId).not.toBe(first!.spanId);
    expect([half!.parentSpanId, below!.parentSpanId]).toEqual([first!.spanId, half!.spanId]);
    await send([{ ...client, kind: 'SERVER', shared: true, localEndpoint: backend }]);
    expect(server.stored.spans[3]!.spanId).toBe(half!.spanId);
  });

  it('takes a span that is its own parent for a root', async () => {
    await send([{ ...client, parentId: client.id }]);
    expect(server.stored.spans).toMatchObject([{ spanId: client.id, parentSpanId: '' }]);
  });

  it('stores the good and names the bad', async () => {
    const answer = await send([
      client,
      { ...client, traceId: 'xyz' },
      { ...client, id: '0' },
      { ...client, parentId: 'g' },
      { ...client, timestamp: undefined, annotations: [] },
      null,
    ]);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('2 refused: the trace id');
    expect(server.stored.spans).toHaveLength(1);
    expect((await send({})).statusCode).toBe(400);
    expect((await send([], 'application/x-protobuf')).statusCode).toBe(415);
  });

  it('survives any JSON', async () => {
    const junk = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 1e300, 'ff', MICRO, true));
    const span = fc.record(Object.fromEntries(Object.keys({ ...client, shared: true }).map((key) => [key, junk])), {
      requiredKeys: [],
    });
    const mixed = span.map((fields) => ({ ...client, ...fields }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(span, mixed, junk), { maxLength: 4 }), async (spans) => {
        expect([202, 400]).toContain((await send(spans)).statusCode);
      }),
      { numRuns: 300 },
    );
  });

  it('comes from the exporter of the OpenTelemetry SDK', async () => {
    const environment = { ...process.env };
    await server.app.listen({ port: 0, host: '127.0.0.1' });
    Object.assign(process.env, {
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}/api/v2/spans`,
    });
    const sdk = new NodeSDK();
    sdk.start();
    const span = trace.getTracer('lib', '1.2').startSpan('work', { kind: SpanKind.SERVER, attributes: { a: 1 } });
    span.addEvent('half');
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
    span.end();
    await sdk.shutdown();
    process.env = environment;
    for (const api of [trace, context, propagation]) api.disable();
    expect(server.stored.spans).toMatchObject([
      {
        name: 'work',
        kind: 'Server',
        service: 'shop',
        status: 'Error',
        statusMessage: 'broken',
        attributes: { a: '1' },
        events: [{ name: 'half' }],
      },
    ]);
  });
});
