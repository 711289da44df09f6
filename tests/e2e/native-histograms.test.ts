import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metrics as metricsApi } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { expect, it, onTestFinished } from 'vitest';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { startTestService, type TestService } from '../support/service.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const VALUES = Array.from({ length: 1000 }, (_, index) => (index + 1) / 100);

/** Durations in an exponential histogram, as a service's SDK sends them. */
async function recordDurations(url: string): Promise<void> {
  const environment = { ...process.env };
  Object.assign(process.env, {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_SERVICE_NAME: 'shop',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_NODE_RESOURCE_DETECTORS: 'env',
  });
  // `AggregationType.EXPONENTIAL_HISTOGRAM` of a package that the SDK does not pass on.
  const aggregation = { type: 5 } as const;
  const sdk = new NodeSDK({ views: [{ instrumentName: 'request.duration', aggregation }] });
  sdk.start();
  const histogram = metricsApi.getMeter('lib').createHistogram('request.duration', { unit: 's' });
  for (const value of VALUES) histogram.record(value);
  await sdk.shutdown();
  metricsApi.disable();
  process.env = environment;
}

/** A counter, a classic and an exponential histogram, each with an exemplar. */
function pointsWithExemplars(now: number) {
  const nano = (milliseconds: number) => `${milliseconds}000000`;
  const exemplars = [{ timeUnixNano: nano(now - 500), asDouble: 0.7, traceId: TRACE, spanId: SPAN }];
  const common = { timeUnixNano: nano(now), startTimeUnixNano: nano(now - 60_000), exemplars };
  const metric = (name: string, kind: string, point: object) => ({
    name,
    [kind]: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...common, ...point }] },
  });
  const metrics = [
    metric('orders', 'sum', { asInt: '30' }),
    metric('classic', 'histogram', { count: '2', sum: 3, bucketCounts: ['1', '1'], explicitBounds: [1] }),
    metric('native', 'exponentialHistogram', {
      scale: 12,
      count: '1',
      sum: 0.7,
      positive: { offset: Math.ceil(Math.log2(0.7) * 2 ** 12) - 1, bucketCounts: ['1'] },
    }),
  ];
  return { resourceMetrics: [{ resource: {}, scopeMetrics: [{ scope: {}, metrics }] }] };
}

async function check(service: TestService, now: number): Promise<void> {
  const api = apiOf(service.url);
  const query = async (text: string) => {
    const { body } = await api.get(`/api/v1/query?query=${encodeURIComponent(text)}`);
    return body.data.result as { metric: object; value: [number, string]; histogram?: [number, { count: string }] }[];
  };
  const number = async (text: string) => Number((await query(text))[0]?.value[1]);
  expect(await number('histogram_count(request_duration_seconds)')).toBe(VALUES.length);
  for (const quantile of [0.1, 0.5, 0.99]) {
    // The SDK keeps 160 buckets: from 0.01 to 10 an observation is known to within 5 %.
    const estimate = await number(`histogram_quantile(${quantile}, request_duration_seconds)`);
    expect(Math.abs(estimate / (10 * quantile) - 1)).toBeLessThan(0.05);
  }
  expect(await number('histogram_sum(request_duration_seconds)')).toBeCloseTo(5005, 6);
  expect(await query('native')).toMatchObject([
    { metric: { __name__: 'native' }, histogram: [expect.any(Number), { count: '1', sum: '0.7' }] },
  ]);
  // One sample each, but it is known since when they count.
  expect(await number('increase(orders_total[1h])')).toBe(30);
  expect(await number('histogram_count(increase(native[1h]))')).toBe(1);

  const range = `start=${now / 1000 - 60}&end=${now / 1000}`;
  const selectors = encodeURIComponent('rate(orders_total[1m]) + native + sum(classic_bucket)');
  const { body } = await api.get(`/api/v1/query_exemplars?query=${selectors}&${range}`);
  const exemplar = { labels: { span_id: SPAN, trace_id: TRACE }, value: '0.7', timestamp: (now - 500) / 1000 };
  expect(body).toEqual({
    status: 'success',
    data: [
      { seriesLabels: { __name__: 'classic_bucket', le: '1' }, exemplars: [exemplar] },
      { seriesLabels: { __name__: 'native' }, exemplars: [exemplar] },
      { seriesLabels: { __name__: 'orders_total' }, exemplars: [exemplar] },
    ],
  });
}

it('brings exponential histograms, exemplars and start times to PromQL, over a kill', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'system-service-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const first = await startTestService({ dataDir });
  onTestFinished(() => first.kill());
  await recordDurations(first.url);
  const now = Date.now();
  const { status, body } = await apiOf(first.url).post('/v1/metrics', pointsWithExemplars(now));
  expect([status, body]).toEqual([200, {}]);
  await eventually(() => check(first, now));
  await first.kill();
  const second = await startTestService({ dataDir });
  onTestFinished(async () => {
    await second.stop();
  });
  await eventually(() => check(second, now));
});
