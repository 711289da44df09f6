import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertingBench } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';
import { Alerting } from '../../alerting/index.ts';
import { createHttpServer } from '../../http/index.ts';
import type { Logger } from '../../model/logger.ts';
import { Notifications } from '../../notifications/index.ts';
import { createPromqlEngine } from '../../query/promql/index.ts';
import { prometheusRuleRoutes } from '../compat/prometheus/index.ts';
import type { Alert, AlertList, Episode, EpisodeList } from '../contract/alerts.ts';
import { alertRoutes } from './alerts.ts';

let bench: AlertingBench;
let app: FastifyInstance;

const logger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error: (fields) => process.stderr.write(`${JSON.stringify(fields)}\n`),
};

function serve(alerting: Alerting): Promise<FastifyInstance> {
  return createHttpServer({
    routes: [...alertRoutes({ alerting, clock: bench.clock }), ...prometheusRuleRoutes(alerting, logger)],
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger,
    trustProxy: false,
    checkAnswers: true,
  });
}

beforeEach(async () => {
  const sqlite = controlBackends().find(({ name }) => name === 'sqlite')!;
  bench = await AlertingBench.create(sqlite);
  app = await serve(bench.alerting);
});
afterEach(async () => {
  await app.close();
  await bench.drop();
});

async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object, headers = {}) {
  const response = await app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: response.statusCode, headers: response.headers, body: response.body ? response.json() : undefined };
}
async function create(payload: object): Promise<Alert> {
  const { status, body } = await call('POST', '/api/alerts', payload);
  expect(status, JSON.stringify(body)).toBe(201);
  return body as Alert;
}

it('takes kinds and policies, shows them, and refuses what does not fit by its field', async () => {
  const silent = await create({
    ...{ name: 'Backup silent', metric: 'backups', absence: { for: '26h' }, on_error: 'fire', missing_tolerance: 5 },
    ...{ series_no_data: 'keep_last', series_no_data_after: '2h' },
  });
  expect(silent).toMatchObject({
    ...{ kind: 'absence', watches: 'silence of backups for 1d2h', absence: { for: '1d2h' }, operator: null, red: null },
    ...{ on_error: 'fire', missing_tolerance: 5, series_no_data: 'keep_last', series_no_data_after: '2h' },
    ...{ missed_evaluations: 0, health: 'ok' },
  });
  const both = await create({ name: 'Both', query_language: 'alerts', query: `not "Backup silent" or ${silent.id}` });
  expect(both).toMatchObject({ kind: 'alerts', state: 'firing', query_language: 'alerts' });
  const changed = await call('PUT', `/api/alerts/${silent.id}`, { absence: { for: '1h' } });
  expect(changed.body).toMatchObject({ watches: 'silence of backups for 1h', version: 2 });

  const refused = async (body: object) => {
    const { status, body: problem } = await call('POST', '/api/alerts', { name: 'Wrong', ...body });
    expect(status).toBe(422);
    return problem.errors.map(({ path }: { path: string }) => path);
  };
  expect(await refused({ red: { figure: 'p42' }, threshold: 1 })).toEqual(['red.figure']);
  expect(await refused({ query_language: 'logs', query: 'a', threshold: 1 })).toEqual(['query_language']);
  expect(await refused({ query_language: 'trace', threshold: 1 })).toEqual(['red']);
  expect(await refused({ metric: 'a', absence: { for: '9d' } })).toEqual(['absence.for']);
  expect(await refused({ metric: 'a', threshold: 1, window: '5m' })).toEqual(['window']);
  expect(await refused({ query_language: 'alerts', query: 'Nobody' })).toEqual(['query']);
  expect(await refused({ query_language: 'alerts', query: 'Both', threshold: 1 })).toEqual(['threshold']);
});

