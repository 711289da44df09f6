import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../server/src/app/free-port.ts';
import { systemClock } from '../../server/src/model/clock.ts';
import { createPromqlEngine } from '../../server/src/query/promql/index.ts';
import {
  joinIndexes,
  joinSources,
  RemoteEngine,
  RemotePrometheus,
  RemoteSeriesIndex,
  RemoteSource,
} from '../../server/src/query/remote/index.ts';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { HttpStandIn } from '../support/http-stand-in.ts';
import { MemorySeriesSource } from '../support/memory-series-source.ts';
import { missingPrometheus, type PrometheusServer, startPrometheus } from '../support/prometheus-server.ts';
import { startTestService } from '../support/service.ts';

const SECOND = 1000;

describe.skipIf(missingPrometheus())('queries on a real Prometheus', () => {
  let server: PrometheusServer;
  let remote: RemotePrometheus;

  beforeAll(async () => {
    server = await startPrometheus(
      await freePort('127.0.0.1'),
      (address) =>
        `global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: itself\n  static_configs: [{targets: ['${address}']}]\n`,
    );
    remote = new RemotePrometheus({ url: `http://${server.address}/` });
    const engine = new RemoteEngine(remote);
    await eventually(async () => {
      const { result } = await engine.instant('count_over_time(up[1m])', Date.now());
      expect(result).toMatchObject({ samples: [{ value: expect.toSatisfy((count: number) => count >= 3) }] });
    });
  });

  afterAll(() => server?.stop());

  it('gives the same through its own evaluation and through ours', async () => {
    const end = Date.now() - SECOND - 0.5;
    const range = { start: Math.floor(end) - 3457, end: Math.floor(end), step: SECOND };
    const theirs = new RemoteEngine(remote);
    const ours = createPromqlEngine({ source: new RemoteSource(remote), clock: systemClock });
    for (const query of ['up', 'sum by (job) (prometheus_http_requests_total)', 'max_over_time(up[3007ms])']) {
      const [a, b] = [await theirs.range(query, range), await ours.range(query, range)];
      expect(b.result.series.length).toBeGreaterThan(0);
      expect(plain(b.result.series)).toEqual(plain(a.result.series));
      expect(b.samplesRead).toBeGreaterThan(0);
    }
    expect((await theirs.instant('time()', range.end)).result).toEqual({
      type: 'scalar',
      timestamp: range.end,
      value: range.end / 1000,
    });
  });

  it('answers from here and from there in one query', async () => {
    const now = Date.now() - SECOND;
    const local = new MemorySeriesSource().load(['owner{job="itself",team="red"} 1x10'], SECOND, now - 5 * SECOND);
    const engine = createPromqlEngine({ source: joinSources(local, new RemoteSource(remote)), clock: systemClock });
    const { result } = await engine.instant('up * on (job) group_left (team) owner', now);
    expect(result).toMatchObject({ samples: [{ labels: { job: 'itself', team: 'red' }, value: 1 }] });
  });

  it('tells of labels, series and metadata from there, or from both', async () => {
    const theirs = new RemoteSeriesIndex(remote);
    const up = [[{ name: '__name__', operator: '=', value: 'up' } as const]];
    const range = { start: Date.now() - 3_600_000, end: Date.now() };
    const [series, ...others] = await theirs.series(up, range, 10);
    expect([series, others]).toEqual([{ __name__: 'up', job: 'itself', instance: server.address }, []]);
    expect(await theirs.labelNames(up, range)).toEqual(['__name__', 'instance', 'job']);
    // Without ends of their own, ranges are as wide as times go.
    expect(await theirs.labelValues('job', up, { start: 0, end: Number.MAX_SAFE_INTEGER })).toEqual(['itself']);
    const described = await theirs.describe();
    expect(described.find(({ name }) => name === 'prometheus_build_info')).toMatchObject({ type: 'gauge', unit: '' });
    const own = { type: 'gauge', unit: 's', help: 'ours', seriesCount: 2 } as const;
    const joined = joinIndexes(
      {
        series: async () => [series!, { __name__: 'up', job: 'ours' }],
        labelNames: async () => ['job', 'team'],
        labelValues: async () => ['ours'],
        describe: async () => [{ name: 'prometheus_build_info', ...own }],
      },
      theirs,
    );
    expect(await joined.series(up, range)).toEqual([series, { __name__: 'up', job: 'ours' }]);
    expect(await joined.labelNames(up, range)).toEqual(['__name__', 'instance', 'job', 'team']);
    expect(await joined.labelValues('job', up, range)).toEqual(['itself', 'ours']);
    const both = await joined.describe();
    expect(both.filter(({ name }) => name === 'prometheus_build_info')).toEqual([
      { name: 'prometheus_build_info', ...own },
    ]);
    expect(both).toHaveLength(described.length);
  });

  it('is asked by a started service, whose clients see both as one', async () => {
    const service = await startTestService({ env: { PROMETHEUS_URL: `http://${server.address}` } });
    try {
      const { get } = apiOf(service.url);
      const asked = await get(
        '/api/v1/query?query=count(up{job="itself"}) %2B on () group_left () count(host_cpu_cores)',
      );
      expect(asked.body.data.result).toMatchObject([{ value: [expect.any(Number), '2'] }]);
      const names = await get('/api/v1/label/__name__/values');
      expect(names.body.data).toEqual(expect.arrayContaining(['host_cpu_cores', 'prometheus_build_info', 'up']));
      expect((await get('/api/v1/labels?match[]=up')).body.data).toEqual(['__name__', 'instance', 'job']);
      expect((await get('/api/v1/series?match[]=up')).body.data).toMatchObject([{ job: 'itself' }]);
      const { data } = (await get('/api/v1/metadata')).body;
      expect(data).toMatchObject({ prometheus_build_info: [{ type: 'gauge' }], host_cpu_cores: [{ type: 'gauge' }] });
    } finally {
      await service.stop();
    }
  });

  it('passes its refusals on, in its words', async () => {
    const engine = new RemoteEngine(remote);
    const refused = engine.instant('up + on () prometheus_http_requests_total', Date.now());
    await expect(refused).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ says: .*many-to-many|^127\.0\.0\.1:\d+ says: .*matching/),
    });
    await expect(engine.instant('sum(', 0)).rejects.toMatchObject({ code: 'invalid' });
  });

  // Last: it stops the server.
  it('is asked for everything by a started service in the mode remote', async () => {
    const url = `http://${server.address}`;
    const service = await startTestService({ env: { PROMETHEUS_URL: url, PROMETHEUS_MODE: 'remote' } });
    try {
      const { get, post } = apiOf(service.url);
      const query = encodeURIComponent('sum by (job) (up)');
      const end = Math.floor(Date.now() / 1000) - 1;
      for (const path of [
        `/api/v1/query?query=${query}&time=${end}`,
        `/api/v1/query_range?query=${query}&start=${end - 30}&end=${end}&step=1`,
        '/api/v1/labels?match[]=up',
        '/api/v1/label/job/values',
        '/api/v1/series?match[]=up',
      ]) {
        const theirs = (await (await fetch(`${url}${path}`)).json()) as { data: unknown };
        expect((await get(path)).body.data, path).toEqual(theirs.data);
      }
      // Of what is stored here nothing is seen, by queries as by names.
      expect((await get('/api/v1/query?query=host_cpu_cores')).body.data.result).toEqual([]);
      expect((await get('/api/v1/metadata')).body.data).toMatchObject({ prometheus_build_info: [{ type: 'gauge' }] });
      expect((await get('/api/v1/metadata?metric=host_cpu_cores')).body.data).toEqual({});
      const refused = await get('/api/v1/query?query=up%20%2B%20on()%20prometheus_http_requests_total');
      expect(refused).toMatchObject({ status: 422, body: { errorType: 'execution' } });
      expect(refused.body.error).toMatch(new RegExp(`^${server.address} says: .*matching`));
      const late = await get(`/api/v1/query?query=${query}&timeout=0`);
      expect(late).toMatchObject({ status: 503, body: { status: 'error', errorType: 'timeout' } });
      // Rules too.
      await post('/api/alerts', { name: 'Up', query: 'up', threshold: 0, interval: '1s' });
      await eventually(async () => {
        expect((await get('/api/alerts?state=firing')).body.items).toMatchObject([{ name: 'Up' }]);
      });
      await server.stop();
      const gone = await get('/api/v1/query?query=up');
      expect(gone.status).toBe(503);
      expect(gone.body.error).toContain(`${server.address} does not answer`);
      expect((await get('/health')).status).toBe(200);
    } finally {
      await service.stop();
    }
  });
});

