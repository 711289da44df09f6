import { describe, expect, it } from 'vitest';
import { seriesText } from '../../../../../tests/support/ingest-server.ts';
import { STALE_MARKER_BITS } from '../../../model/stale-marker.ts';
import { decodeMetrics } from '../json/metrics.ts';
import { MetricTranslator } from './translator.ts';

const T1 = '1700000060000000000';
const T2 = '1700000120000000000';

function attributes(values: Record<string, string>) {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function request(metric: object, resource: Record<string, string> = { 'service.name': 'shop' }, scope: object = {}) {
  const metrics = [{ name: 'm', ...metric }];
  return { resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics: [{ scope, metrics }] }] };
}

function translate(
  body: object,
  translator = new MetricTranslator({ maxDeltaSeries: 100, strategy: 'UnderscoreEscapingWithSuffixes' }),
) {
  const { items, rejected } = translator.translate(decodeMetrics(body));
  return { items, rejected, series: seriesText(items) };
}

function gauge(point: object = {}) {
  return { gauge: { dataPoints: [{ timeUnixNano: T1, asDouble: 1, ...point }] } };
}

describe('what series are called and carry', () => {
  it('makes job and instance of the service, and describes the rest in target_info', () => {
    const resource = {
      'service.name': 'cart',
      'service.namespace': 'shop',
      'service.instance.id': 'i-1',
      'deployment.environment.name': 'staging',
      'host.name': 'h1',
    };
    expect(translate(request(gauge(), resource)).series).toEqual({
      'm{environment="staging",instance="i-1",job="shop/cart"}': [1],
      'target_info{deployment_environment_name="staging",host_name="h1",instance="i-1",job="shop/cart"}': [1],
    });
  });

  it('tells hosts apart where no instance is given, and has no target_info without identity', () => {
    expect(translate(request(gauge(), { 'host.name': 'h1', 'os.type': 'linux' })).series).toEqual({
      'm{host_name="h1"}': [1],
    });
  });

  it('labels with the scope, which an attribute cannot replace', () => {
    const scope = { name: 'lib', version: '2', attributes: attributes({ 'short.name': 's' }) };
    const point = { attributes: attributes({ job: 'x', otel_scope_name: 'x', 'http.route': '/a', environment: 'e' }) };
    expect(Object.keys(translate(request(gauge(point), { 'service.name': 'shop' }, scope)).series)).toEqual([
      'm{environment="e",http_route="/a",job="shop",otel_scope_name="lib",otel_scope_short_name="s",otel_scope_version="2"}',
    ]);
  });

  it('keeps type, unit and description', () => {
    const { items } = translate(
      request({
        name: 'io',
        unit: 'By',
        description: 'bytes read',
        sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ timeUnixNano: T1, asInt: '7' }] },
      }),
    );
    expect(items[0]).toMatchObject({
      name: 'io_bytes_total',
      type: 'counter',
      unit: 'bytes',
      help: 'bytes read',
      timestamps: [1700000060000],
      values: [7],
    });
  });

  it('keeps the type that a metric had in Prometheus', () => {
    const metadata = attributes({ 'prometheus.type': 'unknown' });
    expect(translate(request({ metadata, ...gauge() })).items[0]!.type).toBe('unknown');
  });
});

