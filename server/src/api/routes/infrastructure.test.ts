import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { forecastDisks } from '../../analysis/capacity/index.ts';
import { type ContainerReading, type ContainersSnapshot, DockerCollector } from '../../collectors/docker/index.ts';
import { HostCollector } from '../../collectors/host/index.ts';
import { createHttpServer } from '../../http/index.ts';
import { systemClock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import { createPromqlEngine } from '../../query/promql/index.ts';
import { openTelemetryStore, type TelemetryStore } from '../../stores/telemetry/index.ts';
import { infrastructureRoutes } from './infrastructure.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let folder: string;
let store: TelemetryStore;
let host: HostCollector;
let docker: DockerCollector;
let app: FastifyInstance;
let containers: () => Promise<ContainersSnapshot>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infrastructure-'));
  const retention = { metricsMs: 30 * DAY, logsMs: DAY, tracesMs: DAY };
  store = await openTelemetryStore({ dataDir: folder, retention, clock: systemClock, logger: silent });
  const shared = { hostName: 'box', sink: store.metrics, clock: systemClock, logger: silent };
  host = new HostCollector(shared);
  docker = new DockerCollector({ ...shared, dockerHost: undefined });
  await host.start();
  docker.start();
  containers = () => docker.snapshot();
  const select = store.metrics.select.bind(store.metrics);
  const promql = createPromqlEngine({ source: { select }, clock: systemClock });
  app = await createHttpServer({
    routes: infrastructureRoutes({
      host: () => host.snapshot(),
      containers: () => containers(),
      forecasts: (signal) => forecastDisks(promql, systemClock.now(), signal),
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
});
afterAll(async () => {
  await app?.close();
  await host?.stop();
  await docker?.stop();
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

async function get(url: string) {
  const response = await app.inject({ url });
  return { status: response.statusCode, body: response.json() };
}

it('shows this host, and a disk that fills', async () => {
  const now = Date.now();
  const hours = Array.from({ length: 72 }, (_, index) => index);
  await store.metrics.writeSamples([
    {
      name: 'host_disk_usage_percent',
      labels: { host: 'db-1', mount: '/data' },
      type: 'gauge',
      unit: 'percent',
      help: '',
      // Two points a day, a sample every hour.
      timestamps: hours.flatMap((hour) => [now - hour * HOUR - 60_000, now - hour * HOUR - 1000]).reverse(),
      values: hours.flatMap((hour) => [80 - hour / 12, 80 - hour / 12]).reverse(),
    },
  ]);
  const { status, body } = await get('/api/monitoring/infrastructure');
  expect(status).toBe(200);
  expect(body.hosts).toMatchObject([{ host: 'box', cpu: { cores: expect.any(Number) } }]);
  expect(body.containers).toEqual({ running: 0, stopped: 0, unhealthy: 0 });
  expect(body.capacity).toHaveLength(1);
  const [disk] = body.capacity;
  expect(disk).toMatchObject({ resource: 'disk /data on db-1', used_percent: 80 });
  expect(disk.trend_per_day).toBeCloseTo(2, 1);
  expect(disk.confidence).toBeCloseTo(3 / 7, 1);
  expect((Date.parse(disk.full_at) - now) / DAY).toBeCloseTo(10, 0);
});

it('has no containers without an engine, and says why', async () => {
  const { status, body } = await get('/api/monitoring/infrastructure/containers');
  expect(status).toBe(200);
  expect(body).toEqual({ engine: { available: false, error: expect.stringContaining('DOCKER_HOST') }, items: [] });
});

it('shows and counts containers', async () => {
  const reading = (fields: Partial<ContainerReading>): ContainerReading => ({
    id: 'f'.repeat(64),
    name: 'web',
    image: 'nginx',
    state: 'running',
    health: 'none',
    startedAt: Date.UTC(2026, 0, 5),
    restartCount: 2,
    labels: { a: 'b' },
    service: '',
    environment: '',
    usage: undefined,
    ...fields,
  });
  const usage = {
    cpuPercent: 12.5,
    cpuSeconds: 1,
    memoryBytes: 50,
    memoryLimitBytes: 200,
    receiveBytes: 1,
    transmitBytes: 2,
    readBytes: 3,
    writtenBytes: 4,
    pids: 5,
  };
  containers = async () => ({
    engine: { available: true, name: 'Docker Engine', version: '29.0.0' },
    items: [
      reading({ service: 'shop', health: 'unhealthy', usage }),
      reading({ state: 'exited', startedAt: undefined }),
      reading({ state: 'paused' }),
    ],
  });
  const { body } = await get('/api/monitoring/infrastructure/containers');
  expect(body.engine).toEqual({ available: true, name: 'Docker Engine', version: '29.0.0' });
  expect(body.items[0]).toEqual({
    id: 'f'.repeat(64),
    name: 'web',
    image: 'nginx',
    state: 'running',
    health: 'unhealthy',
    started_at: '2026-01-05T00:00:00.000Z',
    restart_count: 2,
    cpu_percent: 12.5,
    memory: { usage_bytes: 50, limit_bytes: 200, usage_percent: 25 },
    network: { receive_bytes: 1, transmit_bytes: 2 },
    block_io: { read_bytes: 3, write_bytes: 4 },
    pids: 5,
    labels: { a: 'b' },
    service: 'shop',
  });
  expect(body.items[1]).toMatchObject({ started_at: null, cpu_percent: null, memory: { usage_bytes: null } });
  expect(body.items[1]).not.toHaveProperty('service');
  const { body: overview } = await get('/api/monitoring/infrastructure');
  expect(overview.containers).toEqual({ running: 1, stopped: 1, unhealthy: 1 });
});
