import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { controlBackends, type TestDatabase } from '../../../../tests/support/control-stores.ts';
import { eventually } from '../../../../tests/support/eventually.ts';
import { type NotificationApp, startNotificationApp } from '../../../../tests/support/notification-app.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import type { Notifications } from '../../notifications/index.ts';
import type { ControlStore } from '../../stores/control/index.ts';

const KEY = 'a-key-for-the-tests';
const MINUTE = 60_000;

type Frame = Record<string, unknown> & { type: string };

describe.each(controlBackends())('inboxes on $name', (backend) => {
  let database: TestDatabase;
  let store: ControlStore;
  let clock: VirtualClock;
  let served: NotificationApp;
  let notifications: Notifications;
  let app: FastifyInstance;
  const sockets: WebSocket[] = [];
  let users = 0;
  let user: string;

  beforeAll(async () => {
    database = await backend.create();
    store = await database.open();
  });

  afterAll(() => database.drop());

  beforeEach(async () => {
    user = `user${users++}`;
    clock = new VirtualClock();
    served = await startNotificationApp({ store, clock, key: KEY });
    ({ notifications, app } = served);
    await app.listen({ host: '127.0.0.1', port: 0 });
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    await served.stop();
  });

  async function call(method: 'GET' | 'POST' | 'PATCH', url: string, body?: object) {
    const answer = await app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${KEY}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  }

  async function tell(message: string, more = {}): Promise<string> {
    return (await call('POST', '/api/notifications/notify', { user_id: user, message, ...more })).body.id;
  }

  const counts = async () => {
    const { unread, unseen } = (await call('GET', `/api/notifications/counts/${user}`)).body;
    return { unread, unseen };
  };

  const patch = (id: string, body: object) => call('PATCH', `/api/notifications/${id}`, { user_id: user, ...body });

  const listed = async (filter: string): Promise<string[]> =>
    (await call('GET', `/api/notifications?user_id=${user}&${filter}`)).body.items.map(
      (item: { message: string }) => item.message,
    );

  async function open(path: string, protocols: string[], token = KEY) {
    const { port } = app.server.address() as AddressInfo;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/notifications/ws/${path}`, [
      ...protocols,
      'bearer',
      token,
    ]);
    sockets.push(socket);
    const frames: Frame[] = [];
    socket.on('message', (data) => frames.push(JSON.parse(String(data))));
    return { socket, frames, of: (type: string) => frames.filter((frame) => frame.type === type) };
  }

  async function talk(path = user) {
    const client = await open(path, ['system-service.v1']);
    await eventually(() => expect(client.of('hello')).toHaveLength(1));
    return { ...client, say: (frame: object) => client.socket.send(JSON.stringify(frame)) };
  }

  it('counts what is unread and unseen as items are seen, read, archived and come back', async () => {
    const [first, second, third] = [await tell('one'), await tell('two'), await tell('three')];
    expect(await counts()).toEqual({ unread: 3, unseen: 3 });
    await patch(first!, { seen: true });
    await patch(second!, { read: true });
    expect(await counts()).toEqual({ unread: 2, unseen: 1 });
    await patch(third!, { archived: true });
    expect(await counts()).toEqual({ unread: 1, unseen: 0 });
    expect(await listed('archived=true')).toEqual(['three']);
    expect(await listed('archived=false&unread=true')).toEqual(['one']);
    await patch(third!, { archived: false });
    await patch(second!, { read: false });
    expect(await counts()).toEqual({ unread: 3, unseen: 0 });
  });

  it('brings back what was snoozed as unseen, under a new number', async () => {
    const id = await tell('later');
    const client = await talk();
    const until = new Date(clock.now() + MINUTE).toISOString();
    const snoozed = await patch(id, { read: true, snoozed_until: until });
    expect(snoozed.body).toMatchObject({ snoozed_until: until });
    const past = await patch(id, { snoozed_until: new Date(clock.now()).toISOString() });
    expect(past).toMatchObject({ status: 422, body: { errors: [{ path: 'snoozed_until' }] } });
    expect(await counts()).toEqual({ unread: 0, unseen: 0 });
    expect(await listed('snoozed=true')).toEqual(['later']);
    await clock.advance(MINUTE - 2000);
    expect(client.of('notification')).toEqual([]);
    await eventually(async () => {
      await clock.advance(1000);
      expect(client.of('notification')).toMatchObject([{ id, seq: 2, seen_at: null }]);
    });
    expect(await counts()).toEqual({ unread: 1, unseen: 1 });
  });

  it('does it to many at once, or to all of a type', async () => {
    const ids = [await tell('a'), await tell('b'), await tell('c', { type: 'build' })];
    const bulk = (body: object) => call('POST', '/api/notifications/bulk', { user_id: user, ...body });
    expect((await bulk({ action: 'read', ids: ids.slice(0, 2) })).body).toEqual({ updated: 2 });
    expect((await bulk({ action: 'archive', all: true, type: 'build' })).body).toEqual({ updated: 1 });
    expect((await bulk({ action: 'delete', all: true })).body).toEqual({ updated: 3 });
    expect(await counts()).toEqual({ unread: 0, unseen: 0 });
    expect((await call('GET', `/api/notifications/${ids[0]}`)).body.message).toBe('a');
    const wrong = await bulk({ action: 'shred', ids, all: true });
    expect(wrong.status).toBe(422);
  });

  it('tells the other tabs of a user what one has done', async () => {
    const id = await tell('hello');
    const [one, two] = [await talk(), await talk()];
    expect(two.of('hello')[0]).toMatchObject({ unread: 1, unseen: 1, seq: 1, connections: 2 });
    one.say({ type: 'read', ids: [id] });
    await eventually(() => {
      expect(two.of('updated')).toMatchObject([{ ids: [id], state: 'read' }]);
      expect(two.of('counts').at(-1)).toMatchObject({ unread: 0, unseen: 0 });
    });
    one.say({ type: 'read', ids: ['of-somebody-else'] });
    one.say({ type: 'dance' });
    await eventually(() => expect(one.of('error')).toHaveLength(1));
    expect(one.of('error')[0]!.detail).toMatch(/^type: use one of resume, seen/);
  });

  it('goes on after a number, and sends back to the list who is too far behind', async () => {
    for (const message of ['a', 'b', 'c']) await tell(message);
    const client = await talk();
    client.say({ type: 'resume', after_seq: 1 });
    await eventually(() => expect(client.of('notification').map((frame) => frame.message)).toEqual(['b', 'c']));
    await store.db.updateTable('inbox_counters').set({ last_seq: 900 }).where('user_id', '=', user).execute();
    client.say({ type: 'resume', after_seq: 1 });
    await eventually(() => expect(client.of('resync')).toMatchObject([{ seq: 900 }]));
  });

  it('sends nothing but notifications to those who speak no subprotocol', async () => {
    const plain = await open(user, []);
    await once(plain.socket, 'open');
    await eventually(() => expect(notifications.inbox.isOnline(user)).toBe(true));
    const id = await tell('x');
    await patch(id, { read: true });
    await clock.advance(30_000);
    await tell('y');
    await eventually(() => expect(plain.frames.map((frame) => frame.message)).toEqual(['x', 'y']));
    expect(new Set(plain.frames.map((frame) => frame.type))).toEqual(new Set(['notification']));
  });

  it('lets a ticket open one socket of its user, once and soon', async () => {
    const ticketOf = async () =>
      (await call('POST', '/api/notifications/ws-ticket', { user_id: user })).body.ticket as string;
    const ticket = await ticketOf();
    const mine = await open('me', ['system-service.v1'], ticket);
    await eventually(() => expect(mine.of('hello')).toHaveLength(1));
    expect(mine.socket.protocol).toBe('system-service.v1');
    const refused = async (path: string, token: string) => {
      const { socket } = await open(path, [], token);
      const [event] = (await Promise.race([once(socket, 'unexpected-response'), once(socket, 'close')])) as unknown[];
      socket.on('error', () => {});
      return event;
    };
    expect(await refused('somebody-else', await ticketOf())).toBe(4003);
    const late = await ticketOf();
    await clock.advance(31_000);
    for (const used of [ticket, late]) {
      const { socket } = await open('me', [], used);
      const [error] = await once(socket, 'error');
      expect(String(error)).toContain('401');
    }
    const asKey = await app.inject({
      url: '/api/notifications',
      headers: { authorization: `Bearer ${await ticketOf()}` },
    });
    expect(asKey.statusCode).toBe(401);
  });

  it('marks what is about an episode as read when somebody has it in hand', async () => {
    const client = await talk();
    client.say({ type: 'subscribe', topics: ['alerts'] });
    client.say({ type: 'subscribe', topics: ['weather'] });
    await eventually(() => expect(client.of('error')).toHaveLength(1));
    await store.transaction((db) =>
      notifications.enqueue(db, {
        alertId: 'rule1',
        type: 'alert.firing',
        severity: 'warning',
        data: { alert_name: 'High CPU' },
        users: [user],
        addresses: [],
        defaultRecipients: false,
        critical: false,
        episodeId: `episode-of-${user}`,
      }),
    );
    notifications.wake();
    await eventually(() => expect(client.of('notification')).toHaveLength(1));
    await store.transaction((db) => notifications.cancelEpisode(db, `episode-of-${user}`, 'acknowledged by ann'));
    notifications.wake();
    await eventually(() => expect(client.of('updated')).toMatchObject([{ state: 'read' }]));
    expect(await counts()).toEqual({ unread: 0, unseen: 0 });
    expect(client.of('alert')).toMatchObject([
      { alert_id: 'rule1', alert_type: 'alert.firing', alert_name: 'High CPU' },
    ]);
  });
});
