import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpanWords, spanOf } from '../../../../tests/support/span-builder.ts';
import { openTestTelemetryStore, silentLogger } from '../../../../tests/support/telemetry-store.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { ServiceMap } from '../../analysis/service-map/index.ts';
import { createHttpServer } from '../../http/index.ts';
import { ClickHouseCallStore, ClickHouseRedStore, type TelemetryStore } from '../../stores/telemetry/index.ts';
import { serviceMapRoutes } from './service-map.ts';

const NOW = Date.UTC(2026, 0, 5, 12);

let store: TelemetryStore;
let app: FastifyInstance;

beforeAll(async () => {
  store = await openTestTelemetryStore();
  const { clickHouse } = store;
  const map = new ServiceMap({ calls: new ClickHouseCallStore(clickHouse), red: new ClickHouseRedStore(clickHouse) });
  app = await createHttpServer({
    routes: serviceMapRoutes({ map, clock: new VirtualClock(NOW) }),
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger: silentLogger,
    trustProxy: false,
    checkAnswers: true,
  });
  await store.writeSpans(
    Array.from({ length: 36 }, (_, index) => requestOf(index))
      .flat()
      .map(spanOf),
  );
});
afterAll(async () => {
  await app?.close();
  await store?.close();
});

/** 36 requests of a service by the awkward name `user`, which asks a database and a service; one of four fails. */
function requestOf(index: number): SpanWords[] {
  const at = NOW - 1000 - index;
  const traceId = `${index}`.padStart(32, 'a');
  const status = index % 4 === 0 ? 'Error' : 'Unset';
  const common = { traceId, at, environment: index < 9 ? 'staging' : 'production' };
  const attributes = { 'db.system.name': 'sqlite', 'db.namespace': 'users' };
  return [
    { ...common, service: 'user', spanId: 'a', ms: 100, status },
    { ...common, service: 'user', spanId: 'b', parentSpanId: 'a', kind: 'Client', ms: 10, attributes },
    { ...common, service: 'user', spanId: 'c', parentSpanId: 'a', kind: 'Client', ms: 50 },
    { ...common, service: 'audit', spanId: 'd', parentSpanId: 'c', ms: 40, status },
  ];
}

async function get(url: string) {
  const response = await app.inject({ url });
  return { status: response.statusCode, body: response.json() };
}

describe('GET /api/monitoring/service-map', () => {
  it('draws services, what they use and who asks', async () => {
    const { status, body } = await get('/api/monitoring/service-map');
    expect(status).toBe(200);
    const all = (ms: number) => ({ avg: ms, p50: ms, p90: ms, p95: ms, p99: ms });
    const figures = { requests_per_second: 0.01, error_ratio: 0.25 };
    expect(body).toEqual({
      start: new Date(NOW - 3_600_000).toISOString(),
      end: new Date(NOW).toISOString(),
      sampled_ratio: 1,
      nodes: [
        { id: 'audit', kind: 'service', name: 'audit', status: 'unhealthy', ...figures, latency_ms: all(40) },
        {
          id: 'database:sqlite/users',
          kind: 'database',
          name: 'sqlite/users',
          status: 'healthy',
          requests_per_second: 0.01,
          error_ratio: 0,
          latency_ms: all(10),
        },
        { id: 'service:user', kind: 'service', name: 'user', status: 'unhealthy', ...figures, latency_ms: all(100) },
        { id: 'user', kind: 'user', name: 'user', status: 'unhealthy', ...figures, latency_ms: all(100) },
      ],
      edges: [
        { source: 'service:user', target: 'audit', ...figures, latency_ms: { p50: 40, p95: 40 } },
        {
          source: 'service:user',
          target: 'database:sqlite/users',
          requests_per_second: 0.01,
          error_ratio: 0,
          latency_ms: { p50: 10, p95: 10 },
        },
        { source: 'user', target: 'service:user', ...figures, latency_ms: { p50: 100, p95: 100 } },
      ],
    });
  });

  it('filters by environment and takes a window', async () => {
    const { body } = await get('/api/monitoring/service-map?environment=staging&start=now-90s');
    expect(body.nodes).toHaveLength(4);
    // 9 in 90 s, of which 0, 4 and 8 failed.
    for (const edge of body.edges) expect(edge.requests_per_second).toBe(0.1);
    expect(body.edges[0].error_ratio).toBe(1 / 3);
    const empty = await get('/api/monitoring/service-map?start=now-2h&end=now-1h');
    expect(empty.body).toMatchObject({ nodes: [], edges: [] });
  });

  it('refuses what it does not know', async () => {
    const { status, body } = await get('/api/monitoring/service-map?enviroment=x&start=yesterday');
    expect(status).toBe(422);
    expect(body.errors.map((error: { path: string }) => error.path).sort()).toEqual(['enviroment', 'start']);
  });
});
