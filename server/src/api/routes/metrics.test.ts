import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger as logger, openTestTelemetryStore } from '../../../../tests/support/telemetry-store.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { createHttpServer } from '../../http/index.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { createPromqlEngine } from '../../query/promql/index.ts';
import type { TelemetryStore } from '../../stores/telemetry/index.ts';
import { metricRoutes } from './metrics.ts';

const clock = new VirtualClock();
const now = clock.now();

const system = {
  host: 'web-1',
  cpu: { usage_percent: 12.5, cores: 2, load_1m: 0.5, load_5m: 0.4, load_15m: 0.3 },
  memory: { total_bytes: 8e9, used_bytes: 2e9, available_bytes: 6e9, usage_percent: 25 },
  disks: [{ mount: '/', total_bytes: 1e11, used_bytes: 5e10, usage_percent: 50 }],
  network: { receive_bytes_per_second: 100, transmit_bytes_per_second: 50 },
  uptime_seconds: 60,
};

/** One sample every 30 s over the last 20 minutes, the newest 10 s ago. */
function series(
  name: string,
  labels: Record<string, string>,
  type: SeriesSamples['type'],
  valueAt: (i: number) => number,
) {
  const timestamps = Array.from({ length: 40 }, (_, i) => now - 10_000 - (39 - i) * 30_000);
  return {
    name,
    labels,
    type,
    unit: '',
    help: `help of ${name}`,
    timestamps,
    values: timestamps.map((_, i) => valueAt(i)),
  };
}

let store: TelemetryStore;
let app: FastifyInstance;

beforeAll(async () => {
  store = await openTestTelemetryStore();
  await store.metrics.writeSamples([
    series('http_requests_total', { service: 'checkout', path: '/pay' }, 'counter', (i) => i * 60),
    series('http_requests_total', { service: 'checkout', path: '/cart' }, 'counter', (i) => i * 30),
    series('http_requests_total', { job: 'search', environment: 'staging' }, 'counter', (i) => i * 15),
    series('queue_length', { app_kubernetes_io_name: 'checkout', job: 'pods' }, 'gauge', (i) => i),
    series('odd "name"', { 'odd label': 'a"b\\c' }, 'gauge', () => 7),
    series('undefined_ratio', {}, 'gauge', () => Number.NaN),
    ...Array.from({ length: 450 }, (_, i) => series('wide', { n: String(i) }, 'gauge', () => i)),
  ]);
  const engine = createPromqlEngine({ source: store.metrics, clock });
  app = await createHttpServer({
    routes: metricRoutes({ engine, store: store.metrics, system: { snapshot: () => system }, clock }),
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

async function get(path: string) {
  const response = await app.inject({ method: 'GET', url: `/api/monitoring/metrics${path}` });
  return { status: response.statusCode, body: response.json() };
}

describe('GET /api/monitoring/metrics', () => {
  it('gives the host and all metrics by name', async () => {
    const { status, body } = await get('');
    expect(status).toBe(200);
    expect(body.system).toEqual(system);
    expect(body.items.map((item: { name: string }) => item.name)).toEqual([
      'http_requests_total',
      'odd "name"',
      'queue_length',
      'undefined_ratio',
      'wide',
    ]);
    expect(body.items[0]).toEqual({
      name: 'http_requests_total',
      type: 'counter',
      unit: '',
      help: 'help of http_requests_total',
      series_count: 3,
    });
  });

  it.each([
    ['?search=QUEUE', ['queue_length']],
    ['?type=counter', ['http_requests_total']],
    ['?service=checkout', ['http_requests_total', 'queue_length']],
    ['?service=search', ['http_requests_total']],
    ['?service=pods', []],
    ['?environment=staging', ['http_requests_total']],
  ])('filters by %s', async (query, names) => {
    const { body } = await get(query);
    expect(body.items.map((item: { name: string }) => item.name)).toEqual(names);
  });

  it('pages', async () => {
    const first = await get('?limit=3');
    const second = await get(`?limit=3&cursor=${first.body.next_cursor}`);
    expect(second.body.items.map((item: { name: string }) => item.name)).toEqual(['undefined_ratio', 'wide']);
    expect(second.body.next_cursor).toBeNull();
  });

  it('refuses unknown types, parameters and cursors by name', async () => {
    const { status, body } = await get('?type=gauges&sort=name');
    expect(status).toBe(422);
    expect(body.errors.map((error: { path: string }) => error.path).sort()).toEqual(['sort', 'type']);
    expect((await get('?cursor=abc')).status).toBe(422);
  });
});

describe('GET /api/monitoring/metrics/{metric_name}', () => {
  it('gives the newest value of each series with its own time', async () => {
    const { body } = await get('/http_requests_total?service=checkout&label=path=/pay');
    expect(body.series).toEqual([
      { labels: { service: 'checkout', path: '/pay' }, value: 2340, timestamp: new Date(now - 10_000).toISOString() },
    ]);
  });

  it.each([
    ['service=checkout', { checkout: 2 }],
    ['service=search', { '': 1 }],
    ['service=search&environment=staging', { '': 1 }],
    ['service=search&environment=production', {}],
  ])('counts series with %s', async (query, counts) => {
    const { body } = await get(`/http_requests_total?${query}&aggregate=count&by=service`);
    const found = body.series.map((one: { labels: { service?: string }; value: number }) => [
      one.labels.service ?? '',
      one.value,
    ]);
    expect(Object.fromEntries(found)).toEqual(counts);
  });

  it('takes any name and label value as it is', async () => {
    const { body } = await get(`/${encodeURIComponent('odd "name"')}?label=${encodeURIComponent('odd label=a"b\\c')}`);
    expect(body.series).toMatchObject([{ labels: { 'odd label': 'a"b\\c' }, value: 7 }]);
  });

  it('gives null for what is no number', async () => {
    expect((await get('/undefined_ratio')).body.series).toMatchObject([{ value: null }]);
  });

  it('answers 404 with close names', async () => {
    const { status, body } = await get('/http_request_total');
    expect(status).toBe(404);
    expect(body.did_you_mean).toEqual(['http_requests_total']);
  });

  it('refuses by without aggregate', async () => {
    const { status, body } = await get('/queue_length?by=service');
    expect(status).toBe(422);
    expect(body.errors[0].path).toBe('by');
  });
});

describe('GET /api/monitoring/metrics/history/{metric_name}', () => {
  it('gives about 240 points of the last hour', async () => {
    const { body } = await get('/history/queue_length');
    expect(body.step_seconds).toBe(15);
    expect(body.series).toHaveLength(1);
    expect(body.series[0].points.at(-1)).toEqual([now / 1000, 39]);
  });

  it('gives the rate of a counter', async () => {
    const { body } = await get(
      '/history/http_requests_total?service=checkout&rate=true&aggregate=sum&start=now-5m&step=1m',
    );
    expect(body.series).toHaveLength(1);
    for (const [, value] of body.series[0].points) expect(value).toBeCloseTo(3);
  });

  it.each([
    ['/history/queue_length?rate=true', 'rate'],
    ['/history/queue_length?start=now&end=now-1h', 'start'],
    ['/history/queue_length?step=0', 'step'],
    ['/history/queue_length?start=now-30d&step=1s', 'step'],
    ['/history/wide?start=now-10000s&step=1s', 'metric_name'],
  ])('refuses %s', async (path, field) => {
    const { status, body } = await get(path);
    expect(status).toBe(422);
    expect(body.errors[0].path).toBe(field);
  });
});
