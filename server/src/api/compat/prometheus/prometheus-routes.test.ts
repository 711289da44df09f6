import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger as logger, openTestTelemetryStore } from '../../../../../tests/support/telemetry-store.ts';
import { VirtualClock } from '../../../../../tests/support/virtual-clock.ts';
import { ScrapeCollector } from '../../../collectors/scrape/index.ts';
import { createHttpServer } from '../../../http/index.ts';
import type { SeriesSamples } from '../../../model/metric.ts';
import { staleMarkerColumn } from '../../../model/stale-marker.ts';
import { createPromqlEngine } from '../../../query/promql/index.ts';
import type { TelemetryStore } from '../../../stores/telemetry/index.ts';
import { prometheusRoutes } from './index.ts';

const clock = new VirtualClock();
const now = Math.floor(clock.now() / 60_000) * 60_000;
const seconds = now / 1000;

/** One sample every 15 s over the last 20 minutes. */
function series(
  name: string,
  labels: Record<string, string>,
  type: SeriesSamples['type'],
  valueAt: (i: number) => number,
): SeriesSamples {
  const timestamps = Array.from({ length: 80 }, (_, i) => now - (79 - i) * 15_000);
  const values = timestamps.map((_, i) => valueAt(i));
  return { name, labels, type, unit: '', help: `help of ${name}`, timestamps, values };
}

let store: TelemetryStore;
let app: FastifyInstance;
let address: string;
let isReady = true;

beforeAll(async () => {
  store = await openTestTelemetryStore();
  await store.metrics.writeSamples([
    series('up', { job: 'api', instance: 'a:1' }, 'gauge', () => 1),
    series('up', { job: 'api', instance: 'b:1' }, 'gauge', () => 0),
    series('http_requests_total', { job: 'api', instance: 'a:1' }, 'counter', (i) => i * 30),
    series('odd', { job: 'odd' }, 'gauge', (i) => [1e30, -0, Number.NaN, Number.POSITIVE_INFINITY][i % 4]!),
    series('http.duration', { 'http.method': 'GET', job: 'dotted' }, 'gauge', () => 5),
    series('latency_seconds_bucket', { le: '1' }, 'histogram', (i) => i),
    series('latency_seconds_count', {}, 'histogram', (i) => i),
    { ...series('ended', {}, 'gauge', () => 1), timestamps: [now - 30_000], values: [1] },
    { ...series('ended', {}, 'gauge', () => 1), timestamps: [now - 15_000], values: staleMarkerColumn() },
    ...Array.from({ length: 300 }, (_, i) => series('wide', { n: String(i) }, 'gauge', () => i + 0.25)),
  ]);
  app = await createHttpServer({
    routes: prometheusRoutes({
      engine: createPromqlEngine({ source: store.metrics, clock }),
      store: store.metrics,
      clock,
      logger,
      version: '1.2.3',
      isReady: () => isReady,
      targets: new ScrapeCollector({ jobs: [], sink: store.metrics, clock, logger, directory: '.' }),
      reload: async () => [],
      reloadState: () => ({ succeeded: true, succeededAt: now }),
    }),
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger,
    trustProxy: false,
    checkAnswers: true,
  });
  address = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await app.close();
  await store.close();
});

async function get(path: string, parameters: Record<string, string> | [string, string][] = {}) {
  const reply = await app.inject({ method: 'GET', url: `${path}?${new URLSearchParams(parameters)}` });
  return { status: reply.statusCode, text: reply.body, body: reply.json() };
}

async function post(path: string, form: Record<string, string> | [string, string][]) {
  const reply = await app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString(),
  });
  return { status: reply.statusCode, body: reply.json() };
}

async function values(query: string, time = seconds) {
  const { body } = await get('/api/v1/query', { query, time: String(time) });
  return body.data.result.map((sample: { value: unknown }) => sample.value);
}