it('shows alerts of every kind as Prometheus lists its rules, what is no PromQL in words', async () => {
  bench.figures.set('load', 9);
  await create({ name: 'Load', metric: 'load', threshold: 5, labels: { team: 'core' } });
  await create({ name: 'Silent', metric: 'load', absence: { for: '1h' } });
  await create({ name: 'Both', query_language: 'alerts', query: 'Load and not Silent' });
  await create({ name: 'By hand' });
  await bench.post([{ alertname: 'Of another program' }], 60);
  const [group, ...others] = (await call('GET', '/api/v1/rules')).body.data.groups;
  expect(others).toEqual([]);
  expect(group.rules.map(({ name, query, state }: Record<string, string>) => [name, query, state])).toEqual([
    ['Load', '(load) > 5', 'firing'],
    ['Silent', 'silence of load for 1h', 'inactive'],
    ['Both', 'Load and not Silent', 'firing'],
    ['By hand', expect.any(String), 'firing'],
  ]);
  expect(group.rules[2]).toMatchObject({ type: 'alerting', health: 'ok', duration: 0, alerts: [{ state: 'firing' }] });
});

/** The minimal form, as printed in the specification of the service. */
const MINIMAL = {
  name: 'High CPU Usage',
  description: 'CPU usage above 90%',
  severity: 'warning',
  service: 'data-processing',
  threshold: 90,
};

