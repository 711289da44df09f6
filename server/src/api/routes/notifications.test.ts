import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { controlBackends, type TestDatabase } from '../../../../tests/support/control-stores.ts';
import { eventually } from '../../../../tests/support/eventually.ts';
import { ScriptedMailServer } from '../../../../tests/support/scripted-mail-server.ts';
import { SocketTickets } from '../../access/index.ts';
import { createHttpServer } from '../../http/index.ts';
import { systemClock } from '../../model/clock.ts';
import { type NotificationSettings, Notifications } from '../../notifications/index.ts';
import type { NotificationFrame } from '../contract/notifications.ts';
import { notificationRoutes } from './notifications.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const README_BODY = {
  user_id: 'user123',
  type: 'email',
  channel: 'email',
  subject: 'Model Validation Complete',
  message: 'Your model has been validated successfully.',
  to: 'user123@example.com',
};

describe('notification routes', () => {
  let database: TestDatabase;
  let notifications: Notifications;
  let app: FastifyInstance;
  const sockets: WebSocket[] = [];

  beforeEach(async () => {
    database = await controlBackends()[0]!.create();
    await serve({});
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    await notifications.stop();
    await app.close();
    await database.drop();
  });

  async function serve(settings: Partial<NotificationSettings>) {
    notifications = new Notifications({
      store: await database.open(),
      clock: systemClock,
      logger: silent,
      settings: { webhookAllowList: [], alertUsers: [], alertEmailTo: [], ...settings },
    });
    await notifications.start();
    app = await createHttpServer({
      routes: notificationRoutes({
        notifications,
        tickets: new SocketTickets(systemClock),
        clock: systemClock,
      }),
      guards: {
        authenticator: { open: true, authenticate: async () => undefined },
        allowedOrigins: [],
        allowedHosts: undefined,
      },
      logger: silent,
      trustProxy: false,
      checkAnswers: true,
    });
  }

  async function restart(settings: Partial<NotificationSettings>) {
    await notifications.stop();
    await app.close();
    await serve(settings);
  }

  async function call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: object,
    headers: object = {},
  ) {
    const answer = await app.inject({
      method,
      url,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  }

  const notify = (body: object, query = '', headers = {}) =>
    call('POST', `/api/notifications/notify${query}`, body, headers);

  async function connect(path: string) {
    if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
    sockets.push(socket);
    const frames: NotificationFrame[] = [];
    socket.on('message', (data) => frames.push(JSON.parse(String(data))));
    await once(socket, 'open');
    return { socket, frames };
  }

  describe('POST notify', () => {
    it('takes the example of the README with nothing configured', async () => {
      const { status, body } = await notify(README_BODY);
      expect(status).toBe(202);
      expect(body).toEqual({
        id: expect.any(String),
        status: 'queued',
        deliveries: [
          {
            id: expect.any(String),
            channel: 'email',
            recipient: 'user123@example.com',
            status: 'suppressed',
            reason: 'channel_not_configured',
            detail: 'set SMTP_URL and SMTP_FROM',
          },
          { id: expect.any(String), channel: 'in_app', recipient: 'user123', status: 'delivered' },
        ],
      });
      const list = await call('GET', '/api/notifications?user_id=user123');
      expect(list.body.items).toMatchObject([
        { id: body.id, user_id: 'user123', type: 'email', subject: 'Model Validation Complete', status: 'delivered' },
      ]);
    });

    it('waits for the end of the deliveries where asked to', async () => {
      const mail = await ScriptedMailServer.start();
      await restart({ smtp: { url: mail.url, from: 'a@example.org' } });
      const { body } = await notify(README_BODY, '?wait=true');
      expect(body).toMatchObject({ status: 'delivered', deliveries: [{ status: 'sent' }, { status: 'delivered' }] });
      expect(mail.mails).toMatchObject([{ recipients: ['user123@example.com'], subject: 'Model Validation Complete' }]);
      await mail.stop();
    });

    it('goes to the address of the preferences, and not where they say no', async () => {
      const mail = await ScriptedMailServer.start();
      await restart({ smtp: { url: mail.url, from: 'a@example.org' } });
      const preferences = { user_id: 'ann', channel: 'email', address: 'ann@example.org' };
      await call('POST', '/api/notifications/preferences', preferences);
      const sent = await notify({ user_id: 'ann', message: 'one' }, '?wait=true');
      expect(sent.body.deliveries).toMatchObject([
        { channel: 'email', recipient: 'ann@example.org', status: 'sent' },
        { channel: 'in_app', status: 'delivered' },
      ]);
      await call('POST', '/api/notifications/preferences', { user_id: 'ann', channel: 'email', enabled: false });
      const held = await notify({ user_id: 'ann', message: 'two' });
      expect(held.body.deliveries).toMatchObject([
        { channel: 'email', status: 'suppressed', reason: 'preference' },
        {},
      ]);
      const critical = await notify({ user_id: 'ann', message: 'three', critical: true }, '?wait=true');
      expect(critical.body.deliveries).toMatchObject([{ channel: 'email', status: 'sent' }, {}]);
      expect(mail.mails.map(({ text }) => text!.split('\n')[0])).toEqual(['one', 'three']);
      await mail.stop();
    });

    it.each([
      ['for nobody', { message: 'm' }, ['user_id']],
      ['nothing to say', { user_id: 'u' }, ['message']],
      ['both', {}, ['message', 'user_id']],
      ['no address of this channel', { to: 'nobody', channel: 'email', message: 'm' }, ['to']],
      ['no address of any channel', { to: 'nobody', message: 'm' }, ['to']],
      ['an inbox without a user', { to: 'a@example.org', channel: ['email', 'in_app'], message: 'm' }, ['user_id']],
      ['an unknown template', { user_id: 'u', template: 'alert.fired' }, ['template']],
      ['an unknown channel', { user_id: 'u', message: 'm', channel: 'fax' }, ['channel']],
      ['what is not built yet', { user_id: 'u', message: 'm', send_at: 'x', digest: 'x' }, ['send_at', 'digest']],
    ])('refuses %s by name', async (_name, body, paths) => {
      const answer = await notify(body);
      expect(answer.status).toBe(422);
      expect(answer.body.errors.map((error: { path: string }) => error.path).sort()).toEqual([...paths].sort());
      expect((await call('GET', '/api/notifications')).body.items).toEqual([]);
    });

    it('does the same thing once for an idempotency key', async () => {
      const headers = { 'idempotency-key': 'k-1' };
      const [first, second] = await Promise.all([notify(README_BODY, '', headers), notify(README_BODY, '', headers)]);
      expect(second).toEqual(first);
      const other = await notify({ ...README_BODY, subject: 'other' }, '', headers);
      expect(other).toMatchObject({ status: 422, body: { errors: [{ path: 'Idempotency-Key' }] } });
      expect((await call('GET', '/api/notifications')).body.items).toHaveLength(1);
    });
  });

  describe('GET notifications', () => {
    it('filters and pages, newest first', async () => {
      for (const index of [1, 2, 3, 4, 5]) {
        await notify({ user_id: index % 2 ? 'odd' : 'even', type: `t${index}`, message: String(index) });
      }
      const messages = async (query: string) => {
        const { body } = await call('GET', `/api/notifications?${query}`);
        return { next: body.next_cursor, messages: body.items.map((item: { message: string }) => item.message) };
      };
      const first = await messages('limit=2');
      expect(first.messages).toEqual(['5', '4']);
      const second = await messages(`limit=2&cursor=${first.next}`);
      expect(second.messages).toEqual(['3', '2']);
      expect(await messages(`limit=2&cursor=${second.next}`)).toEqual({ next: null, messages: ['1'] });
      expect((await messages('user_id=even')).messages).toEqual(['4', '2']);
      expect((await messages('type=t3')).messages).toEqual(['3']);
      expect((await messages('channel=email')).messages).toEqual([]);
      expect((await messages('status=delivered&user_id=odd')).messages).toEqual(['5', '3', '1']);
      expect((await messages('start=now-1h&end=now-1m')).messages).toEqual([]);
    });

    it('knows what is read', async () => {
      const { body } = await notify({ user_id: 'ann', message: 'one' });
      await notify({ user_id: 'ann', message: 'two' });
      const read = await call('PATCH', `/api/notifications/${body.id}`, { read: true });
      expect(read.body).toMatchObject({ read_at: expect.any(String), status: 'read' });
      const unread = await call('GET', '/api/notifications?user_id=ann&unread=true');
      expect(unread.body.items).toMatchObject([{ message: 'two', read_at: null }]);
      expect((await call('POST', '/api/notifications/read-all', { user_id: 'ann' })).body).toEqual({ updated: 1 });
      expect((await call('GET', '/api/notifications?unread=true')).body.items).toEqual([]);
    });

    it('tries again what has failed, once that makes sense', async () => {
      const { body } = await notify(README_BODY);
      const mail = await ScriptedMailServer.start();
      await restart({ smtp: { url: mail.url, from: 'a@example.org' } });
      const retried = await call('POST', `/api/notifications/${body.id}/retry`);
      expect(retried).toMatchObject({ status: 202, body: { deliveries: [{ channel: 'email' }, {}] } });
      await eventually(() => expect(mail.mails).toHaveLength(1));
      await eventually(async () => {
        const { status } = await call('POST', `/api/notifications/${body.id}/retry`);
        expect(status).toBe(409);
      });
      expect(mail.mails).toHaveLength(1);
      await mail.stop();
    });

    it('tells why something was sent where, or not', async () => {
      const { body } = await notify(README_BODY);
      const detail = await call('GET', `/api/notifications/${body.id}`);
      expect(detail.body.deliveries[0].trace).toEqual([
        { rule: 'channel configured', result: 'no' },
        { rule: 'preference for the type', result: 'unset' },
        { rule: 'preference for the category email.*', result: 'unset' },
        { rule: 'preference for the channel', result: 'unset' },
        { rule: 'default', result: 'on' },
        { rule: 'address', result: 'given with the request' },
      ]);
      expect((await call('GET', '/api/notifications/nothing')).status).toBe(404);
    });
  });

  describe('preferences', () => {
    it('has the defaults for a user never seen', async () => {
      const { status, body } = await call('GET', '/api/notifications/preferences/never-seen');
      expect(status).toBe(200);
      expect(body).toMatchObject({ user_id: 'never-seen', time_zone: 'UTC', types: {} });
      expect(body.channels.in_app).toEqual({ enabled: true, is_default: true, verified: true, addresses: [] });
      expect(body.channels.email).toMatchObject({ enabled: true, verified: false });
    });

    it('sets one channel, several, and single types', async () => {
      const one = {
        user_id: 'ann',
        channel: 'email',
        enabled: true,
        address: 'ann@example.org',
        min_severity: 'error',
      };
      const { status, body } = await call('POST', '/api/notifications/preferences', one);
      expect(status).toBe(200);
      expect(body.channels.email).toEqual({
        enabled: true,
        is_default: false,
        addresses: [{ address: 'ann@example.org', verified: true }],
        address: 'ann@example.org',
        verified: true,
        min_severity: 'error',
      });
      const several = {
        email: { min_severity: null },
        webhook: { address: 'https://u:p@example.org/hook?key=secret' },
      };
      const both = await call('POST', '/api/notifications/preferences', { user_id: 'ann', channels: several });
      expect(both.body.channels.email).toMatchObject({ enabled: true, address: 'ann@example.org', verified: true });
      expect(both.body.channels.email.min_severity).toBeUndefined();
      expect(both.body.channels.webhook.address).toBe('https://example.org/…');
      // A type that is also a name of every object.
      const typed = { user_id: 'ann', channel: 'email', type: 'constructor', enabled: false };
      const { types } = (await call('POST', '/api/notifications/preferences', typed)).body;
      expect(types).toEqual({ constructor: { email: { enabled: false } } });
      const proto = { user_id: 'ann', channel: 'email', type: '__proto__', enabled: false };
      expect((await call('POST', '/api/notifications/preferences', proto)).status).toBe(200);
      expect(({} as { email?: unknown }).email).toBeUndefined();
    });

    it.each([
      ['no channel', { enabled: true }, ['channel']],
      ['nothing to set', { channel: 'email' }, ['enabled']],
      ['a wrong address', { channel: 'email', address: 'nope' }, ['address']],
      ['an address of the inbox', { channel: 'in_app', address: 'x' }, ['address']],
      [
        'wrong addresses of several',
        { channels: { email: { address: 'x' }, sms: { address: '12' } } },
        ['channels.email.address', 'channels.sms.address'],
      ],
      ['what is no digest', { channel: 'email', digest: 'weekly' }, ['digest']],
      ['what is no time zone', { time_zone: 'Mars/Olympus' }, ['time_zone']],
      ['a matcher that is none', { channel: 'email', matchers: ['service=~"("'] }, ['matchers[0]']],
    ])('refuses %s by name', async (_name, body, paths) => {
      const answer = await call('POST', '/api/notifications/preferences', { user_id: 'ann', ...body });
      expect(answer.status).toBe(422);
      expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual(paths);
    });

    it('says what would become of a notification, at another time too', async () => {
      const decided = {
        user_id: 'zoe',
        time_zone: 'Europe/Paris',
        locale: 'fr',
        quiet_hours: { windows: [{ start: '22:00', end: '07:00', days: ['mo'] }] },
        channels: { email: { address: 'zoe@example.org', digest: 'instant' }, sms: { enabled: false } },
        types: { 'alert.*': { email: { enabled: false } } },
      };
      const { status, body } = await call('POST', '/api/notifications/preferences', decided);
      expect(status).toBe(200);
      const { user_id: _, channels: __, ...general } = decided;
      expect(body).toMatchObject({ ...general, version: 1, channels: { sms: { enabled: false, is_default: false } } });
      const stale = await call('POST', '/api/notifications/preferences', { user_id: 'zoe', version: 0, locale: 'de' });
      expect(stale.status).toBe(409);
      const path = '/api/notifications/preferences/zoe/explain?channel=email&at=2026-01-05T21:30:00Z';
      const [, inApp] = (await call('GET', path)).body.channels;
      expect(inApp).toMatchObject({ channel: 'in_app', outcome: 'sent' });
      const [mail] = (await call('GET', `${path}&type=alert.firing`)).body.channels;
      expect(mail).toMatchObject({ channel: 'email', outcome: 'not_sent', reason: 'channel_not_configured' });
      const verify = '/api/notifications/preferences/zoe/verify';
      expect((await call('POST', verify, { channel: 'email', code: '123456' })).status).toBe(422);
    });

    it('makes notifications by the calendar', async () => {
      const form = {
        name: 'stand-up',
        notification: { user_id: 'zoe', message: 'stand up' },
        start: '2026-01-05T09:00',
        time_zone: 'Europe/Paris',
        rrule: 'FREQ=WEEKLY;BYDAY=MO,WE',
      };
      const { status, body } = await call('POST', '/api/notifications/schedules', form);
      expect([status, body.notification]).toMatchObject([201, { user_id: 'zoe', type: 'message' }]);
      expect((await call('GET', '/api/notifications/schedules')).body.items).toEqual([body]);
      const path = `/api/notifications/schedules/${body.id}`;
      expect(body.upcoming).toHaveLength(5);
      const paused = (await call('PATCH', path, { enabled: false })).body;
      expect(paused).toMatchObject({ enabled: false, next_at: null, upcoming: [] });
      const changed = { ...form, name: 'retro', rrule: 'FREQ=MONTHLY', notification: { user_id: 'zoe', message: 'x' } };
      expect((await call('PUT', path, changed)).body).toMatchObject({ enabled: true, name: 'retro' });
      expect((await call('GET', path)).body).toMatchObject({ rrule: 'FREQ=MONTHLY', notification: { message: 'x' } });
      const over = { ...changed, start: '2020-01-05T09:00', rrule: null };
      expect((await call('PUT', path, over)).body.errors).toMatchObject([{ path: 'start' }]);
      expect((await call('DELETE', `/api/notifications/schedules/${body.id}`)).status).toBe(204);
      expect((await call('DELETE', `/api/notifications/schedules/${body.id}`)).status).toBe(404);
      const wrong = { ...form, rrule: 'FREQ=NEVER', notification: { message: 'x' } };
      const refused = await call('POST', '/api/notifications/schedules', wrong);
      expect(refused.body.errors.map((error: { path: string }) => error.path)).toEqual(['user_id']);
    });

    it('takes a schedule back as it was shown, without knowing its address', async () => {
      const notification = {
        channel: 'webhook',
        to: 'https://hooks.example.org/secret',
        message: 'x',
        metadata: { a: 1 },
      };
      const form = { name: 'weekly', notification, start: '2026-01-05T09:00', rrule: 'FREQ=WEEKLY', time_zone: 'UTC' };
      const { body: made } = await call('POST', '/api/notifications/schedules', form);
      expect(JSON.stringify(made)).not.toContain('secret');
      const path = `/api/notifications/schedules/${made.id}`;
      const { name, notification: said, start, rrule, time_zone, enabled } = made;
      const shown = { name, notification: said, start, rrule, time_zone, enabled };
      expect((await call('PUT', path, { ...shown, name: 'renamed' })).body).toEqual({ ...made, name: 'renamed' });
      const [stored] = await notifications.schedules.list();
      expect(stored!.command).toMatchObject({ to: notification.to, metadata: { a: 1 } });
      const without = { user_id: 'zoe', message: 'x' };
      await call('PUT', path, { ...shown, notification: without });
      const refused = await call('PUT', path, { ...shown, notification: { ...without, has_address: true } });
      expect(refused.body.errors).toMatchObject([{ path: 'notification.has_address' }]);
      await call('DELETE', path);
    });

    it('says several things, all or none, once for a key', async () => {
      const batch = (notifications: object[], key?: string) =>
        app.inject({
          method: 'POST',
          url: '/api/notifications/notify/batch',
          headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
          payload: JSON.stringify({ notifications }),
        });
      const two = [1, 2].map((number) => ({ user_id: 'many', message: `number ${number}` }));
      const first = await batch(two, 'batch-1');
      expect(first.statusCode).toBe(202);
      expect(first.json().items).toHaveLength(2);
      expect((await batch(two, 'batch-1')).json()).toEqual(first.json());
      const wrong = await batch([...two, { message: 'for whom?' }, { ...two[0], template: 'plian' }]);
      expect(wrong.json().errors.map((error: { path: string }) => error.path)).toEqual([
        ...['notifications[2].user_id', 'notifications[3].template'],
      ]);
      const late = await batch([{ ...two[0], delay: '91d' }]);
      expect(late.json().errors).toMatchObject([{ path: 'notifications[0].delay' }]);
      expect((await call('GET', '/api/notifications?user_id=many')).body.items).toHaveLength(2);
      expect((await batch(Array.from({ length: 101 }, () => two[0]!))).statusCode).toBe(422);
    });

    it('sends later, and refuses what is too far', async () => {
      const later = { user_id: 'zoe', message: 'soon', delay: '10m' };
      const { body } = await notify(later);
      expect(body.deliveries[0]).toMatchObject({ channel: 'in_app', status: 'scheduled', reason: 'send_at' });
      const canceled = await call('POST', `/api/notifications/${body.id}/cancel`);
      expect(canceled.body.deliveries).toMatchObject([{ status: 'canceled', detail: 'canceled by local' }]);
      expect((await call('POST', `/api/notifications/${body.id}/cancel`)).status).toBe(409);
      for (const wrong of [
        { delay: '91d' },
        { delay: '1m', digest: 'hourly' },
        { delay: '1m', send_at: '2030-01-01T00:00:00Z' },
        { fallback: {} },
      ]) {
        expect((await notify({ user_id: 'zoe', message: 'x', ...wrong })).status).toBe(422);
      }
    });
  });

  describe('WebSocket', () => {
    it('answers a plain GET with 426', async () => {
      expect((await call('GET', '/api/notifications/ws/ann')).status).toBe(426);
    });

    it('sends each notification as one frame, to its user only', async () => {
      const { frames } = await connect('/api/notifications/ws/user123');
      const other = await connect('/api/notifications/ws/other');
      const { body } = await notify(README_BODY);
      await eventually(() => expect(frames).toHaveLength(1));
      expect(frames[0]).toMatchObject({
        type: 'notification',
        notification_type: 'email',
        seq: 1,
        id: body.id,
        user_id: 'user123',
        subject: 'Model Validation Complete',
        deliveries: [{ channel: 'email', status: 'suppressed' }, { channel: 'in_app' }],
      });
      expect(other.frames).toEqual([]);
    });

    it('sends what was missed, in order, then what is new', async () => {
      for (const message of ['1', '2', '3']) await notify({ user_id: 'ann', message });
      const { frames } = await connect('/api/notifications/ws/ann?after_seq=1');
      await eventually(() => expect(frames).toHaveLength(2));
      await notify({ user_id: 'ann', message: '4' });
      await eventually(() =>
        expect(frames.map(({ seq, message }) => `${seq} ${message}`)).toEqual(['2 2', '3 3', '4 4']),
      );
    });

    it('sends each of a burst once, to all tabs', async () => {
      const tabs = await Promise.all([1, 2, 3].map(() => connect('/api/notifications/ws/ann')));
      await Promise.all(Array.from({ length: 50 }, (_, index) => notify({ user_id: 'ann', message: String(index) })));
      const expected = Array.from({ length: 50 }, (_, index) => index + 1);
      for (const { frames } of tabs) await eventually(() => expect(frames.map(({ seq }) => seq)).toEqual(expected));
    });

    it('takes ten sockets a user', async () => {
      for (let index = 0; index < 10; index++) await connect('/api/notifications/ws/ann');
      const { socket } = await connect('/api/notifications/ws/ann');
      const [code] = await once(socket, 'close');
      expect(code).toBe(4009);
    });

    it('says good-bye when the service stops', async () => {
      const { socket } = await connect('/api/notifications/ws/ann');
      const closed = once(socket, 'close');
      await notifications.stop();
      expect((await closed)[0]).toBe(1001);
    });

    it('refuses a wrong after_seq before the upgrade', async () => {
      await app.listen({ port: 0, host: '127.0.0.1' });
      const { port } = app.server.address() as AddressInfo;
      const socket = new WebSocket(`ws://127.0.0.1:${port}/api/notifications/ws/ann?after_seq=x`);
      const [, answer] = await once(socket, 'unexpected-response');
      expect(answer.statusCode).toBe(422);
    });
  });
});
