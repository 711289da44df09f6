import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertingBench } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';
import { OnCallBook } from '../../alerting/index.ts';
import { createHttpServer } from '../../http/index.ts';
import { alertRoutes } from './alerts.ts';
import { escalationRoutes } from './escalation.ts';
import { heartbeatRoutes } from './heartbeats.ts';
import { onCallRoutes } from './on-call.ts';

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const SCHEDULES = '/api/on-call/schedules';
const POLICIES = '/api/escalation-policies';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const WEB = {
  name: 'web',
  time_zone: 'Europe/Paris',
  layers: [{ name: 'first', rotation: 'weekly', start: '2026-01-05T09:00', participants: ['anna', 'ben'] }],
};

describe.each(controlBackends())('on-call schedules on $name', (backend) => {
  let bench: AlertingBench;
  let app: FastifyInstance;

  beforeEach(async () => {
    bench = await AlertingBench.create(backend);
    const { alerting, clock } = bench;
    app = await createHttpServer({
      routes: [
        ...onCallRoutes({ alerting, clock }),
        ...escalationRoutes({ alerting, clock }),
        ...alertRoutes({ alerting, clock }),
        ...heartbeatRoutes({ alerting }),
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
    return { status: response.statusCode, body: response.body === '' ? undefined : response.json() };
  }

  it('makes, changes and removes schedules, and says who is on call', async () => {
    const { status, body: made } = await call('POST', SCHEDULES, WEB);
    expect(status).toBe(201);
    expect(made.layers[0]).toMatchObject({ every: 1, hours: [] });
    const url = `${SCHEDULES}/${made.id}`;
    expect((await call('GET', `${url}/on-call?at=2026-03-30T06:59:59Z`)).body.on_call.user_id).toBe('ben');
    expect((await call('GET', `${url}/on-call?at=2026-03-30T07:00:00Z`)).body.on_call.user_id).toBe('anna');
    expect((await call('GET', `${url}/on-call?at=2026-01-01T00:00:00Z`)).body.on_call).toBeNull();
    const window = 'start=2026-03-29T00:00:00Z&end=2026-04-01T00:00:00Z';
    expect((await call('GET', `${url}/shifts?${window}`)).body.items).toEqual([
      { user_id: 'ben', starts_at: '2026-03-29T00:00:00.000Z', ends_at: '2026-03-30T07:00:00.000Z', layer: 'first' },
      { user_id: 'anna', starts_at: '2026-03-30T07:00:00.000Z', ends_at: '2026-04-01T00:00:00.000Z', layer: 'first' },
    ]);
    expect((await call('PUT', url, { name: 'shop' })).body).toMatchObject({ name: 'shop', time_zone: 'Europe/Paris' });
    expect((await call('GET', SCHEDULES)).body.items).toHaveLength(1);
    expect((await call('DELETE', url)).status).toBe(204);
    expect((await call('GET', url)).status).toBe(404);
  });

  it('lets somebody stand in, also after a restart', async () => {
    const { body: made } = await call('POST', SCHEDULES, WEB);
    const url = `${SCHEDULES}/${made.id}`;
    const times = { starts_at: 'now', ends_at: 'now+1h' };
    const { status, body } = await call('POST', `${url}/overrides`, { user_id: 'cem', ...times });
    expect(status).toBe(201);
    const now = async () => (await call('GET', '/api/on-call')).body.items[0].on_call?.user_id;
    expect(await now()).toBe('cem');
    const again = new OnCallBook(bench.store);
    await again.load();
    expect(again.get(made.id)).toEqual(bench.alerting.onCall.get(made.id));
    expect((await call('DELETE', `${url}/overrides/${body.id}`)).status).toBe(204);
    expect(await now()).not.toBe('cem');
  });

  it('names what is wrong', async () => {
    const layers = [{ name: '', rotation: 'yearly', start: '2026-02-30T09:00', participants: [] }];
    const bad = await call('POST', SCHEDULES, { name: 'x', layers });
    expect(bad.status).toBe(422);
    expect(bad.body.errors.map(({ path }: { path: string }) => path)).toEqual(
      expect.arrayContaining(['layers[0].name', 'layers[0].rotation', 'layers[0].start', 'layers[0].participants']),
    );
    const zone = await call('POST', SCHEDULES, { ...WEB, time_zone: 'Europe/Pariss' });
    expect(zone.body.errors).toEqual([expect.objectContaining({ path: 'time_zone' })]);
    const { body: made } = await call('POST', SCHEDULES, WEB);
    expect((await call('POST', SCHEDULES, WEB)).status).toBe(409);
    const url = `${SCHEDULES}/${made.id}`;
    const over = { user_id: 'cem', starts_at: '2020-01-01T00:00:00Z', ends_at: '2020-01-02T00:00:00Z' };
    expect((await call('POST', `${url}/overrides`, over)).body.errors[0].path).toBe('ends_at');
    expect((await call('GET', `${url}/shifts?start=now&end=now%2B101d`)).status).toBe(422);
  });

  it('makes escalation policies, says what they lack, and shows no secrets', async () => {
    const { body: schedule } = await call('POST', SCHEDULES, { ...WEB, layers: [] });
    const targets = [{ user: 'anna' }, { schedule: 'web' }, { webhook: 'https://hooks.example.org/secret?key=1' }];
    const { status, body: made } = await call('POST', POLICIES, { name: 'web', steps: [{ targets }] });
    expect(status).toBe(201);
    expect(made).toMatchObject({ repeat: 0, ack_timeout: '4h', origin: 'api' });
    expect(made.steps[0]).toMatchObject({ delay: '5m', urgency: null, conditions: { time_zone: 'UTC', hours: [] } });
    expect(made.steps[0].targets[2]).toEqual({ channel: 'webhook', address: 'https://hooks.example.org/…' });
    expect(made.lint).toEqual([
      {
        path: 'steps[0].targets[0]',
        level: 'warning',
        user: 'anna',
        message: expect.stringContaining('only the inbox'),
      },
      { path: 'steps[0].targets[1]', level: 'error', message: expect.stringContaining('nobody is on call by web') },
      { path: 'fallback', level: 'warning', message: expect.any(String) },
    ]);
    const url = `${POLICIES}/${made.id}`;
    await call('PUT', url, { steps: made.steps, repeat: 2, fallback: [{ receiver: 'default' }] });
    const kept = bench.alerting.escalationPolicies.get(made.id);
    expect(kept.repeat).toBe(2);
    expect(kept.steps[0]!.targets[2]).toEqual({ channel: 'webhook', address: targets[2]!.webhook });
    await call('PUT', `${SCHEDULES}/${schedule.id}`, { layers: WEB.layers });
    const lint = await call('GET', `${url}/lint`);
    expect(lint.body.items.map(({ level }: { level: string }) => level)).not.toContain('error');

    const alert = { name: 'Slow', notify: { escalation_policy_id: made.id } };
    const { body: slow } = await call('POST', '/api/alerts', alert);
    expect(slow.notify.escalation_policy_id).toBe(made.id);
    await bench.pass(2);
    const { body: open } = await call('GET', '/api/escalations');
    expect(open.items).toMatchObject([{ policy_name: 'web', state: 'waiting', last_step: 1, round: 1 }]);
    expect((await call('DELETE', url)).status).toBe(409);
    await call('DELETE', `/api/alerts/${slow.id}`);
    expect((await call('DELETE', url)).status).toBe(204);
    const gone = await call('POST', '/api/alerts', alert);
    expect(gone.body.errors[0].path).toBe('notify.escalation_policy_id');
  });

  it('names what is wrong with a policy', async () => {
    const targets = [{ user: 'a', schedule: 'b' }, { address: 'x', user: 'a' }, { channel: 'in_app' }];
    const bad = await call('POST', POLICIES, {
      name: 'x',
      repeat: 6,
      steps: [{ delay: '1s', targets }, { targets: [] }],
    });
    expect(bad.status).toBe(422);
    expect(bad.body.errors.map(({ path }: { path: string }) => path)).toEqual(
      expect.arrayContaining(['repeat', 'steps[0].targets[0]', 'steps[0].targets[2].channel', 'steps[1].targets']),
    );
    const steps = [{ delay: '1s', targets: [{ user: 'a' }], conditions: { time_zone: 'Mars' } }];
    expect((await call('POST', POLICIES, { name: 'x', steps })).body.errors[0].path).toBe('steps[0].delay');
    const zone = await call('POST', POLICIES, { name: 'x', steps: [{ ...steps[0], delay: '30s' }] });
    expect(zone.body.errors[0].path).toBe('steps[0].conditions.time_zone');
  });

  it('makes heartbeats and hears of them', async () => {
    const bad = await call('POST', '/api/heartbeats', { name: 'backup', interval: '1s', matchers: 'a=~"("' });
    expect(bad.status).toBe(422);
    const { body: made } = await call('POST', '/api/heartbeats', { name: 'backup', interval: '1h' });
    expect(made).toMatchObject({ grace: '1m', severity: 'error', state: 'waiting', matcher_text: '' });
    expect((await call('POST', '/api/heartbeats', { name: 'backup', interval: '1h' })).status).toBe(409);
    expect((await call('POST', `${made.ping_path}/start`)).body).toEqual({ status: 'ok' });
    const form = { method: 'POST', url: made.ping_path, payload: 'a=b', headers: FORM } as const;
    expect((await app.inject(form)).statusCode).toBe(200);
    const url = `/api/heartbeats/${made.id}`;
    expect((await call('GET', url)).body).toMatchObject({ state: 'up', last_duration_seconds: 0 });
    await call('GET', `${made.ping_path}/fail`);
    expect((await call('GET', '/api/heartbeats')).body.items).toMatchObject([{ state: 'down', alert_at: null }]);
    expect((await call('PUT', url, { enabled: false })).body.state).toBe('paused');
    expect((await call('DELETE', url)).status).toBe(204);
    expect((await call('GET', made.ping_path)).status).toBe(404);
  });
});