describe('kinds of metrics', () => {
  it('sums that rise and fall are gauges', () => {
    const sum = { aggregationTemporality: 2, dataPoints: [{ timeUnixNano: T1, asInt: -3 }] };
    expect(translate(request({ sum, unit: '1' })).items[0]).toMatchObject({ name: 'm', type: 'gauge', values: [-3] });
  });

  it('delta sums add up, begin with a zero, and are not added twice', () => {
    const translator = new MetricTranslator({ maxDeltaSeries: 100, strategy: 'UnderscoreEscapingWithSuffixes' });
    const delta = (start: string, time: string, value: number) =>
      translate(
        request({
          sum: {
            aggregationTemporality: 1,
            isMonotonic: true,
            dataPoints: [{ startTimeUnixNano: start, timeUnixNano: time, asDouble: value }],
          },
        }),
        translator,
      );
    const first = delta('1700000000000000000', T1, 5);
    expect(first.items[0]).toMatchObject({
      name: 'm_total',
      timestamps: [1700000000001, 1700000060000],
      values: [0, 5],
    });
    expect(delta(T1, T2, 2).series).toEqual({ 'm_total{job="shop"}': [7] });
    expect(delta(T1, T2, 2).series).toEqual({ 'm_total{job="shop"}': [7] });
    expect(delta('0', T1, 1).rejected).toEqual([{ reason: 'delta_out_of_order', count: 1 }]);
  });

  it('histograms become cumulative buckets', () => {
    const histogram = {
      aggregationTemporality: 2,
      dataPoints: [{ timeUnixNano: T1, count: '6', sum: 4.5, bucketCounts: ['1', '2', '3'], explicitBounds: [0.5, 1] }],
    };
    expect(translate(request({ histogram, unit: 's' })).series).toEqual({
      'm_seconds_bucket{job="shop",le="0.5"}': [1],
      'm_seconds_bucket{job="shop",le="1"}': [3],
      'm_seconds_bucket{job="shop",le="+Inf"}': [6],
      'm_seconds_sum{job="shop"}': [4.5],
      'm_seconds_count{job="shop"}': [6],
    });
  });

  it('delta histograms add up', () => {
    const translator = new MetricTranslator({ maxDeltaSeries: 100, strategy: 'UnderscoreEscapingWithSuffixes' });
    const delta = (time: string) => ({
      histogram: {
        aggregationTemporality: 'AGGREGATION_TEMPORALITY_DELTA',
        dataPoints: [{ timeUnixNano: time, count: 2, sum: 3, bucketCounts: [1, 1], explicitBounds: [1] }],
      },
    });
    translate(request(delta(T1)), translator);
    expect(translate(request(delta(T2)), translator).series).toEqual({
      'm_bucket{job="shop",le="1"}': [2],
      'm_bucket{job="shop",le="+Inf"}': [4],
      'm_sum{job="shop"}': [6],
      'm_count{job="shop"}': [4],
    });
  });

  it('summaries become quantiles', () => {
    const summary = {
      dataPoints: [
        {
          timeUnixNano: T1,
          count: '2',
          sum: 3,
          quantileValues: [
            { quantile: 0.5, value: 1 },
            { quantile: 1, value: 2 },
          ],
        },
      ],
    };
    expect(translate(request({ summary })).series).toEqual({
      'm{job="shop",quantile="0.5"}': [1],
      'm{job="shop",quantile="1"}': [2],
      'm_sum{job="shop"}': [3],
      'm_count{job="shop"}': [2],
    });
  });

  it('an ended series gets the stale marker, bit for bit', () => {
    const { items } = translate(request({ gauge: { dataPoints: [{ timeUnixNano: T1, flags: 1 }] } }));
    const values = items[0]!.values as Float64Array;
    expect(new BigUint64Array(values.buffer)[0]).toBe(STALE_MARKER_BITS);
  });
});

describe('points that cannot be taken', () => {
  const sum = (fields: object) => ({ sum: { dataPoints: [{ timeUnixNano: T1, asInt: 1 }], ...fields } });
  it.each([
    ['missing_time', { gauge: { dataPoints: [{ asInt: 1 }] } }],
    ['invalid_value', { gauge: { dataPoints: [{ timeUnixNano: T1 }] } }],
    ['unspecified_temporality', sum({ isMonotonic: true })],
    ['delta_gauge', sum({ aggregationTemporality: 1 })],
    ['no_data', {}],
    ['invalid_metric_name', { name: '%%', ...gauge() }],
    [
      'invalid_histogram',
      {
        histogram: {
          aggregationTemporality: 2,
          dataPoints: [{ timeUnixNano: T1, bucketCounts: [1], explicitBounds: [1] }],
        },
      },
    ],
  ])('%s', (reason, metric) => {
    const { series, rejected } = translate(request(metric));
    expect(series).toEqual({});
    expect(rejected).toEqual([{ reason, count: 1 }]);
  });
});