describe('/api/v1/query', () => {
  it("answers Grafana's health check", async () => {
    const { status, body } = await post('/api/v1/query', { query: '1+1', time: String(seconds) });
    expect(status).toBe(200);
    expect(body).toEqual({ status: 'success', data: { resultType: 'scalar', result: [seconds, '2'] } });
  });

  it('answers vectors with sorted labels, byte for byte', async () => {
    const { text } = await get('/api/v1/query', { query: 'up{instance="b:1"}', time: `${seconds}.5` });
    expect(text).toBe(
      '{"status":"success","data":{"resultType":"vector","result":[{"metric":' +
        '{"__name__":"up","instance":"b:1","job":"api"},' +
        `"value":[${seconds}.500,"0"]}]}}`,
    );
  });

  it('answers strings and range vectors', async () => {
    const text = await get('/api/v1/query', { query: '"a\\"b"', time: '1' });
    expect(text.body.data).toEqual({ resultType: 'string', result: [1, 'a"b'] });
    const window = await get('/api/v1/query', { query: 'http_requests_total[30s]', time: String(seconds) });
    expect(window.body.data).toEqual({
      resultType: 'matrix',
      result: [
        {
          metric: { __name__: 'http_requests_total', job: 'api', instance: 'a:1' },
          values: [
            [seconds - 15, '2340'],
            [seconds, '2370'],
          ],
        },
      ],
    });
  });

  it('writes odd values as Prometheus does', async () => {
    const written = [];
    for (const back of [15, 30, 45, 60]) written.push((await values('odd', seconds - back))[0][1]);
    expect(new Set(written)).toEqual(new Set(['NaN', '-0', '1e+30', '+Inf']));
    const { body } = await get('/api/v1/query', { query: '1e30', time: '0' });
    expect(body.data.result).toEqual([0, '1000000000000000000000000000000']);
  });

  it('takes times as RFC 3339, the newest moment by default, and unknown parameters', async () => {
    const time = new Date(now - 600_000).toISOString();
    const { body } = await get('/api/v1/query', { query: 'http_requests_total', time, anything: 'goes' });
    expect(body.data.result[0].value).toEqual([seconds - 600, '1170']);
    expect((await get('/api/v1/query', { query: 'time()' })).body.data.result[0]).toBe(clock.now() / 1000);
  });

  it('keeps limit, lookback_delta and stats', async () => {
    const limited = await get('/api/v1/query', { query: 'wide', time: String(seconds), limit: '3', stats: 'all' });
    expect(limited.body.data.result).toHaveLength(3);
    expect(limited.body.warnings).toEqual(['results truncated due to limit']);
    expect(limited.body.data.stats.samples.totalQueryableSamples).toBeGreaterThanOrEqual(300);
    const later = String(seconds + 60);
    const short = await get('/api/v1/query', { query: 'up', time: later, lookback_delta: '30s' });
    expect(short.body.data.result).toEqual([]);
    expect((await get('/api/v1/query', { query: 'up', time: later })).body.data.result).toHaveLength(2);
  });

  it('orders by labels, unless the query orders', async () => {
    const query = async (text: string) => {
      const { body } = await get('/api/v1/query', { query: text, time: String(seconds) });
      return body.data.result.map((sample: { metric: { n: string } }) => sample.metric.n);
    };
    expect(await query('wide < 12')).toEqual(['0', '1', '10', '11', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(await query('sort_desc(wide < 12)')).toEqual(['11', '10', '9', '8', '7', '6', '5', '4', '3', '2', '1', '0']);
    expect(await query('topk(2, wide)')).toEqual(['299', '298']);
  });

  it('tells annotations', async () => {
    const { body } = await get('/api/v1/query', { query: 'rate(up[1m])', time: String(seconds) });
    expect(body.infos[0]).toMatch(/might not be a counter/);
  });

  it.each([
    [{ query: 'sum(' }, 400, 'bad_data', /^invalid parameter "query": 1:5: parse error/],
    [{ query: '' }, 400, 'bad_data', /^invalid parameter "query"/],
    [
      { query: 'up', time: 'yesterday' },
      400,
      'bad_data',
      /^invalid parameter "time": cannot parse "yesterday" to a valid/,
    ],
    [{ query: 'up', timeout: 'x' }, 400, 'bad_data', /^invalid parameter "timeout"/],
    [{ query: 'up', limit: '-1' }, 400, 'bad_data', /^invalid parameter "limit": limit must be non-negative/],
    [{ query: 'up * on(job) up' }, 422, 'execution', /many-to-many|duplicate/],
    [{ query: 'up', timeout: '0s' }, 503, 'timeout', /./],
  ])('refuses %j', async (parameters, status, errorType, error) => {
    const answer = await get('/api/v1/query', { time: String(seconds), ...parameters });
    expect(answer).toMatchObject({ status, body: { status: 'error', errorType } });
    expect(answer.body.error).toMatch(error);
  });
});

describe('/api/v1/query_range', () => {
  const range = { start: String(seconds - 60), end: String(seconds), step: '30' };

  it('answers a matrix, by GET and POST', async () => {
    const parameters = { query: 'sum by (job) (http_requests_total)', ...range };
    const expected = {
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { job: 'api' },
            values: [
              [seconds - 60, '2250'],
              [seconds - 30, '2310'],
              [seconds, '2370'],
            ],
          },
        ],
      },
    };
    expect((await get('/api/v1/query_range', parameters)).body).toEqual(expected);
    expect((await post('/api/v1/query_range', { ...parameters, step: '30s' })).body).toEqual(expected);
  });

  it('compresses, small and large', async () => {
    const query = { query: 'wide', start: String(seconds - 1140), end: String(seconds), step: '1' };
    for (const limit of ['10', '0']) {
      const url = `/api/v1/query_range?${new URLSearchParams({ ...query, limit })}`;
      const plain = await app.inject({ url });
      const packed = await app.inject({ url, headers: { 'accept-encoding': 'br, gzip' } });
      expect(packed.headers['content-encoding']).toBe('gzip');
      expect(gunzipSync(packed.rawPayload).equals(plain.rawPayload)).toBe(true);
      expect(plain.json().data.result[0].values).toHaveLength(1141);
      const zstd = await app.inject({ url, headers: { 'accept-encoding': 'gzip, zstd' } });
      expect(zstd.headers['content-encoding']).toBe('zstd');
      expect(zstdDecompressSync(zstd.rawPayload).toString()).toBe((await app.inject({ url })).body);
      const preferred = await app.inject({ url, headers: { 'accept-encoding': 'zstd;q=0.5, gzip' } });
      expect(preferred.headers['content-encoding']).toBe('gzip');
      const refused = await app.inject({ url, headers: { 'accept-encoding': 'gzip;q=0' } });
      expect(refused.headers['content-encoding']).toBeUndefined();
    }
  });

  it('takes 11,000 intervals and no more', async () => {
    const most = { query: '1', start: '0', end: '11000', step: '1' };
    const answer = await get('/api/v1/query_range', most);
    expect(answer.body.error).toBeUndefined();
    expect(answer.body.data.result[0].values).toHaveLength(11_001);
    expect(await get('/api/v1/query_range', { ...most, end: '11001' })).toMatchObject({
      status: 400,
      body: {
        errorType: 'bad_data',
        error:
          'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
      },
    });
  });

  it.each([
    [{ step: '0' }, /zero or negative query resolution/],
    [{ step: 'x' }, /^invalid parameter "step": cannot parse "x" to a valid duration/],
    [{ start: '' }, /^invalid parameter "start": cannot parse "" to a valid timestamp/],
    [{ end: '1' }, /^invalid parameter "end": end timestamp must not be before start time/],
    [{ query: 'up[1m]' }, /invalid expression type "range vector" for range query/],
  ])('refuses %j', async (parameters, error) => {
    const answer = await get('/api/v1/query_range', { query: 'up', ...range, ...parameters });
    expect(answer).toMatchObject({ status: 400, body: { errorType: 'bad_data' } });
    expect(answer.body.error).toMatch(error);
  });
});