describe('a server with the API of Prometheus', () => {
  let stand: HttpStandIn;
  let address: string;

  beforeAll(async () => {
    stand = await HttpStandIn.start();
    address = `127.0.0.1:${stand.port}`;
  });

  afterAll(() => stand.stop());

  const empty = { status: 200, body: '{"status":"success","data":{"resultType":"vector","result":[]}}' };

  it('gets the credentials and headers that were configured, and the limits of the query', async () => {
    stand.behave = () => empty;
    await new RemoteEngine(new RemotePrometheus({ url: `http://me:p%40ss@${address}/prom` })).instant('up', 1500, {
      limits: { timeoutMs: 2500, lookbackMs: 60_000 },
    });
    const headers = { 'x-scope-orgid': 'tenant-1' };
    await new RemoteEngine(new RemotePrometheus({ url: `http://${address}`, token: 't', headers })).instant('up', 0);
    const [basic, bearer] = stand.requests.slice(-2);
    expect(basic!.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    expect(Object.fromEntries(new URLSearchParams(basic!.body))).toEqual({
      query: 'up',
      time: '1.500',
      timeout: '3s',
      lookback_delta: '60.000',
    });
    expect(bearer!.headers).toMatchObject({ authorization: 'Bearer t', 'x-scope-orgid': 'tenant-1' });
  });

  it.each([
    [422, '{"status":"error","errorType":"execution","error":"too many samples"}', 'invalid', 'too many samples'],
    [503, '{"status":"error","errorType":"timeout","error":"query timed out"}', 'query_timeout', 'timed out'],
    [401, 'Unauthorized', 'unavailable', 'check PROMETHEUS_URL'],
    [502, '<html>Bad gateway</html>', 'unavailable', 'status 502'],
  ])('that answers %i', async (status, body, code, message) => {
    stand.behave = () => ({ status, body });
    const engine = new RemoteEngine(new RemotePrometheus({ url: `http://me:secret@${address}` }));
    const error = await engine.instant('up', 0).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect((error as Error).message).not.toContain('secret');
  });

  it('that answers nothing, or is not there', async () => {
    stand.behave = () => 'silent';
    const engine = new RemoteEngine(new RemotePrometheus({ url: `http://${address}` }));
    await expect(engine.instant('up', 0, { limits: { timeoutMs: 20 } })).rejects.toMatchObject({
      code: 'query_timeout',
    });
    const leave = new AbortController();
    const left = engine.instant('up', 0, { signal: leave.signal });
    leave.abort(new Error('the client left'));
    await expect(left).rejects.toThrow('the client left');
    const nowhere = new RemoteEngine(new RemotePrometheus({ url: `http://127.0.0.1:${await freePort('127.0.0.1')}` }));
    await expect(nowhere.instant('up', 0)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('does not answer: ECONNREFUSED'),
    });
  });
});

function plain(series: readonly { labels: object; timestamps: Float64Array; values: Float64Array }[]): unknown {
  return series.map(({ labels, timestamps, values }) => [labels, [...timestamps], [...values]]);
}
