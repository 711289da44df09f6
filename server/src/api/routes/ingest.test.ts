import { afterEach, beforeEach, expect, it } from 'vitest';
import { logOf } from '../../../../tests/support/log-builder.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { createHttpServer } from '../../http/index.ts';
import { ServiceError } from '../../model/errors.ts';
import { collect } from '../../model/flow.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { createPipeline, type Pipeline } from '../../pipeline/index.ts';
import { NO_RULES } from '../../pipeline/pipeline-rules.ts';
import { ingestRoutes } from './ingest.ts';

const NOW = Date.UTC(2026, 10, 23, 10);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const writePath = { acknowledge: 'store' as const, fsync: null, log: null, disk: null, tables: [] };

let clock: VirtualClock;
let pipeline: Pipeline;
let app: Awaited<ReturnType<typeof createHttpServer>>;

beforeEach(async () => {
  clock = new VirtualClock(NOW);
  pipeline = createPipeline({
    spans: { writeSpans: async () => {} },
    logs: { writeLogs: async (records) => void collect(records) },
    samples: { writeSamples: async () => {} },
    clock,
    logger: silent,
    limits: { maxAgeMs: { logs: 3_600_000 }, maxAheadMs: 60_000, seriesPerMetric: 1 },
    rateLimit: { itemsPerSecond: 100 },
    rules: {
      ...NO_RULES,
      sourceLimits: { zipkin: { bytesPerSecond: 5 } },
      keyLimits: { batch: { itemsPerSecond: 7 } },
    },
    knownSeries: { seriesCount: 1, countOf: (metric) => (metric === 'depth' ? 1 : 0), isKnown: () => false },
  });
  app = await createHttpServer({
    routes: ingestRoutes({ pipeline, seriesCount: () => 1, writePath: () => writePath, clock }),
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
afterEach(() => app.close());

const report = async () => (await app.inject({ url: '/api/monitoring/ingest' })).json();

function series(name: string): SeriesSamples {
  return { name, labels: {}, type: 'gauge', unit: '', help: '', timestamps: [NOW], values: [1] };
}

it('is empty before anything came, and says the limits', async () => {
  expect(await report()).toMatchObject({
    timestamp: '2026-11-23T10:00:00.000Z',
    sources: [],
    examples: [],
    in_flight: [{ signal: 'spans', items: 0 }, { signal: 'logs' }, { signal: 'samples', limit: 2_000_000 }],
    series: { count: 1, limit: 500_000, per_metric_limit: 1 },
    limits: {
      max_age_seconds: { spans: null, logs: 3600, samples: null },
      max_ahead_seconds: 60,
      rates: {
        standard: { items_per_second: 100, bytes_per_second: null },
        sources: { zipkin: { items_per_second: null, bytes_per_second: 5 } },
        keys: { batch: { items_per_second: 7, bytes_per_second: null } },
      },
    },
    write_path: writePath,
  });
});

it('tells what came, what was refused, and what to do about it', async () => {
  const otlp = pipeline.intake('otlp');
  await otlp.writeLogs([logOf({ at: NOW }), logOf({ at: NOW - 7_200_000, service: 'late' })]);
  await otlp.writeSamples([series('depth'), series('size')], { refused: [{ reason: 'no_data', count: 3 }] });
  await clock.advance(30_000);
  const { sources, examples } = await report();
  expect(sources).toMatchObject([
    {
      source: 'otlp',
      signal: 'logs',
      accepted: 1,
      rejected: [{ reason: 'too_old', count: 1, advice: expect.stringContaining('INGEST_MAX_AGE') }],
      dropped: [],
      last_received_at: '2026-11-23T10:00:00.000Z',
      accepted_per_second: 1 / 60,
      refused_per_second: 1 / 60,
      limits: { items_per_second: 100, bytes_per_second: null },
    },
    {
      signal: 'samples',
      accepted: 1,
      rejected: [
        { reason: 'no_data', count: 3 },
        { reason: 'per_metric_series_limit', count: 1, advice: expect.stringContaining('metric_relabel_configs') },
      ],
    },
  ]);
  expect(examples).toMatchObject([
    { signal: 'logs', reason: 'too_old', subject: 'late', time: '2026-11-23T10:00:00.000Z' },
    { signal: 'samples', reason: 'no_data', subject: '', count: 1 },
    { signal: 'samples', reason: 'per_metric_series_limit', subject: 'depth', detail: expect.stringContaining('is 1') },
  ]);
  await clock.advance(60_000);
  expect((await report()).sources[0].accepted_per_second).toBe(0);
  const sender = { key: 'agent', bytes: 0 };
  await otlp.writeLogs(new Array(500).fill(logOf({ at: clock.now() })), { sender });
  await expect(otlp.writeLogs(new Array(6).fill(logOf({ at: clock.now() })), { sender })).rejects.toThrow(ServiceError);
  expect((await report()).sources[0]).toMatchObject({ rate_limited: 6, refused_per_second: 6 / 60 });
});
