import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger as logger, openTestTelemetryStore } from '../../../../tests/support/telemetry-store.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { createHttpServer } from '../../http/index.ts';
import { createPromqlEngine, MetricUsage } from '../../query/promql/index.ts';
import type { TelemetryStore } from '../../stores/telemetry/index.ts';
import { metricExplorerRoutes } from './metric-explorer.ts';

const DAY = 86_400_000;
const clock = new VirtualClock();
const now = clock.now();
const usage = new MetricUsage(clock);
let store: TelemetryStore;
let app: FastifyInstance;

/** Ten samples of each, one every 30 s, the newest 10 s ago. */
function series(name: string, labels: Record<string, string>) {
  const timestamps = Array.from({ length: 10 }, (_, i) => now - 10_000 - (9 - i) * 30_000);
  const values = timestamps.map((_, i) => i);
  return { name, labels, type: 'gauge', unit: '', help: `help of ${name}`, timestamps, values } as const;
}

beforeAll(async () => {
  store = await openTestTelemetryStore();
  await store.metrics.writeSamples([
    ...['a', 'b', 'c'].map((path) => series('requests_total', { path, job: 'api' })),
    ...['a', 'b'].map((path) => series('errors_total', { path, job: 'api' })),
    series('queue_length', { job: 'worker' }),
  ]);
  const engine = usage.noting(createPromqlEngine({ source: store.metrics, clock }));
  app = await createHttpServer({
    routes: metricExplorerRoutes({ engine, store: store.metrics, usage, clock }),
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger,
    trustProxy: false,
    checkAnswers: true,
  });
});

afterAll(async () => {
  await app?.close();
  await store?.close();
});

async function get(path: string, query: Record<string, string> = {}) {
  const response = await app.inject({ method: 'GET', url: `/api/monitoring/metrics/${path}`, query });
  return { status: response.statusCode, body: response.json() };
}

describe('GET /api/monitoring/metrics/cardinality', () => {
  it('counts series by metric and label, the most first', async () => {
    const { body } = await get('cardinality', { limit: '2' });
    expect(body).toMatchObject({ series: 6, label_pairs: 8 });
    expect(body.metrics).toEqual([
      { name: 'requests_total', series: 3 },
      { name: 'errors_total', series: 2 },
    ]);
    expect(body.labels).toEqual([
      { name: '__name__', values: 3, series: 6 },
      { name: 'path', values: 3, series: 5 },
    ]);
    expect(body.values).toEqual([]);
  });

  it('looks into one metric and one label', async () => {
    const { body } = await get('cardinality', { metric: 'errors_total', label: 'path' });
    expect(body.series).toBe(2);
    expect(body.values).toEqual([
      { value: 'a', series: 1 },
      { value: 'b', series: 1 },
    ]);
  });
});

describe('GET /api/monitoring/metrics/explain', () => {
  it('tells of each part what it gave and read', async () => {
    const query = 'sum(rate(requests_total{path!="c"}[2m])) / 2';
    const times = { start: String((now - 70_000) / 1000), end: String((now - 10_000) / 1000), step: '30' };
    const { status, body } = await get('explain', { query, ...times });
    expect(status).toBe(200);
    const rows = body.nodes.map((node: Record<string, unknown>) => [
      node.kind,
      node.parent,
      node.series,
      node.points,
      node.samples_read,
    ]);
    expect(rows).toEqual([
      ['binary', null, 1, 3, 0],
      ['aggregation', 0, 1, 3, 0],
      ['call', 1, 2, 6, 0],
      ['matrix-selector', 2, 2, 12, 0],
      ['vector-selector', 3, 2, 0, 12],
      ['number', 0, 0, 3, 0],
    ]);
    expect(body.samples_read).toBe(12);
    expect(body.nodes[2]).toMatchObject({ text: 'rate(requests_total{path!="c"}[2m])', type: 'instant vector' });
    expect(body.nodes[0].elapsed_ms).toBeGreaterThanOrEqual(body.nodes[2].elapsed_ms);
    expect(body.nodes[4].elapsed_ms).toBeNull();
  });

  it.each([
    [{ query: 'up', start: 'now-1h' }, 'step: is needed with start and end'],
    [{ query: 'up', step: '30', time: 'now' }, 'time: is for an instant query'],
    [{ query: 'sum(' }, 'parse error'],
  ])('refuses %j', async (query, message) => {
    const { status, body } = await get('explain', query);
    expect(status).toBe(422);
    expect(body.detail).toContain(message);
  });
});

describe('GET /api/monitoring/metrics/unused', () => {
  it('lists what nobody asked for in so many days', async () => {
    usage.note('queue_length > 5');
    usage.note('{__name__=~"err.*"}');
    usage.note('{job="api"} or nothing_known');
    expect((await get('unused')).body).toMatchObject({ metrics: 0, series: 0 });
    await clock.advance(2 * DAY);
    usage.note('sum(queue_length)');
    const { body } = await get('unused', { days: '1' });
    expect(body).toMatchObject({ metrics: 2, series: 5, observed_since: new Date(now).toISOString() });
    expect(body.items.map((item: { name: string }) => item.name)).toEqual(['requests_total', 'errors_total']);
    expect(body.items[0]).toMatchObject({ series_count: 3, last_used: new Date(now).toISOString() });
  });
});
