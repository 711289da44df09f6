import type { AddressInfo } from 'node:net';
import {
  context,
  logs,
  metrics,
  propagation,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIngestServer, type IngestServer, seriesText } from '../../../../tests/support/ingest-server.ts';
import { OtlpGrpcServer } from './grpc-server.ts';

/** The OpenTelemetry SDK for Node.js, as services use it, against the receivers over HTTP and gRPC. */
let server: IngestServer;
let grpc: OtlpGrpcServer;
let grpcPort: number;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  environment = { ...process.env };
  server = await createIngestServer();
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  grpc = new OtlpGrpcServer({
    signals: server.signals,
    authenticator: { open: true, authenticate: async () => undefined },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  grpcPort = await grpc.listen('127.0.0.1', 0);
});

afterEach(async () => {
  process.env = environment;
  for (const api of [trace, metrics, logs, context, propagation]) api.disable();
  await grpc.stop();
  await server.app.close();
});

function startSdk(settings: Record<string, string>): NodeSDK {
  const http = server.app.server.address() as AddressInfo;
  const port = settings.OTEL_EXPORTER_OTLP_PROTOCOL === 'grpc' ? grpcPort : http.port;
  Object.assign(process.env, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_SERVICE_NAME: 'shop',
    OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=demo,service.instance.id=i-1,deployment.environment.name=test',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_NODE_RESOURCE_DETECTORS: 'env',
    ...settings,
  });
  const sdk = new NodeSDK();
  sdk.start();
  return sdk;
}

function emit(): void {
  const tracer = trace.getTracer('lib', '1.2.3');
  const parent = tracer.startSpan('GET /cart', {
    kind: SpanKind.SERVER,
    attributes: { 'http.response.status_code': 500 },
  });
  const child = tracer.startSpan(
    'SELECT',
    { kind: SpanKind.CLIENT, links: [{ context: parent.spanContext() }], attributes: { list: ['a', 'b'], ok: true } },
    trace.setSpan(context.active(), parent),
  );
  child.addEvent('retry', { attempt: 2 });
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'timeout' });
  child.end();
  parent.end();
  logs.getLogger('lib').emit({
    body: { message: 'structured', n: 1 },
    severityNumber: SeverityNumber.WARN,
    severityText: 'WARN',
    attributes: { a: 'b' },
    context: trace.setSpan(context.active(), parent),
  });
  const meter = metrics.getMeter('lib', '1.2.3');
  meter.createCounter('orders', { unit: '{order}' }).add(3, { 'shop.name': 'main' });
  meter.createUpDownCounter('carts').add(-2);
  const histogram = meter.createHistogram('http.server.request.duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.1, 1] },
  });
  for (const value of [0.05, 0.5, 5]) histogram.record(value);
  meter.createObservableGauge('cpu.utilization', { unit: '1' }).addCallback((result) => result.observe(0.25));
}

const SCOPE = 'environment="test",instance="i-1",job="demo/shop",otel_scope_name="lib",otel_scope_version="1.2.3"';
function labelled(more: string): string {
  return more < 'otel' ? SCOPE.replace(',otel', `,${more},otel`) : `${SCOPE},${more}`;
}

describe.each(['http/protobuf', 'http/json', 'grpc'])('the SDK over %s', (protocol) => {
  it('brings spans, log records and metrics', async () => {
    const sdk = startSdk({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' });
    emit();
    await sdk.shutdown();

    const [child, parent] = server.stored.spans;
    expect(server.stored.spans).toHaveLength(2);
    expect(parent).toMatchObject({
      name: 'GET /cart',
      kind: 'Server',
      parentSpanId: '',
      service: 'demo/shop',
      scopeName: 'lib',
      scopeVersion: '1.2.3',
      attributes: { 'http.response.status_code': '500' },
    });
    expect(parent!.resourceAttributes).toMatchObject({ 'service.name': 'shop', 'service.instance.id': 'i-1' });
    expect(child).toMatchObject({
      traceId: parent!.traceId,
      parentSpanId: parent!.spanId,
      kind: 'Client',
      status: 'Error',
      statusMessage: 'timeout',
      attributes: { list: '["a","b"]', ok: 'true' },
      links: [{ traceId: parent!.traceId, spanId: parent!.spanId }],
      events: [{ name: 'retry', attributes: { attempt: '2' } }],
    });
    expect(child!.durationNano).toBeGreaterThan(0n);
    expect(server.stored.logs).toMatchObject([
      {
        body: '{"message":"structured","n":1}',
        severityNumber: 13,
        severityText: 'WARN',
        service: 'demo/shop',
        traceId: parent!.traceId,
        spanId: parent!.spanId,
        attributes: { a: 'b' },
      },
    ]);
    const series = seriesText(server.stored.samples);
    expect(series).toMatchObject({
      [`orders_total{${labelled('shop_name="main"')}}`]: [3],
      [`carts{${SCOPE}}`]: [-2],
      [`cpu_utilization_ratio{${SCOPE}}`]: [0.25],
      [`http_server_request_duration_seconds_bucket{${labelled('le="0.1"')}}`]: [1],
      [`http_server_request_duration_seconds_bucket{${labelled('le="1"')}}`]: [2],
      [`http_server_request_duration_seconds_bucket{${labelled('le="+Inf"')}}`]: [3],
      [`http_server_request_duration_seconds_sum{${SCOPE}}`]: [5.55],
      [`http_server_request_duration_seconds_count{${SCOPE}}`]: [3],
    });
    expect(server.stored.samples.map(({ name }) => name)).toContain('target_info');
    const { rejected } = server.pipeline
      .stats()
      .reduce((all, { rejected }) => ({ rejected: { ...all.rejected, ...rejected } }), { rejected: {} });
    expect(rejected).toEqual({});
  });
});

it('delta counters of the SDK add up to what was counted', async () => {
  const sdk = startSdk({
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_METRIC_EXPORT_INTERVAL: '100',
    OTEL_METRIC_EXPORT_TIMEOUT: '90',
  });
  const counter = metrics.getMeter('lib').createCounter('jobs');
  const values = () =>
    server.stored.samples.filter(({ name }) => name === 'jobs_total').flatMap((s) => Array.from(s.values));
  counter.add(5);
  await expect.poll(values).toContain(5);
  counter.add(2);
  await expect.poll(values).toContain(7);
  await sdk.shutdown();
  expect(values()[0]).toBe(0);
});
