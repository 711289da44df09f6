import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertingBench } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';
import { createHttpServer } from '../../http/index.ts';
import type { Logger } from '../../model/logger.ts';
import { insertEvent } from '../../stores/control/index.ts';
import type { IncidentList, IncidentTimeline, IncidentView } from '../contract/incidents.ts';
import { bulkAlertRoutes } from './bulk-alerts.ts';
import { correlationRuleRoutes } from './correlation-rules.ts';
import { incidentActionRoutes } from './incident-actions.ts';
import { incidentRoutes } from './incidents.ts';

let bench: AlertingBench;
let app: FastifyInstance;

const logger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error: (fields) => process.stderr.write(`${JSON.stringify(fields)}\n`),
};

beforeEach(async () => {
  bench = await AlertingBench.create(controlBackends().find(({ name }) => name === 'sqlite')!);
  const given = { alerting: bench.alerting, clock: bench.clock };
  app = await createHttpServer({
    routes: [
      ...correlationRuleRoutes(given),
      ...bulkAlertRoutes(given),
      ...incidentRoutes({ ...given, publicUrl: 'http://localhost:8013' }),
      ...incidentActionRoutes(given),
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

async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) {
  const response = await app.inject({ method, url, ...(payload && { payload }) });
  const isJson = response.headers['content-type']?.includes('json');
  return { status: response.statusCode, headers: response.headers, body: isJson ? response.json() : response.body };
}
const paths = ({ body }: { body: { errors?: { path: string }[] } }) => (body.errors ?? []).map(({ path }) => path);
const list = async (query = '') => (await call('GET', `/api/incidents${query}`)).body as IncidentList;
const DAY = 86_400;

describe('incidents', () => {
  it('are listed by what is asked for, in pages', async () => {
    for (const service of ['a', 'b', 'c']) {
      const severity = service === 'c' ? 'critical' : 'warning';
      await bench.post(
        [
          { alertname: 'Slow', service, severity },
          { alertname: 'Errors', service },
        ],
        DAY,
      );
    }
    const first = await list('?limit=2');
    expect(first.items.map(({ title }) => title)).toEqual(['Slow on c', 'Slow on b']);
    expect(first.items[0]).toMatchObject({ severity: 'critical', services: ['c'], alert_count: 2, firing_count: 2 });
    expect(first.counts).toEqual({ open: 3, acknowledged: 0 });
    const rest = await list(`?limit=2&cursor=${first.next_cursor}`);
    expect(rest).toMatchObject({ items: [{ title: 'Slow on a' }], next_cursor: null });
    expect((await list('?service=b')).items).toHaveLength(1);
    expect((await list('?severity=critical&status=open&search=SLOW')).items).toHaveLength(1);
    expect((await list('?end=now-1h')).items).toEqual([]);
    expect((await list('?assignee=ann')).items).toEqual([]);
    expect((await call('GET', '/api/incidents?state=open')).status).toBe(422);
    expect((await call('GET', '/api/incidents/nothing')).status).toBe(404);
  });

  it('are taken in hand, and say what is wrong with what is asked', async () => {
    await bench.post(
      [
        { alertname: 'Slow', service: 'a' },
        { alertname: 'Slow', service: 'b' },
      ],
      DAY,
    );
    const [b, a] = (await list()).items;
    const at = `/api/incidents/${a!.id}`;
    expect(paths(await call('POST', `${at}/snooze`, {}))).toEqual(['until']);
    expect(paths(await call('POST', `${at}/snooze`, { for: '0s' }))).toEqual(['for']);
    expect(paths(await call('POST', `${at}/acknowledge`, { until: 'now-1m' }))).toEqual(['until']);
    expect(paths(await call('POST', `${at}/comment`, { note: ' ' }))).toEqual(['note']);
    expect(paths(await call('POST', `${at}/merge`, { into: a!.id }))).toEqual(['into']);
    expect(paths(await call('POST', `${at}/split`, { episode_ids: ['x'] }))).toEqual(['episode_ids']);
    const { body } = await call('POST', `${at}/acknowledge`, { by: 'ann', for: '1h' });
    expect(body).toMatchObject({
      status: 'acknowledged',
      acknowledged_by: 'ann',
      acknowledged_until: '2026-01-05T13:00:00.000Z',
    });
    expect((await call('POST', `${at}/assign`, { to: 'bob' })).body).toMatchObject({ assignee: 'bob' });
    const merged = (await call('POST', `${at}/merge`, { into: b!.id })).body as IncidentView;
    expect(merged).toMatchObject({ id: b!.id, services: ['a', 'b'], alert_count: 2, status: 'open' });
    expect(merged.alerts.map(({ reason }) => reason.kind).sort()).toEqual(['merged', 'opened']);
    expect((await call('GET', at)).body).toMatchObject({ merged_into: b!.id, alert_count: 0, suspected_causes: [] });
    expect((await call('POST', `${at}/acknowledge`, {})).status).toBe(409);
    const resolved = await call('POST', `/api/incidents/${b!.id}/resolve`, { by: 'ann' });
    expect(resolved.body).toMatchObject({ status: 'resolved', resolved_by: 'ann', firing_count: 0 });
    expect((await list()).items).toHaveLength(1);
  });

  it('have a timeline with what the platform tells of their services', async () => {
    const now = bench.clock.now();
    const event = {
      attributes: '{}',
      occurred_at: now - 60_000,
      received_at: now - 60_000,
      type: 'deploy.finished',
      passed_over: null,
    };
    const deploy = { ...event, id: '01', source: '/ci/shop', event_id: '1', subject: 'v2', data: '{}' };
    const other = { ...event, id: '02', source: '/ci/other', event_id: '2', subject: null, data: '{}' };
    for (const row of [deploy, other]) await insertEvent(bench.store.db, row);
    await bench.post([{ alertname: 'Slow', service: 'shop' }], DAY);
    const { id } = (await list()).items[0]!;
    const timeline = (await call('GET', `/api/incidents/${id}/timeline`)).body as IncidentTimeline;
    expect(timeline.items.map(({ source, text }) => `${source}: ${text}`)).toEqual([
      'delivery: ops by in-app: [warning] Slow on shop, delivered',
      'alert: Slow on shop fired (opened the incident)',
      'event: deploy.finished from /ci/shop: v2',
    ]);
    const page = (await call('GET', `/api/incidents/${id}/timeline?limit=2`)).body as IncidentTimeline;
    const next = (await call('GET', `/api/incidents/${id}/timeline?limit=2&cursor=${page.next_cursor}`)).body;
    expect(next).toMatchObject({ items: [{ source: 'event' }], next_cursor: null });
    const report = await call('GET', `/api/incidents/${id}/export`);
    expect(report.headers['content-type']).toBe('text/markdown; charset=utf-8');
    expect(report.body).toContain('deploy.finished from /ci/shop: v2');
  });
});

describe('POST /api/alerts/bulk', () => {
  it('does the same to many, each with its result', async () => {
    bench.figures.set('load', 9);
    const busy = await bench.create({ name: 'Busy', metric: 'load', threshold: 5 });
    const calm = await bench.create({ name: 'Calm', metric: 'load', threshold: 50 });
    const answer = await call('POST', '/api/alerts/bulk', { action: 'acknowledge', ids: [busy, calm, 'nothing'] });
    expect(answer.body).toMatchObject({
      done: 1,
      items: [
        { id: busy, result: 'done' },
        { id: calm, result: 'nothing_fires' },
        { id: 'nothing', result: 'failed', detail: 'there is no alert with the id nothing' },
      ],
    });
    expect((await list()).items[0]!.status).toBe('acknowledged');
  });

  it('goes by a filter, and silences what is chosen by its labels', async () => {
    await bench.post(
      [
        { alertname: 'Slow', service: 'a', host: '1' },
        { alertname: 'Slow', service: 'b', host: '2' },
      ],
      DAY,
    );
    const filter = { service: 'a', matchers: 'host=~"1|2"' };
    const snoozed = await call('POST', '/api/alerts/bulk', { action: 'snooze', filter, for: '1h', by: 'ann' });
    expect(snoozed.body.done).toBe(1);
    expect(bench.alerting.suppressedBy(snoozed.body.items[0].id)).toEqual([`snooze:${snoozed.body.items[0].id}`]);
    const [other] = (await list('?service=b')).items;
    const silenced = await call('POST', '/api/alerts/bulk', {
      ...{ action: 'silence', filter: { incident_id: other!.id }, for: '1h', note: 'known' },
    });
    const silence = bench.alerting.silences.get(silenced.body.items[0].silence_id);
    expect(silence).toMatchObject({ comment: 'known' });
    expect(silence.matchers.matches({ alertname: 'Slow', service: 'b', host: '2' })).toBe(true);
    expect((await call('POST', '/api/alerts/bulk', { action: 'resolve', filter: {} })).body.done).toBe(2);
    expect((await list('?status=resolved')).items).toHaveLength(2);
  });

  it.each([
    ['nothing named', { action: 'resolve' }, ['ids']],
    ['two ways of naming', { action: 'resolve', ids: ['a'], episode_ids: ['b'] }, ['ids']],
    ['a snooze without an end', { action: 'snooze', ids: ['a'] }, ['until']],
    ['a silence without an end', { action: 'silence', ids: ['a'] }, ['until']],
    ['another action', { action: 'delete', ids: ['a'] }, ['action']],
  ])('refuses %s', async (_what, body, expected) => {
    const answer = await call('POST', '/api/alerts/bulk', body);
    expect(answer.status).toBe(422);
    expect(paths(answer)).toEqual(expected);
  });
});

describe('correlation rules', () => {
  const at = '/api/alerts/correlation-rules';

  it('are made, changed, listed and removed', async () => {
    const made = await call('POST', at, {
      name: 'by cluster',
      matchers: 'team="web"',
      keys: ['cluster'],
      window: '10m',
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ matcher_text: 'team="web"', window: '10m', enabled: true, configured: false });
    const changed = await call('PUT', made.headers.location as string, { matchers: null, enabled: false });
    expect(changed.body).toMatchObject({ matchers: [], keys: ['cluster'], enabled: false });
    const all = await call('GET', at);
    expect(all.body).toMatchObject({
      items: [{ name: 'by cluster' }],
      defaults: { window: '5m', reopen_window: '5m' },
    });
    expect((await call('DELETE', made.headers.location as string)).status).toBe(204);
    expect((await call('GET', made.headers.location as string)).status).toBe(404);
  });

  it('say what they would have joined', async () => {
    await bench.post(
      [
        { alertname: 'Slow', service: 'a', cluster: 'eu' },
        { alertname: 'Down', service: 'b', cluster: 'eu' },
        { alertname: 'Down', service: 'c', cluster: 'us' },
      ],
      DAY,
    );
    const tried = await call('POST', `${at}/preview`, { keys: ['cluster'], window: '1h' });
    expect(tried.body).toMatchObject({ looked: 3, matched: 3, joined: 2, incident_count: 1, truncated: false });
    expect(tried.body.incidents).toMatchObject([{ keys: { cluster: 'eu' }, alert_count: 2, incidents_now: 2 }]);
    expect(paths(await call('POST', `${at}/preview`, {}))).toEqual(['keys']);
    expect(paths(await call('POST', `${at}/preview`, { keys: ['a'], since: '1y' }))).toEqual(['since']);
  });

  it.each([
    ['without matchers and keys', { name: 'x' }, ['keys']],
    ['a window of nothing', { name: 'x', keys: ['a'], window: '0s' }, ['window']],
    ['a label that is none', { name: 'x', keys: ['a-b'] }, ['keys[0]']],
    ['a wrong matcher', { name: 'x', matchers: 'a=~"("' }, ['matchers[0]']],
  ])('refuses one %s', async (_what, body, expected) => {
    const answer = await call('POST', at, body);
    expect([answer.status, paths(answer)]).toEqual([422, expected]);
  });
});