describe('labels and series', () => {
  it('lists label names, by GET and POST', async () => {
    expect((await get('/api/v1/labels')).body.data).toEqual(['__name__', 'http.method', 'instance', 'job', 'le', 'n']);
    const some = [
      ['match[]', 'up'],
      ['match[]', 'latency_seconds_bucket'],
    ] as [string, string][];
    expect((await post('/api/v1/labels', some)).body.data).toEqual(['__name__', 'instance', 'job', 'le']);
    const limited = await get('/api/v1/labels', { limit: '2' });
    expect(limited.body).toMatchObject({
      data: ['__name__', 'http.method'],
      warnings: ['results truncated due to limit'],
    });
  });

  it('lists label values, those of escaped names too', async () => {
    expect((await get('/api/v1/label/instance/values')).body.data).toEqual(['a:1', 'b:1']);
    expect((await get('/api/v1/label/U__http_2e_method/values')).body.data).toEqual(['GET']);
    const filtered = await get('/api/v1/label/__name__/values', { 'match[]': '{job="dotted"}' });
    expect(filtered.body.data).toEqual(['http.duration']);
    const before = { start: '0', end: String(seconds - 86_400 * 3) };
    expect((await get('/api/v1/label/job/values', before)).body.data).toEqual([]);
    const backwards = { start: String(seconds), end: String(seconds - 60) };
    expect((await get('/api/v1/label/job/values', backwards)).body).toEqual({ status: 'success', data: [] });
  });

  it('lists series', async () => {
    const { body } = await post('/api/v1/series', { 'match[]': 'up{instance="a:1"}', start: String(seconds - 60) });
    expect(body).toEqual({ status: 'success', data: [{ __name__: 'up', instance: 'a:1', job: 'api' }] });
    const limited = await get('/api/v1/series', { 'match[]': '{__name__=~".+"}', limit: '5' });
    expect(limited.body.data).toHaveLength(5);
    expect(limited.body.warnings).toEqual(['results truncated due to limit']);
  });

  it.each([
    ['/api/v1/series', {}, /no match\[\] parameter provided/],
    ['/api/v1/series', { 'match[]': 'up[5m]' }, /not a plain series selector/],
    ['/api/v1/series', { 'match[]': '{job=~".*"}' }, /at least one non-empty matcher/],
  ])('%s refuses %j', async (path, parameters, error) => {
    const answer = await get(path, parameters as Record<string, string>);
    expect(answer).toMatchObject({ status: 400, body: { status: 'error', errorType: 'bad_data' } });
    expect(answer.body.error).toMatch(error);
  });

  it('describes metrics by family', async () => {
    const { body } = await get('/api/v1/metadata');
    expect(body.data.up).toEqual([{ type: 'gauge', help: 'help of up', unit: '' }]);
    expect(Object.keys(body.data)).toContain('latency_seconds');
    expect(Object.keys(body.data)).not.toContain('latency_seconds_bucket');
    expect(Object.keys((await get('/api/v1/metadata', { metric: 'wide' })).body.data)).toEqual(['wide']);
    expect(Object.keys((await get('/api/v1/metadata', { limit: '2' })).body.data)).toHaveLength(2);
  });
});

