import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpanWords, spanOf } from '../../../../tests/support/span-builder.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { ServicePerformance } from '../../analysis/red/index.ts';
import type { ContainersSnapshot } from '../../collectors/docker/index.ts';
import { createHttpServer } from '../../http/index.ts';
import { systemClock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import { NO_ATTRIBUTES } from '../../model/packed-attributes.ts';
import { createPromqlEngine } from '../../query/promql/index.ts';
import { ClickHouseRedStore, openTelemetryStore, type TelemetryStore } from '../../stores/telemetry/index.ts';
import { performanceRoutes } from './performance.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const DAY = 86_400_000;
/** A whole step of the default window's grid. */
const NOW = Math.floor(Date.now() / 30_000) * 30_000 - 60_000;

let folder: string;
let store: TelemetryStore;
let app: FastifyInstance;
let containers: ContainersSnapshot = { engine: { available: false, error: 'none' }, items: [] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'performance-'));
  const retention = { metricsMs: DAY, logsMs: DAY, tracesMs: DAY };
  store = await openTelemetryStore({ dataDir: folder, retention, clock: systemClock, logger: silent });
  const clock = new VirtualClock(NOW);
  const performance = new ServicePerformance({
    red: new ClickHouseRedStore(store.clickHouse),
    promql: createPromqlEngine({ source: metricsSource(store), clock }),
    clock,
  });
  app = await createHttpServer({
    routes: performanceRoutes({
      performance,
      publicUrl: 'http://localhost:8013',
      containers: async () => containers,
      clock,
    }),
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger: silent,
    trustProxy: false,
    checkAnswers: true,
  });
  await seed();
});
afterAll(async () => {
  await app?.close();
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

function metricsSource({ metrics }: TelemetryStore) {
  return { select: metrics.select.bind(metrics) };
}

async function seed(): Promise<void> {
  const spans: SpanWords[] = [
    // 36 requests of checkout in the last hour, half of them in the last 30 s; 2 failed.
    ...Array.from(
      { length: 36 },
      (_, index): SpanWords => ({
        service: 'checkout',
        name: index < 30 ? 'POST /pay' : 'GET /cart',
        at: index < 18 ? NOW - 1 - index : NOW - 1_800_000 - index,
        ms: 100,
        environment: 'production',
        status: index < 2 ? 'Error' : 'Unset',
        statusMessage: index < 2 ? 'card refused' : '',
      }),
    ),
    { service: 'shop/web', at: NOW - 5000, ms: 900 },
    { service: 'idle', at: NOW - 2 * 3_600_000 },
  ];
  await store.writeSpans(spans.map(spanOf));
  await store.writeLogs([
    {
      timeUnixNano: BigInt(NOW - 60_000) * 1_000_000n,
      traceId: '',
      spanId: '',
      severityNumber: 9,
      severityText: 'INFO',
      service: 'mailer',
      body: 'sent',
      resourceAttributes: NO_ATTRIBUTES,
      scopeName: '',
      scopeVersion: '',
      attributes: NO_ATTRIBUTES,
    },
  ]);
  await store.metrics.writeSamples([
    series('service_cpu_usage_percent', 42),
    series('service_memory_usage_bytes', 1000),
    series('service_up', 1),
  ]);
}

function series(name: string, value: number) {
  return {
    name,
    labels: { service: 'checkout', environment: 'production' },
    type: 'gauge' as const,
    unit: '',
    help: '',
    timestamps: [NOW - 20_000],
    values: [value],
  };
}

async function get(url: string) {
  const response = await app.inject({ url });
  return { status: response.statusCode, body: response.json() };
}

describe('GET /api/monitoring/performance', () => {
  it('judges every service, those without requests too', async () => {
    const { status, body } = await get('/api/monitoring/performance');
    expect(status).toBe(200);
    expect(Date.parse(body.end) - Date.parse(body.start)).toBe(3_600_000);
    expect(body.items.map((item: { service: string }) => item.service)).toEqual([
      'checkout',
      'idle',
      'mailer',
      'shop/web',
    ]);
    const [checkout, idle, mailer, web] = body.items;
    expect(checkout).toEqual({
      service: 'checkout',
      // 5.6 % failed.
      status: 'unhealthy',
      requests_per_second: 0.01,
      error_ratio: 2 / 36,
      latency_ms: { avg: 100, p50: 100, p90: 100, p95: 100, p99: 100 },
      apdex: 34 / 36,
      baseline: null,
      last_seen: new Date(NOW - 1).toISOString(),
    });
    expect(idle).toMatchObject({ status: 'unknown', requests_per_second: 0, error_ratio: null, latency_ms: null });
    expect(mailer).toMatchObject({ status: 'unknown', requests_per_second: null, apdex: null });
    expect(mailer.last_seen).toBe(new Date(NOW - 60_000).toISOString());
    expect(web).toMatchObject({ status: 'degraded', apdex: 0.5 });
  });

  it('filters by environment and takes a window', async () => {
    const { body } = await get('/api/monitoring/performance?environment=production&start=now-30s&end=now');
    expect(body.items).toMatchObject([{ service: 'checkout', requests_per_second: 0.6 }]);
  });

  it('refuses what it does not know', async () => {
    const { status, body } = await get('/api/monitoring/performance?enviroment=x&start=yesterday');
    expect(status).toBe(422);
    expect(body.errors.map((error: { path: string }) => error.path).sort()).toEqual(['enviroment', 'start']);
  });
});

describe('GET /api/monitoring/performance/service/{service_name}', () => {
  it('tells all about one service', async () => {
    containers = {
      engine: { available: true, name: 'Docker Engine', version: '1' },
      items: [
        {
          id: 'c1',
          name: 'checkout-1',
          image: 'x',
          state: 'running',
          health: 'healthy',
          startedAt: undefined,
          restartCount: 0,
          labels: {},
          service: 'checkout',
          environment: '',
          usage: undefined,
        },
      ],
    };
    const { status, body } = await get('/api/monitoring/performance/service/checkout');
    expect(status).toBe(200);
    expect(body).toMatchObject({ service: 'checkout', status: 'unhealthy', baseline: null });
    expect(body.operations).toMatchObject([
      { operation: 'POST /pay', requests_per_second: 30 / 3600, error_ratio: 2 / 30 },
      { operation: 'GET /cart', requests_per_second: 6 / 3600, status: 'healthy' },
    ]);
    expect(body.dependencies).toEqual({ upstream: [], downstream: [] });
    expect(body.top_errors).toMatchObject([{ operation: 'POST /pay', type: null, message: 'card refused', count: 2 }]);
    expect(body.resources).toEqual({
      cpu_percent: 42,
      memory_bytes: 1000,
      memory_percent: null,
      up: true,
      restarts: null,
      containers: [{ id: 'c1', name: 'checkout-1', state: 'running', health: 'healthy' }],
    });
    const { series } = body;
    expect(series.requests_per_second).toHaveLength(120);
    expect(series.requests_per_second.at(-1)).toEqual([NOW / 1000, 18 / 30]);
    expect(series.requests_per_second.at(-2)).toEqual([NOW / 1000 - 30, 0]);
    expect(series.error_ratio).toHaveLength(2);
    expect(series.error_ratio.at(-1)).toEqual([NOW / 1000, 2 / 18]);
    expect(series.latency_p95_ms.at(-1)).toEqual([NOW / 1000, 100]);
    expect(series.cpu_percent).toEqual([[NOW / 1000, 42]]);
    expect(series.memory_bytes).toEqual([[NOW / 1000, 1000]]);
  });

  it('finds names with a namespace', async () => {
    const { status, body } = await get('/api/monitoring/performance/service/shop%2Fweb');
    expect([status, body.service]).toEqual([200, 'shop/web']);
  });

  it('knows services without requests', async () => {
    const { status, body } = await get('/api/monitoring/performance/service/mailer');
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'unknown', operations: [], series: { requests_per_second: [] } });
  });

  it('says how to send data of an unknown one, and what may be meant', async () => {
    const { status, body } = await get('/api/monitoring/performance/service/chekout');
    expect(status).toBe(404);
    expect(body.did_you_mean).toEqual(['checkout']);
    expect(body.detail).toContain('OTEL_SERVICE_NAME=chekout');
    const elsewhere = await get('/api/monitoring/performance/service/checkout?environment=staging');
    expect(elsewhere.status).toBe(404);
    expect(elsewhere.body.detail).toContain('"staging"');
  });
});

describe('GET /api/monitoring/services', () => {
  it('lists everything seen, in pages', async () => {
    const first = await get('/api/monitoring/services?limit=3');
    expect(first.body.items.map((item: { service: string }) => item.service)).toEqual(['checkout', 'idle', 'mailer']);
    expect(first.body.items[0]).toMatchObject({ environments: ['production'], known_by: ['traces'] });
    expect(first.body.items[2]).toMatchObject({ known_by: ['logs'], status: 'unknown' });
    const second = await get(`/api/monitoring/services?limit=3&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ items: [{ service: 'shop/web' }], next_cursor: null });
    expect((await get('/api/monitoring/services?cursor=x')).status).toBe(422);
  });
});