describe('POST /api/alerts', () => {
  it('takes the minimal form', async () => {
    const { status, headers, body } = await call('POST', '/api/alerts', MINIMAL);
    expect(status).toBe(201);
    expect(headers.location).toBe(`/api/alerts/${body.id}`);
    expect(body).toMatchObject({
      ...MINIMAL,
      query: 'service_cpu_usage_percent{service="data-processing"}',
      inferred: true,
      operator: '>',
      for: '0s',
      interval: '15s',
      no_data: 'keep_last',
      state: 'inactive',
      health: 'no_data',
      instances: [],
      version: 1,
    });
  });

  it('shows at once what fires', async () => {
    bench.figures.set('service_cpu_usage_percent', 95.5, { service: 'data-processing' });
    const body = await create({ ...MINIMAL, labels: { team: 'core' } });
    expect(body).toMatchObject({ state: 'firing', health: 'ok', last_evaluated_at: expect.any(String) });
    expect(body.instances).toMatchObject([
      {
        labels: { service: 'data-processing', team: 'core' },
        state: 'firing',
        value: 95.5,
        acknowledged: false,
        suppressed_by: [],
      },
    ]);
  });

  it('takes every field and gives it back', async () => {
    const form = {
      name: 'Queue',
      description: 'too long',
      severity: 'error',
      service: 'orders',
      query: 'sum by (queue) (queue_length)',
      operator: '>=',
      threshold: 100,
      recovery_threshold: 50,
      for: '1m30s',
      keep_firing_for: '5m',
      interval: '1s',
      no_data: 'fire',
      group_by: ['queue'],
      labels: { team: 'core' },
      annotations: { summary: '{{ value }} waiting', runbook_url: 'https://example.org/queue' },
      notify: { users: ['anna'], channels: ['email'] },
      enabled: false,
    };
    const { id } = await create({ ...form, query_language: 'promql' });
    expect((await call('GET', `/api/alerts/${id}`)).body).toMatchObject({
      ...form,
      inferred: false,
      health: 'unknown',
    });
  });

  it.each([
    ['service', 'orders', 95],
    ['job', 'orders', 95],
    ['job', 'other', undefined],
  ])('finds a metric of a service by its label %s=%s', async (label, value, found) => {
    bench.figures.set('queue', 95, { [label]: value });
    const { query, instances } = await create({ name: 'Queue', metric: 'queue', service: 'orders', threshold: 90 });
    expect(query).toBe('queue{service="orders"} or queue{service="",job="orders"}');
    expect(instances[0]?.value).toBe(found);
  });

  it.each([
    ['a threshold without words', { name: 'X', threshold: 1 }, ['description']],
    ['a metric without threshold', { name: 'X', metric: 'up' }, ['threshold']],
    ['metric and query', { name: 'X', metric: 'up', query: 'up', threshold: 1 }, ['metric']],
    ['a broken query', { name: 'X', query: 'sum(', threshold: 1 }, ['query']],
    ['a query of the wrong type', { name: 'X', query: 'up[5m]', threshold: 1 }, ['query']],
    ['unknown fields', { name: 'X', treshold: 1, sevirity: 'error' }, ['treshold', 'sevirity']],
    ['what is not built', { name: 'X', anomaly: {} }, ['anomaly']],
    ['another query language', { name: 'X', query_language: 'logql' }, ['query_language']],
    [
      'bad values',
      { name: '', severity: 'bad', for: '5 minutes', threshold: '9' },
      ['name', 'severity', 'threshold', 'for'],
    ],
    ['too short an interval', { name: 'CPU', threshold: 1, interval: '500ms' }, ['interval']],
    ['too long durations', { name: 'CPU', threshold: 1, interval: '2d', for: '8d' }, ['for', 'interval']],
    ['recovery on the wrong side', { name: 'CPU', threshold: 90, recovery_threshold: 95 }, ['recovery_threshold']],
    [
      'recovery of equality',
      { name: 'CPU', operator: '==', threshold: 9, recovery_threshold: 9 },
      ['recovery_threshold'],
    ],
    ['an operator without threshold', { name: 'X', operator: '<' }, ['operator']],
    [
      'thresholds out of order',
      {
        name: 'CPU',
        thresholds: [
          { severity: 'critical', threshold: 1 },
          { severity: 'info', threshold: 2 },
        ],
      },
      ['thresholds'],
    ],
    ['a broken template', { name: 'CPU', threshold: 1, annotations: { summary: '{{ value' } }, ['annotations.summary']],
    ['an end in the past', { name: 'X', ends_at: 'now-1m' }, ['ends_at']],
  ])('refuses %s', async (_what, form, paths) => {
    const { status, body } = await call('POST', '/api/alerts', form);
    expect(status, JSON.stringify(body)).toBe(422);
    expect(body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([...paths].sort());
    expect((await call('GET', '/api/alerts')).body.items).toEqual([]);
  });

  it('hints at mistyped names', async () => {
    const { body } = await call('POST', '/api/alerts', { name: 'CPU', treshold: 1 });
    expect(body.errors[0].message).toContain('threshold');
  });

  it('honours Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'abc' };
    const first = await call('POST', '/api/alerts', MINIMAL, key);
    const second = await call('POST', '/api/alerts', MINIMAL, key);
    expect([second.status, second.body.id]).toEqual([201, first.body.id]);
    expect((await call('POST', '/api/alerts', { ...MINIMAL, threshold: 80 }, key)).status).toBe(409);
    expect((await call('GET', '/api/alerts')).body.items).toHaveLength(1);
  });
});