describe('native histograms, starts and exemplars', () => {
  const START = '1700000000000000000';
  const [start, t1, t2] = [1700000000000, 1700000060000, 1700000120000];
  const exponential = (temporality: number, ...points: object[]) =>
    request({ exponentialHistogram: { aggregationTemporality: temporality, dataPoints: points } });
  const point = (time: string, more: object) => ({ timeUnixNano: time, startTimeUnixNano: START, ...more });

  it('makes an exponential histogram one series', () => {
    const positive = { offset: 0, bucketCounts: ['1', '2'] };
    const { items } = translate(exponential(2, point(T1, { count: '3', sum: 7, positive })));
    expect(items).toMatchObject([
      {
        name: 'm',
        labels: { job: 'shop' },
        type: 'histogram',
        timestamps: [],
        histograms: [
          {
            timestamp: t1,
            startTimestamp: start,
            histogram: { schema: 0, count: 3, sum: 7, positive: { indexes: [1, 2], counts: [1, 2] } },
          },
        ],
      },
    ]);
    const ended = translate(exponential(2, point(T2, { flags: 1 })));
    expect(ended.items[0]!.histograms).toEqual([{ timestamp: t2, startTimestamp: start, histogram: undefined }]);
  });

  it('adds deltas up at the coarser scale, since the first one', () => {
    const translator = new MetricTranslator({ maxDeltaSeries: 100, strategy: 'UnderscoreEscapingWithSuffixes' });
    const fine = { scale: 1, count: '2', sum: 3, positive: { offset: 0, bucketCounts: ['1', '1'] } };
    const coarse = { scale: 0, count: '1', sum: 3, zeroCount: '0', positive: { offset: 1, bucketCounts: ['1'] } };
    translate(exponential(1, point(T1, fine)), translator);
    const { items } = translate(exponential(1, { ...point(T2, coarse), startTimeUnixNano: T1 }), translator);
    expect(items[0]!.histograms).toMatchObject([
      {
        startTimestamp: start,
        histogram: { schema: 0, count: 3, sum: 6, positive: { indexes: [1, 2], counts: [2, 1] } },
      },
    ]);
  });

  it('refuses scales that native histograms do not have', () => {
    expect(translate(exponential(2, point(T1, { scale: -5, count: '0' }))).rejected).toEqual([
      { reason: 'histogram_too_coarse', count: 1 },
    ]);
  });

  it('knows the start of what counts, and of nothing else', () => {
    const sum = (isMonotonic: boolean, ...points: object[]) =>
      translate(request({ sum: { isMonotonic, aggregationTemporality: 2, dataPoints: points } })).items[0]!;
    expect(sum(true, point(T1, { asInt: '1' })).startTimestamps).toEqual([start]);
    expect(sum(false, point(T1, { asInt: '1' })).startTimestamps).toBeUndefined();
    expect(sum(true, { ...point(T1, { asInt: '1' }), startTimeUnixNano: T1 }).startTimestamps).toBeUndefined();
    const { items } = translate(request({ gauge: { dataPoints: [point(T1, { asInt: '1' })] } }));
    expect(items[0]!.startTimestamps).toBeUndefined();
  });

  it('puts exemplars at the bucket that counts them, with trace and span', () => {
    const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const histogram = {
      aggregationTemporality: 2,
      dataPoints: [
        point(T1, {
          count: '3',
          bucketCounts: ['1', '1', '1'],
          explicitBounds: [1, 2],
          exemplars: [
            { timeUnixNano: START, asDouble: 1, ...ids, filteredAttributes: attributes({ 'user.id': 'u' }) },
            { asInt: '9', filteredAttributes: attributes({ long: 'x'.repeat(200), short: 'y' }) },
            { timeUnixNano: START },
          ],
        }),
      ],
    };
    const beside = translate(request({ histogram })).items.filter(({ exemplars }) => exemplars);
    expect(beside).toMatchObject([
      {
        name: 'm_bucket',
        labels: { job: 'shop', le: '1' },
        exemplars: [
          { timestamp: start, value: 1, labels: { trace_id: ids.traceId, span_id: ids.spanId, user_id: 'u' } },
        ],
      },
      { labels: { le: '+Inf' }, exemplars: [{ timestamp: t1, value: 9, labels: { short: 'y' } }] },
    ]);
  });
});
