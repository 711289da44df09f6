import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertingBench } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';
import { createHttpServer } from '../../http/index.ts';
import type { Logger } from '../../model/logger.ts';
import { alertmanagerRoutes } from '../compat/alertmanager/index.ts';
import { alertRoutingRoutes } from './alert-routing.ts';
import { alertRoutes } from './alerts.ts';
import { maintenanceRoutes } from './maintenance.ts';
import { silenceRoutes } from './silences.ts';

const logger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error: (fields) => process.stderr.write(JSON.stringify(fields)),
};
const CONFIG = `
route:
  receiver: ops
  group_by: [alertname]
  routes:
    - matchers: [team="web"]
      receiver: web
      group_wait: 1m
      mute_time_intervals: [always]
inhibit_rules:
  - {source_matchers: [severity="critical"], target_matchers: [severity="info"]}
time_intervals:
  - {name: always, time_intervals: [{months: ['1:12']}]}
receivers:
  - name: ops
    email_configs: [{to: 'ops@example.org', html: x}]
  - name: web
    slack_configs: [{api_url: 'https://hooks.slack.com/services/secret'}]
    pushover_configs: [{user_key: u, token: x}]
`;

let bench: AlertingBench;
let app: FastifyInstance;

beforeEach(async () => {
  bench = await AlertingBench.create(controlBackends().find(({ name }) => name === 'sqlite')!);
  const { alerting, clock } = bench;
  app = await createHttpServer({
    routes: [
      ...alertRoutes({ alerting, clock }),
      ...silenceRoutes({ alerting, clock }),
      ...maintenanceRoutes({ alerting, clock }),
      ...alertRoutingRoutes({ alerting, clock }),
      ...alertmanagerRoutes({ alerting, clock, logger, version: '1' }),
    ],
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
afterEach(async () => {
  await app.close();
  await bench.drop();
});

async function call(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: object | string,
  headers: Record<string, string> = {},
) {
  const response = await app.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
  return { status: response.statusCode, body: response.body ? response.json() : undefined };
}
const inSeconds = (seconds: number) => new Date(bench.clock.now() + seconds * 1000).toISOString();

describe('silences', () => {
  const silence = { matchers: ['alertname="A"'], comment: 'known', duration: '1h' };

  it('are previewed, made, changed, listed and ended', async () => {
    await bench.post([{ alertname: 'A', host: '1' }, { alertname: 'A', host: '2' }, { alertname: 'B' }], 3600);
    const preview = await call('POST', '/api/silences/preview', { matchers: 'alertname="A", host=~".+"' });
    expect(preview.body).toMatchObject({ count: 2, items: [{ alert_name: 'A', labels: { host: '1' } }, {}] });
    const made = await call('POST', '/api/silences', silence);
    expect(made).toMatchObject({
      status: 201,
      body: {
        state: 'active',
        created_by: 'local',
        alert_count: 2,
        matcher_text: 'alertname="A"',
        ends_at: inSeconds(3600),
      },
    });
    const path = `/api/silences/${made.body.id}`;
    const { body: alerts } = await call('GET', '/api/alerts?search=A');
    const silenced = alerts.items.find(({ name }: { name: string }) => name === 'A');
    expect(silenced.instances[0].suppressed_by).toEqual([`silence:${made.body.id}`]);
    expect((await call('PUT', path, { duration: '2h' })).body).toMatchObject({
      id: made.body.id,
      ends_at: inSeconds(7200),
    });
    expect((await call('GET', '/api/silences')).body.items).toHaveLength(1);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('DELETE', path)).status).toBe(409);
    expect((await call('GET', '/api/silences')).body.items).toEqual([]);
    expect((await call('GET', '/api/silences?state=expired')).body.items).toMatchObject([{ state: 'expired' }]);
    expect((await call('GET', '/api/silences/none')).status).toBe(404);
  });

  it.each([
    [{ ...silence, matchers: ['alertname'] }, 'matchers[0]'],
    [{ ...silence, matchers: ['a=~"("'] }, 'matchers[0]'],
    [{ ...silence, matchers: ['a=~".*"'] }, 'matchers'],
    [{ ...silence, duration: undefined }, 'ends_at'],
    [{ ...silence, ends_at: 'now+1h' }, 'ends_at'],
    [{ ...silence, duration: undefined, ends_at: 'now-1h', starts_at: 'now-2h' }, 'ends_at'],
    [{ ...silence, comment: '' }, 'comment'],
    [{ ...silence, until: 'x' }, 'until'],
  ])('refuses %j', async (body, path) => {
    const { status, body: problem } = await call('POST', '/api/silences', body);
    expect([status, problem.errors.map((error: { path: string }) => error.path)]).toEqual([422, [path]]);
  });
});

describe('maintenance windows', () => {
  const window = {
    name: 'backup',
    matchers: ['job="db"'],
    start: '2026-03-28T02:30',
    duration: '1h',
    rrule: 'FREQ=DAILY',
    time_zone: 'Europe/Paris',
  };

  it('show their next occurrences by the clocks of their zone', async () => {
    const made = await call('POST', '/api/maintenance-windows', window);
    expect(made).toMatchObject({ status: 201, body: { active: false, duration: '1h', created_by: 'local' } });
    const begins = made.body.next_occurrences.map(({ starts_at }: { starts_at: string }) => starts_at.slice(5, 16));
    expect(begins).toEqual(['03-28T01:30', '03-29T01:30', '03-30T00:30', '03-31T00:30', '04-01T00:30']);
    const { name: _name, matchers: _matchers, ...times } = window;
    const preview = await call('POST', '/api/maintenance-windows/preview', times);
    expect(preview.body).toEqual({ next_occurrences: made.body.next_occurrences });
    const never = await call('POST', '/api/maintenance-windows/preview', { ...times, rrule: 'FREQ=NEVER' });
    expect(never).toMatchObject({ status: 422, body: { errors: [{ path: 'rrule' }] } });
    const path = `/api/maintenance-windows/${made.body.id}`;
    expect((await call('PUT', path, { rrule: null, enabled: false })).body).toMatchObject({
      rrule: null,
      enabled: false,
    });
    expect((await call('GET', '/api/maintenance-windows')).body.items).toHaveLength(1);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
  });

  it('name everything that is wrong', async () => {
    const wrong = { ...window, start: 'tomorrow', time_zone: 'Mars', rrule: 'FREQ=NEVER', duration: '90d' };
    const { status, body } = await call('POST', '/api/maintenance-windows', wrong);
    const paths = body.errors.map((error: { path: string }) => error.path);
    expect([status, paths.sort()]).toEqual([422, ['duration', 'rrule', 'start', 'time_zone']]);
  });
});

describe('routes', () => {
  const yaml = { 'content-type': 'application/yaml' };

  it('are imported, shown without secrets, tested, and given back', async () => {
    expect((await call('GET', '/api/alerts/routes')).body).toMatchObject({ origin: 'built_in' });
    const dry = await call('POST', '/api/alerts/routes?dry_run=true', CONFIG, yaml);
    expect(dry).toMatchObject({ status: 200, body: { warnings: [{ path: 'receivers[0].email_configs[0]' }, {}] } });
    expect((await call('GET', '/api/alerts/routes')).body.origin).toBe('built_in');
    const { body } = await call('POST', '/api/alerts/routes', CONFIG, yaml);
    expect(body).toMatchObject({ origin: 'api', inhibit_rules: 1, time_intervals: ['always'] });
    expect(JSON.stringify(body)).not.toContain('secret');
    await bench.post([{ alertname: 'Down', severity: 'critical' }], 3600);
    const test = await call('POST', '/api/alerts/routes/test', {
      labels: { alertname: 'A', team: 'web', severity: 'info' },
    });
    expect(test.body).toEqual({
      routes: [
        {
          path: ['{}', '{team="web"}'],
          route_key: '{}/{team="web"}',
          receiver: 'web',
          recipients: [{ channel: 'slack', recipient: 'hooks.slack.com' }],
          group_by: ['alertname'],
          group_labels: { alertname: 'A' },
          group_wait_seconds: 60,
          group_interval_seconds: 300,
          repeat_interval_seconds: 14_400,
          muted_by: 'always',
        },
      ],
      suppressed_by: [{ kind: 'inhibition', id: expect.any(String), detail: 'inhibited while Down fires' }],
    });
    expect((await call('GET', '/api/alerts/groups')).body.items).toMatchObject([
      { receiver: 'ops', labels: { alertname: 'Down' }, alerts: [{ state: 'firing' }] },
    ]);
    expect((await call('DELETE', '/api/alerts/routes')).status).toBe(204);
    expect((await call('GET', '/api/alerts/routes')).body.origin).toBe('built_in');
    // Who was told by the routes before will be told of the end; the alert goes another way from now on.
    await bench.pass(60, 10);
    const { items } = (await call('GET', '/api/alerts/groups')).body;
    expect(items.map(({ receiver, is_former }: Record<string, unknown>) => [receiver, is_former]).sort()).toEqual([
      ['default', false],
      ['ops', true],
    ]);
    const grouped = (await call('GET', '/api/v2/alerts/groups')).body;
    expect(grouped.map(({ receiver }: { receiver: unknown }) => receiver)).toEqual([{ name: 'default' }]);
  });

  it('are changed as they are shown, and receivers keep where they send to', async () => {
    const url = '/api/alerts/routes?keep_receivers=true';
    const first = await call('GET', '/api/alerts/routes');
    const kept = await call('POST', url, `${first.body.original}`, yaml);
    expect(kept.body.receivers).toMatchObject([{ name: 'default', default_recipients: true }]);
    const { body } = await call('POST', '/api/alerts/routes', CONFIG, yaml);
    const changed = body.original.replace('group_wait: 1m', 'group_wait: 2m').concat('  - name: new\n');
    const dry = await call('POST', `${url}&dry_run=true`, changed, yaml);
    expect(dry.body.receivers.map(({ integrations }: { integrations: unknown[] }) => integrations.length)).toEqual([
      1, 1, 0,
    ]);
    const saved = await call('POST', url, changed, yaml);
    expect(saved.body.route.routes[0].group_wait).toBe('2m');
    expect(saved.body.receivers.slice(0, 2)).toEqual(body.receivers);
    expect(JSON.stringify(saved.body)).not.toContain('secret');
    expect((await call('POST', url, 'receivers: 1', yaml)).status).toBe(422);
    expect((await call('POST', url, '- a', yaml)).status).toBe(422);
  });

  it('shows no key of PagerDuty, neither in the configuration nor in a test', async () => {
    const key = '0123456789abcdef0123456789abcdef';
    const config = `{route: {receiver: p}, receivers: [{name: p, pagerduty_configs: [{routing_key: ${key}}]}]}`;
    const { body } = await call('POST', '/api/alerts/routes', config, yaml);
    const tested = await call('POST', '/api/alerts/routes/test', { labels: { alertname: 'A' } });
    expect(body.receivers[0].integrations[0].recipient).toBe('PagerDuty (…cdef)');
    expect(tested.body.routes[0].recipients).toEqual([{ channel: 'pagerduty', recipient: 'PagerDuty (…cdef)' }]);
    expect(JSON.stringify([body, tested.body, (await call('GET', '/api/alerts/routes')).body])).not.toContain(key);
  });

  it('are refused with every reason', async () => {
    const { status, body } = await call(
      'POST',
      '/api/alerts/routes',
      'route: {receiver: x, matchers: [a="b"], groupby: [a]}',
      yaml,
    );
    expect(status).toBe(422);
    expect(body.errors.map((error: { path: string }) => error.path)).toEqual([
      'route.matchers',
      'route.receiver',
      'route.groupby',
    ]);
    expect((await call('POST', '/api/alerts/routes', 'a: [', yaml)).status).toBe(400);
  });
});

describe("Alertmanager's API", () => {
  const alert = (labels: object, fields = {}) => ({ labels, ...fields });

  it('takes alerts, lists them with their state, and groups', async () => {
    await call('POST', '/api/alerts/routes', CONFIG, { 'content-type': 'application/yaml' });
    const posted = await call('POST', '/api/v2/alerts', [
      alert(
        { alertname: 'A', team: 'web' },
        { annotations: { summary: 's' }, generatorURL: 'http://p/g', startsAt: inSeconds(-60) },
      ),
      alert({ alertname: 'B', severity: 'info' }, { endsAt: '0001-01-01T00:00:00Z' }),
      alert({ alertname: 'C', severity: 'critical' }, { endsAt: inSeconds(600) }),
    ]);
    expect(posted).toEqual({ status: 200, body: undefined });
    const { body } = await call('GET', '/api/v2/alerts');
    const [a, b, c] = ['A', 'B', 'C'].map((name) =>
      body.find((one: { labels: { alertname: string } }) => one.labels.alertname === name),
    );
    expect(a).toMatchObject({
      startsAt: inSeconds(-60),
      endsAt: inSeconds(300),
      generatorURL: 'http://p/g',
      receivers: [{ name: 'web' }],
      status: { state: 'suppressed', mutedBy: ['always'], silencedBy: [], inhibitedBy: [] },
    });
    expect(a.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(b.status).toMatchObject({ state: 'suppressed', inhibitedBy: [c.fingerprint] });
    expect(c.status.state).toBe('active');
    const names = async (query: string) =>
      (await call('GET', `/api/v2/alerts?${query}`)).body
        .map((one: { labels: { alertname: string } }) => one.labels.alertname)
        .sort();
    expect(await names('inhibited=false')).toEqual(['A', 'C']);
    expect(await names('active=false')).toEqual(['A', 'B']);
    expect(await names('receiver=we.*')).toEqual(['A']);
    expect(await names(`filter=${encodeURIComponent('alertname=~"A|B"')}&filter=team=web`)).toEqual(['A']);
    const { body: groups } = await call('GET', '/api/v2/alerts/groups');
    expect(groups.map((group: { labels: object; receiver: object }) => [group.labels, group.receiver])).toEqual([
      [{ alertname: 'A' }, { name: 'web' }],
      [{ alertname: 'B' }, { name: 'ops' }],
      [{ alertname: 'C' }, { name: 'ops' }],
    ]);
    await call('POST', '/api/v2/alerts', [alert({ alertname: 'A', team: 'web' }, { endsAt: inSeconds(0) })]);
    expect(await names('')).toEqual(['B', 'C']);
  });

  it('stores the good ones of a batch and says what is wrong', async () => {
    const posted = await call('POST', '/api/v2/alerts', [
      alert({ alertname: 'A' }),
      alert({ '': 'x' }),
      alert({ a: '' }),
    ]);
    expect(posted).toEqual({
      status: 400,
      body: 'invalid label set: invalid name ""; at least one label pair required',
    });
    expect((await call('GET', '/api/v2/alerts')).body).toHaveLength(1);
    for (const wrong of ['{', '{}', '[{"labels": {"a": 1}}]', '[{"labels": {"a": "b"}, "startsAt": "now"}]']) {
      const { status, body } = await call('POST', '/api/v2/alerts', wrong, { 'content-type': 'application/json' });
      expect([status, body]).toEqual([400, expect.stringContaining('parsing alerts body failed')]);
    }
    expect((await call('GET', '/api/v2/alerts?filter=x')).status).toBe(400);
    expect((await call('GET', '/api/v2/alerts?active=maybe')).status).toBe(422);
  });

  it('takes YAML, as Grafana passes it on', async () => {
    const yaml = '- labels: {alertname: A}\n  annotations: {summary: s}\n';
    expect((await call('POST', '/api/v2/alerts', yaml, { 'content-type': 'application/yaml' })).status).toBe(200);
    expect((await call('GET', '/api/v2/alerts')).body).toHaveLength(1);
  });

  it('makes, changes, lists and ends silences', async () => {
    const form = {
      matchers: [{ name: 'alertname', value: 'A|B', isRegex: true }],
      startsAt: inSeconds(0),
      endsAt: inSeconds(600),
      createdBy: 'ann',
      comment: 'c',
    };
    const { status, body } = await call('POST', '/api/v2/silences', form);
    expect([status, Object.keys(body)]).toEqual([200, ['silenceID']]);
    const id = body.silenceID;
    expect((await call('GET', `/api/v2/silence/${id}`)).body).toMatchObject({
      id,
      status: { state: 'active' },
      matchers: [{ name: 'alertname', value: 'A|B', isRegex: true, isEqual: true }],
    });
    expect((await call('POST', '/api/v2/silences', { ...form, id, endsAt: inSeconds(900) })).body).toEqual({
      silenceID: id,
    });
    const other = [{ name: 'alertname', value: 'C', isRegex: false }];
    const replaced = (await call('POST', '/api/v2/silences', { ...form, id, matchers: other })).body.silenceID;
    expect(replaced).not.toBe(id);
    const states = async (query = '') =>
      (await call('GET', `/api/v2/silences${query}`)).body.map((one: { id: string; status: { state: string } }) => [
        one.id,
        one.status.state,
      ]);
    expect(await states()).toEqual([
      [replaced, 'active'],
      [id, 'expired'],
    ]);
    expect(await states('?expired=false')).toEqual([[replaced, 'active']]);
    expect(await states(`?filter=${encodeURIComponent('alertname="A|B"')}`)).toEqual([[id, 'expired']]);
    expect((await call('DELETE', `/api/v2/silence/${replaced}`)).status).toBe(200);
    expect((await call('DELETE', `/api/v2/silence/${replaced}`)).status).toBe(500);
    expect((await call('DELETE', '/api/v2/silence/none')).status).toBe(404);
    expect((await call('POST', '/api/v2/silences', { ...form, id: 'none' })).status).toBe(404);
    const past = await call('POST', '/api/v2/silences', { ...form, startsAt: inSeconds(-60), endsAt: inSeconds(-1) });
    expect(past).toEqual({ status: 400, body: "Failed to create silence: end time can't be in the past" });
    expect((await call('POST', '/api/v2/silences', { ...form, matchers: [] })).status).toBe(400);
  });

  it('says what it is', async () => {
    expect((await call('GET', '/api/v2/status')).body).toMatchObject({
      cluster: { status: 'disabled' },
      config: { original: expect.stringContaining('receiver: default') },
    });
    expect((await call('GET', '/api/v2/receivers')).body).toEqual([{ name: 'default' }]);
  });
});