describe('GET /api/alerts', () => {
  it('filters', async () => {
    bench.figures.set('load', 9);
    const names = async (query: string) =>
      ((await call('GET', `/api/alerts?${query}`)).body as AlertList).items.map(({ name }) => name);
    await create({ name: 'Load', metric: 'load', threshold: 5, severity: 'error' });
    await create({ name: 'CPU', threshold: 90, service: 'orders', enabled: false });
    expect(await names('')).toEqual(['CPU', 'Load']);
    expect(await names('state=firing')).toEqual(['Load']);
    expect(await names('severity=error')).toEqual(['Load']);
    expect(await names('service=orders')).toEqual(['CPU']);
    bench.figures.set('busy', 9, { service: 'cart', environment: 'staging' });
    await create({ name: 'Busy', metric: 'busy', threshold: 5 });
    expect(await names('service=cart')).toEqual(['Busy']);
    expect(await names('environment=staging')).toEqual(['Busy']);
    expect((await call('GET', '/api/alerts/history?environment=staging')).body.items).toHaveLength(1);
    expect((await call('GET', '/api/alerts/history?environment=production')).body.items).toEqual([]);
    expect(await names('search=lOa')).toEqual(['Load']);
    expect(await names('enabled=false')).toEqual(['CPU']);
    // Of a rule that cannot be evaluated, what it says of itself fires.
    bench.figures.failure = new Error('the store is down');
    await create({ name: 'Broken', metric: 'lost', threshold: 5 });
    await bench.pass(60, 15);
    expect(await names('state=firing')).toContain('Broken');
    expect(await names('state=firing&search=broken')).toEqual(['Broken']);
    expect((await call('GET', '/api/alerts?state=odd&colour=red')).body.errors).toHaveLength(2);
  });

  it('goes by pages', async () => {
    for (const number of [1, 2, 3]) await create({ name: `CPU ${number}`, threshold: 90 });
    const first = (await call('GET', '/api/alerts?limit=2')).body as AlertList;
    const second = (await call('GET', `/api/alerts?limit=2&cursor=${first.next_cursor}`)).body as AlertList;
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['CPU 3', 'CPU 2', 'CPU 1']);
    expect(second.next_cursor).toBeNull();
  });
});

describe('one alert', () => {
  it('is 404 where there is none', async () => {
    for (const method of ['GET', 'DELETE'] as const) expect((await call(method, '/api/alerts/none')).status).toBe(404);
    expect((await call('PUT', '/api/alerts/none', {})).status).toBe(404);
    for (const action of ['acknowledge', 'resolve']) {
      expect((await call('POST', `/api/alerts/none/${action}`, {})).status).toBe(404);
    }
    expect((await call('POST', '/api/alerts/none/test')).status).toBe(404);
  });

  it('changes by the given fields only', async () => {
    const { id } = await create({ ...MINIMAL, for: '5m' });
    const { status, body } = await call('PUT', `/api/alerts/${id}`, { threshold: 80, version: 1 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...MINIMAL, threshold: 80, for: '5m', inferred: true, version: 2 });
    expect((await call('PUT', `/api/alerts/${id}`, { threshold: 70, version: 1 })).status).toBe(409);
    expect((await call('PUT', `/api/alerts/${id}`, { service: 'other' })).body.query).toContain('service="other"');
    expect((await call('PUT', `/api/alerts/${id}`, { name: 'Too busy', description: '' })).body.query).toContain('cpu');
    expect((await call('PUT', `/api/alerts/${id}`, { query: 'up', operator: '<' })).body).toMatchObject({
      query: 'up',
      inferred: false,
      operator: '<',
    });
    expect((await call('PUT', `/api/alerts/${id}`, { recovery_threshold: 85, for: null })).status).toBe(422);
    expect((await call('PUT', `/api/alerts/${id}`, { threshold: null })).status).toBe(422);
  });

  it('is acknowledged, resolved and deleted; the history tells', async () => {
    bench.figures.set('load', 9, { host: 'a' });
    const { id } = await create({ name: 'Load', metric: 'load', threshold: 5 });
    const acknowledged = await call('POST', `/api/alerts/${id}/acknowledge`, { by: 'anna', until: 'now+1h' });
    expect(acknowledged.body.instances[0]).toMatchObject({ acknowledged: true, acknowledged_by: 'anna' });
    expect((await call('POST', `/api/alerts/${id}/resolve`, { by: 'anna', note: 'fixed' })).body).toMatchObject({
      state: 'inactive',
      instances: [],
    });
    expect((await call('POST', `/api/alerts/${id}/resolve`, {})).status).toBe(409);
    expect((await call('DELETE', `/api/alerts/${id}`)).status).toBe(204);
    expect((await call('GET', `/api/alerts/${id}`)).status).toBe(404);
    const [episode] = ((await call('GET', '/api/alerts/history')).body as EpisodeList).items as [Episode];
    expect(episode).toMatchObject({
      alert_id: id,
      alert_name: 'Load',
      severity: 'warning',
      service: null,
      labels: { host: 'a' },
      state: 'resolved',
      duration_seconds: 0,
      peak_value: 9,
      last_value: 9,
      acknowledged_by: 'anna',
      resolved_by: 'anna',
      resolve_reason: 'resolved_by_hand',
      incident_id: expect.any(String),
    });
    expect(episode.notifications).toMatchObject([{ channel: 'in_app' }, { channel: 'in_app', recipient: 'ops' }]);
    expect(episode.timeline.map(({ kind, by }) => [kind, by])).toContainEqual(['resolved', 'anna']);
  });

  it('sends a test', async () => {
    const { id } = await create(MINIMAL);
    const { status, body } = await call('POST', `/api/alerts/${id}/test`);
    expect([status, body.deliveries]).toMatchObject([202, [{ channel: 'in_app', recipient: 'ops' }]]);
    expect(await bench.inbox()).toEqual(['[test] High CPU Usage']);
    expect(body.detail).toBeUndefined();
  });

  it('says why a test reaches nobody', async () => {
    const { store, clock, figures } = bench;
    const settings = { alertUsers: [], alertEmailTo: [], webhookAllowList: [] };
    const notifications = new Notifications({ store, clock, logger, settings });
    const engine = createPromqlEngine({ source: figures, clock });
    const alerting = new Alerting({ store, engine, notifications, clock, logger, publicUrl: 'http://localhost:8013' });
    const lonely = await serve(alerting);
    try {
      const { id } = (await lonely.inject({ method: 'POST', url: '/api/alerts', payload: MINIMAL })).json();
      const answer = await lonely.inject({ method: 'POST', url: `/api/alerts/${id}/test` });
      const detail = 'nobody is to be told: set ALERT_USERS or ALERT_EMAIL_TO, or notify of the alert';
      expect([answer.statusCode, answer.json()]).toEqual([202, { id: expect.any(String), deliveries: [], detail }]);
    } finally {
      await lonely.close();
      await alerting.stop();
    }
  });
});

