import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { controlBackends, type TestDatabase } from '../../../../tests/support/control-stores.ts';
import { eventually } from '../../../../tests/support/eventually.ts';
import { HttpStandIn } from '../../../../tests/support/http-stand-in.ts';
import { type NotificationApp, startNotificationApp } from '../../../../tests/support/notification-app.ts';
import { ScriptedMailServer } from '../../../../tests/support/scripted-mail-server.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import type { NotificationSettings } from '../../notifications/index.ts';
import type { ControlStore } from '../../stores/control/index.ts';

const TABLES = [
  'notification_channels',
  'notification_preferences',
  'delivery_attempts',
  'deliveries',
  'delivery_lanes',
];
const HOUR = 3_600_000;

describe.each(controlBackends())('channels on $name', (backend) => {
  let database: TestDatabase;
  let store: ControlStore;
  let served: NotificationApp;
  let app: FastifyInstance;
  let target: HttpStandIn;
  let clock: VirtualClock;

  beforeAll(async () => {
    database = await backend.create();
    store = await database.open();
  });

  afterAll(() => database.drop());

  async function serve(settings: Partial<NotificationSettings> = {}) {
    served = await startNotificationApp({
      store,
      clock,
      settings: { secretKey: 'a key of the test', webhookAllowList: [`127.0.0.1:${target.port}`], ...settings },
    });
    ({ app } = served);
  }

  async function restart(settings: Partial<NotificationSettings> = {}) {
    await served.stop();
    await serve(settings);
  }

  beforeEach(async () => {
    clock = new VirtualClock();
    target = await HttpStandIn.start();
    for (const table of TABLES) await store.db.deleteFrom(table as 'notification_channels').execute();
    await serve();
  });

  afterEach(async () => {
    await served.stop();
    await target.stop();
  });

  async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) {
    const answer = await app.inject({
      method,
      url: `/api/notifications${path}`,
      headers: body ? { 'content-type': 'application/json' } : {},
      ...(body && { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  }

  const hook = (id: string, path = '/secret-path') => ({
    id,
    name: `The ${id}`,
    kind: 'webhook',
    settings: { url: `${target.url}${path}` },
  });

  it('takes secrets in, keeps them sealed, and never gives them out', async () => {
    const created = await call('POST', '/channels', hook('ops'));
    expect(created).toMatchObject({
      status: 201,
      body: {
        ...{ id: 'ops', kind: 'webhook', origin: 'api', enabled: true, settings: {}, secrets: ['url'] },
        ...{ address: 'channel:ops', target: `127.0.0.1:${target.port}`, problem: null, drift: null },
        breaker: { state: 'closed', failures: 0 },
      },
    });
    const listed = await call('GET', '/channels');
    expect(JSON.stringify([created, listed])).not.toContain('secret-path');
    expect(JSON.stringify(await store.db.selectFrom('notification_channels').selectAll().execute())).not.toContain(
      'secret-path',
    );
    await restart();
    expect((await call('POST', '/channels/ops/test', {})).body).toMatchObject({
      outcome: 'sent',
      recipient: 'The ops',
    });
    expect(target.requests.map(({ path }) => path)).toEqual(['/secret-path']);
    expect(JSON.parse(target.requests[0]!.body)).toMatchObject({ type: 'test', data: { subject: '[test] The ops' } });
    await restart({ secretKey: 'quite another key' });
    const { body } = await call('GET', '/channels/ops');
    expect(body.problem).toMatch(/another SECRET_KEY; give them again/);
    await call('PUT', '/channels/ops', { settings: hook('ops').settings });
    expect((await call('POST', '/channels/ops/test', {})).body).toMatchObject({ outcome: 'sent' });
  });

  it('tells every mistake, and does not carry a secret to another server', async () => {
    const wrong = await call('POST', '/channels', { id: 'x', kind: 'slack', settings: { webhook: 'a' } });
    expect(wrong.status).toBe(422);
    expect(wrong.body.errors).toEqual([
      {
        path: 'settings.webhook',
        message: 'a channel of the kind slack has no such setting; it has webhook_url, bot_token, channel, api_url',
      },
    ]);
    for (const [kind, settings, path] of [
      ['slack', {}, 'settings.webhook_url'],
      ['slack', { bot_token: 'xoxb-1' }, 'settings.channel'],
      ['email', { url: 'smtp://h', from: 'a@b.org', to: 'nobody' }, 'settings.to'],
      ['email', { url: 'http://h', from: 'a@b.org' }, 'settings.url'],
      ['webhook', { url: 'ftp://h' }, 'settings.url'],
      ['webhook', { url: 'https://h.org', secret: 'x' }, 'settings.secret'],
      ['telegram', { bot_token: 't', chat_id: 'not a chat' }, 'settings.chat_id'],
      ['ntfy', { url: 'https://ntfy.sh' }, 'settings.url'],
    ] as const) {
      const { status, body } = await call('POST', '/channels', { id: 'x', kind, settings });
      expect([status, body.errors?.[0]?.path]).toEqual([422, path]);
    }
    expect((await call('POST', '/channels', { ...hook('slack'), id: 'slack' })).status).toBe(422);
    const ntfy = { url: `${target.url}/alerts`, token: 'tk_hidden' };
    await call('POST', '/channels', { id: 'push', kind: 'ntfy', settings: ntfy });
    expect((await call('POST', '/channels', { id: 'push', kind: 'ntfy', settings: ntfy })).status).toBe(409);
    const moved = await call('PUT', '/channels/push', { settings: { url: 'https://thief.example/alerts' } });
    expect(moved.body.errors).toEqual([
      { path: 'settings.token', message: 'give it again: it would go to another server' },
    ]);
    const kept = await call('PUT', '/channels/push', { settings: { url: ntfy.url }, enabled: false });
    expect(kept.body).toMatchObject({ secrets: ['token'], enabled: false, problem: expect.stringMatching(/off/) });
    const cleared = await call('PUT', '/channels/push', { settings: { url: ntfy.url, token: null } });
    expect(cleared.body).toMatchObject({ secrets: [], enabled: true });
  });

  it('is a target of notify and of preferences, told apart from others of its kind', async () => {
    const mail = await ScriptedMailServer.start();
    await call('POST', '/channels', hook('a', '/a'));
    await call('POST', '/channels', hook('b', '/b'));
    const settings = { url: mail.url, from: 'ops@example.org', to: 'one@example.org, two@example.org' };
    await call('POST', '/channels', { id: 'mails', kind: 'email', settings });
    await call('POST', '/notify', { to: 'channel:b', message: 'to b' });
    await call('POST', '/preferences', { user_id: 'ann', channel: 'webhook', address: 'channel:a' });
    await call('POST', '/preferences', { user_id: 'ann', channel: 'email', address: 'channel:mails/ann@example.org' });
    await call('POST', '/notify', { user_id: 'ann', message: 'to ann' });
    await call('POST', '/notify', { to: 'channel:mails', message: 'to both' });
    await eventually(() => {
      expect(target.requests.map(({ path }) => path).sort()).toEqual(['/a', '/b']);
      expect(mail.mails.map(({ recipients }) => recipients.join()).sort()).toEqual([
        'ann@example.org',
        'one@example.org,two@example.org',
      ]);
    });
    const unknown = await call('POST', '/notify', { to: 'channel:nowhere', channel: 'webhook', message: 'x' });
    expect(unknown.body.errors[0].message).toMatch(/there is no channel "nowhere"/);
    await call('DELETE', '/channels/a');
    const { body } = await call('POST', '/notify', { user_id: 'ann', channel: 'webhook', message: 'gone' });
    expect(body.deliveries).toContainEqual(
      expect.objectContaining({ channel: 'webhook', status: 'suppressed', reason: 'channel_not_configured' }),
    );
    await mail.stop();
  });

  it('shows those of the settings and of the file, which the API cannot change', async () => {
    const file = { id: 'ops', name: 'From the file', kind: 'webhook', enabled: true } as const;
    await call('POST', '/channels', hook('ops'));
    await restart({
      slackWebhookUrl: `${target.url}/default`,
      channels: [{ ...file, settings: { url: 'https://example.org/hook' } }],
    });
    const { body } = await call('GET', '/channels');
    expect(body.items).toMatchObject([
      { id: 'slack', origin: 'settings', address: '', kind: 'slack' },
      { id: 'ops', origin: 'file', name: 'From the file', drift: 'different', target: 'example.org' },
    ]);
    expect(await call('PUT', '/channels/ops', { settings: {} })).toMatchObject({ status: 409 });
    expect(await call('DELETE', '/channels/slack')).toMatchObject({ status: 409 });
    served.notifications.channels.provision([]);
    expect((await call('GET', '/channels/ops')).body).toMatchObject({ origin: 'api', name: 'The ops', drift: null });
  });

  it('shows an endpoint that rests, and replays what was given up', async () => {
    await call('POST', '/channels', hook('ops'));
    target.behave = () => ({ status: 503 });
    const { body: test } = await call('POST', '/channels/ops/test', {});
    expect(test).toMatchObject({ outcome: 'retry', reason: 'server_error', detail: 'answered 503' });
    for (const name of ['one', 'two']) {
      await call('POST', '/notify', { to: 'channel:ops', channel: 'webhook', subject: name, message: name });
    }
    await eventually(async () => {
      await clock.advance(2000);
      expect((await call('GET', '/channels/ops')).body.breaker).toMatchObject({
        state: expect.stringMatching(/open/),
        last_failure: 'answered 503',
      });
    });
    // A pause of days, which nobody has to wait for.
    clock = new VirtualClock(clock.now() + 80 * HOUR);
    await restart();
    await eventually(async () => {
      await clock.advance(2000);
      expect((await call('GET', '/dead?channel=webhook')).body.total).toBe(2);
    });
    const dead = (await call('GET', '/dead?limit=1')).body;
    expect(dead).toMatchObject({
      total: 2,
      items: [{ channel: 'webhook', recipient: 'The ops' }],
    });
    const next = await call('GET', `/dead?limit=1&cursor=${dead.next_cursor}`);
    expect(next.body.items).toHaveLength(1);
    expect((await call('POST', '/dead/replay', {})).status).toBe(422);
    const before = target.requests.length;
    target.behave = () => ({ status: 200 });
    const replay = await call('POST', '/dead/replay', { channel: 'webhook' });
    expect(replay).toMatchObject({ status: 202, body: { replayed: 2, remaining: 0 } });
    await eventually(async () => {
      await clock.advance(1000);
      expect(target.requests.slice(before).map(({ body }) => JSON.parse(body).data.subject)).toEqual(['one', 'two']);
    });
    expect(JSON.parse(target.requests.at(-1)!.body).data.message).toMatch(/Delayed by \d+d.*said at 2026-01-05T12:00/s);
    expect((await call('GET', '/channels/ops')).body.breaker.state).toBe('closed');
  });
});