describe('what tools ask for besides', () => {
  it('formats and parses queries', async () => {
    const { body } = await get('/api/v1/format_query', { query: 'sum(up)by(job)' });
    expect(body.data).toBe('sum by (job) (up)');
    const tree = await post('/api/v1/parse_query', { query: 'rate(up{job="a"}[5m] offset 1m) > bool 2' });
    expect(tree.body.data).toMatchObject({
      type: 'binaryExpr',
      op: '>',
      bool: true,
      matching: null,
      lhs: {
        type: 'call',
        func: { name: 'rate', argTypes: ['matrix'], variadic: 0, returnType: 'vector' },
        args: [
          {
            type: 'matrixSelector',
            name: 'up',
            range: 300_000,
            offset: 60_000,
            matchers: expect.arrayContaining([{ name: 'job', value: 'a', type: '=' }]),
            timestamp: null,
            startOrEnd: null,
          },
        ],
      },
      rhs: { type: 'numberLiteral', val: '2' },
    });
    expect((await get('/api/v1/parse_query', { query: '(' })).status).toBe(400);
  });

  it('has no exemplars and no targets', async () => {
    const range = { start: String(seconds - 60), end: String(seconds) };
    expect((await get('/api/v1/query_exemplars', { query: 'up', ...range })).body.data).toEqual([]);
    expect((await get('/api/v1/targets')).body.data).toEqual({
      activeTargets: [],
      droppedTargets: [],
      droppedTargetCounts: {},
    });
  });

  it('tells its build, run and cardinality, but no flags', async () => {
    expect((await get('/api/v1/status/buildinfo')).body.data).toMatchObject({
      version: expect.stringMatching(/^3\./),
      revision: 'system-service 1.2.3',
    });
    expect((await get('/api/v1/status/buildinfo')).body.data.features).toBeUndefined();
    expect((await get('/api/v1/status/runtimeinfo')).body.data.startTime).toMatch(/^\d{4}-/);
    const tsdb = (await get('/api/v1/status/tsdb', { limit: '1' })).body.data;
    expect(tsdb.headStats.numSeries).toBe(308);
    expect(tsdb.seriesCountByMetricName).toEqual([{ name: 'wide', value: 300 }]);
    expect(tsdb.labelValueCountByLabelName).toEqual([{ name: 'n', value: 300 }]);
    expect(tsdb.seriesCountByLabelValuePair).toEqual([{ name: '__name__=wide', value: 300 }]);
    expect((await get('/api/v1/status/flags')).status).toBe(404);
  });

  it('federates', async () => {
    const url = '/federate?match[]=up&match[]={job="dotted"}&match[]=ended&match[]=up';
    expect((await app.inject({ url })).body).toBe(
      [
        '# TYPE http_duration untyped',
        `http_duration{instance="",http_method="GET",job="dotted"} 5 ${now}`,
        '# TYPE up untyped',
        `up{instance="a:1",job="api"} 1 ${now}`,
        `up{instance="b:1",job="api"} 0 ${now}`,
        '',
      ].join('\n'),
    );
    const utf8 = await app.inject({ url, headers: { accept: 'text/plain;version=1.0.0;escaping=allow-utf-8' } });
    expect(utf8.body).toContain(`{"http.duration",instance="","http.method"="GET",job="dotted"} 5 ${now}`);
    expect((await app.inject({ url: '/federate' })).statusCode).toBe(200);
  });

  it('says whether it is healthy and ready', async () => {
    expect((await app.inject({ url: '/-/healthy' })).statusCode).toBe(200);
    expect((await app.inject({ url: '/-/ready' })).statusCode).toBe(200);
    isReady = false;
    expect((await app.inject({ url: '/-/ready' })).statusCode).toBe(503);
    isReady = true;
  });
});