describe('GET /api/alerts/history', () => {
  it('filters and goes by pages, newest first', async () => {
    for (const [index, host] of ['a', 'b', 'c'].entries()) {
      bench.figures.set('load', 9, { service: host });
      if (index === 0) await create({ name: 'Load', metric: 'load', threshold: 5, severity: 'error', interval: '10s' });
      await bench.pass(60);
    }
    bench.figures.set('load', 1, { service: 'a' });
    await bench.pass(10);
    const list = async (query: string) => (await call('GET', `/api/alerts/history?${query}`)).body as EpisodeList;
    const services = async (query: string) => (await list(query)).items.map(({ service }) => service);
    expect(await services('')).toEqual(['c', 'b', 'a']);
    expect(await services('state=resolved')).toEqual(['a']);
    expect(await services('service=b&severity=error')).toEqual(['b']);
    await bench.pass(1);
    const [ended] = (await list('state=resolved')).items;
    const after = (ms: number) => new Date(Date.parse(ended!.ended_at!) + ms).toISOString();
    expect(await services(`start=${after(-1)}&end=now`)).toEqual(['c', 'b', 'a']);
    expect(await services(`start=${after(1)}&end=now`)).toEqual(['c', 'b']);
    expect(await services('alert_id=none')).toEqual([]);
    const first = await list('limit=2');
    expect(
      (await services(`limit=2&cursor=${first.next_cursor}`)).concat(first.items.map(({ service }) => service)),
    ).toEqual(['a', 'c', 'b']);
    expect((await call('GET', '/api/alerts/history?cursor=odd')).status).toBe(422);
    expect((await call('GET', '/api/alerts/history?start=now&end=now-1h')).status).toBe(422);
  });
});