const run = promisify(execFile);
const missing = await run('promtool', ['--version']).then(
  () => undefined,
  () => 'promtool is not installed',
);
if (missing && process.env.CI !== 'true') process.stderr.write(`SKIPPED: promtool against the API: ${missing}\n`);

describe.skipIf(missing && process.env.CI !== 'true')('promtool', () => {
  const promtool = async (...args: string[]) => (await run('promtool', args)).stdout;

  it('queries instants', async () => {
    const time = new Date(now).toISOString();
    const printed = await promtool('query', 'instant', `--time=${time}`, address, 'up{instance="a:1"}');
    expect(printed).toBe(`up{instance="a:1", job="api"} => 1 @[${seconds}]\n`);
  });

  it('queries ranges', async () => {
    const range = [`--start=${seconds - 60}`, `--end=${seconds}`, '--step=30s'];
    expect(await promtool('query', 'range', ...range, address, 'sum(up)')).toBe(
      `{} =>\n1 @[${seconds - 60}]\n1 @[${seconds - 30}]\n1 @[${seconds}]\n`,
    );
  });

  it('lists series and label values', async () => {
    expect(await promtool('query', 'series', '--match=up', `--start=${seconds - 60}`, address)).toBe(
      '{__name__="up", instance="a:1", job="api"}\n{__name__="up", instance="b:1", job="api"}\n',
    );
    expect(await promtool('query', 'labels', address, 'instance')).toBe('a:1\nb:1\n');
  });

  it('shows errors', async () => {
    await expect(promtool('query', 'instant', address, 'sum(')).rejects.toThrow(/bad_data: invalid parameter "query"/);
  });
});
