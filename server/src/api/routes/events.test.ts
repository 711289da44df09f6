import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { controlBackends, type TestDatabase } from '../../../../tests/support/control-stores.ts';
import { type NotificationApp, startNotificationApp } from '../../../../tests/support/notification-app.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import type { Notifications } from '../../notifications/index.ts';
import type { ControlStore } from '../../stores/control/index.ts';

describe.each(controlBackends())('events and topics on $name', (backend) => {
  let database: TestDatabase;
  let store: ControlStore;
  let served: NotificationApp;
  let notifications: Notifications;
  let app: FastifyInstance;
  const clock = new VirtualClock();

  beforeAll(async () => {
    database = await backend.create();
    store = await database.open();
  });

  afterAll(() => database.drop());

  async function serve() {
    served = await startNotificationApp({ store, clock });
    ({ notifications, app } = served);
  }

  beforeEach(async () => {
    for (const table of ['event_subscriptions', 'notification_topics', 'platform_events'] as const) {
      await store.db.deleteFrom(table).execute();
    }
    await serve();
  });

  afterEach(async () => {
    await served.stop();
  });

  async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown, contentType?: string) {
    const answer = await app.inject({
      method,
      url,
      headers: body === undefined ? {} : { 'content-type': contentType ?? 'application/json' },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  }

  function event(id: string, part: object = {}) {
    return {
      specversion: '1.0',
      id,
      source: '/simulation',
      type: 'com.espice.simulation.failed',
      data: { severity: 'error', title: `Run ${id} failed`, message: 'out of memory', model: 'pump' },
      ...part,
    };
  }

  const send = (...events: object[]) => call('POST', '/api/events', events, 'application/cloudevents-batch+json');
  const subscribe = (body: object) => call('POST', '/api/subscriptions', body);
  const inboxOf = async (user: string) =>
    (await call('GET', `/api/notifications?user_id=${user}`)).body.items.map(
      (item: { subject: string }) => item.subject,
    );

  it('tells subscribers of a type, by filters and severity, each event once', async () => {
    await subscribe({ event_type: 'com.espice.simulation.*', user_id: 'ann' });
    await subscribe({ event_type: '*', user_id: 'ben', filters: [{ exact: { 'data.model': 'valve' } }] });
    await subscribe({ event_type: '*', user_id: 'cem', min_severity: 'critical' });
    const first = await send(event('1'), event('2', { data: { title: 'Valve', model: 'valve' } }));
    expect(first).toMatchObject({ status: 202, body: { accepted: 2, duplicates: 0 } });
    expect(first.body.items[0].notifications).toHaveLength(1);
    expect(await inboxOf('ann')).toEqual(['Valve', 'Run 1 failed']);
    expect(await inboxOf('ben')).toEqual(['Valve']);
    expect(await inboxOf('cem')).toEqual([]);
    expect((await send(event('1'), event('3'))).body).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(await inboxOf('ann')).toEqual(['Run 3 failed', 'Valve', 'Run 1 failed']);
    const listed = (await call('GET', '/api/events?source=/simulation&start=now-1h&end=now%2B1h')).body.items;
    expect(listed.map((one: { event_id: string }) => one.event_id)).toEqual(['3', '2', '1']);
  });

  it('takes none of a batch with mistakes', async () => {
    const answer = await send(event('a'), event('b', { source: '' }));
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: '[1].source' }] } });
    expect(await store.db.selectFrom('platform_events').selectAll().execute()).toEqual([]);
  });

  it('leads events of a topic, and what is said to it, to its subscribers, also after a restart', async () => {
    const user = `${backend.name}-dora`;
    await call('POST', '/api/topics', { id: 'simulation', event_types: ['com.espice.simulation.*'] });
    const own = await subscribe({ topic: 'simulation', user_id: user });
    expect(own.status).toBe(201);
    await served.stop();
    await serve();
    await send(event('1'));
    const said = await call('POST', '/api/notifications/notify', { topic: 'simulation', message: 'Maintenance at 6' });
    expect(said).toMatchObject({ status: 202, body: { deliveries: [{ recipient: user, channel: 'in_app' }] } });
    expect(await inboxOf(user)).toEqual(['Maintenance at 6', 'Run 1 failed']);
    expect((await call('GET', '/api/topics/simulation')).body).toMatchObject({ subscriptions: 1 });
    await call('DELETE', '/api/topics/simulation');
    expect((await call('GET', '/api/subscriptions')).body.items).toEqual([]);
  });

  it('renders with the template of the type, or of the subscription', async () => {
    const user = `${backend.name}-emil`;
    await notifications.templates.create(
      {
        id: 'sim',
        types: ['com.espice.simulation.failed'],
        subject: '{{ model }} of {{ event.source }}',
        message: 'm',
      },
      'test',
    );
    await subscribe({ event_type: 'com.espice.*', user_id: user });
    await send(event('1'));
    expect(await inboxOf(user)).toEqual(['pump of /simulation']);
    await notifications.templates.delete('sim', 'test');
  });

  it('says what is wrong with a subscription, and never shows the secrets of addresses', async () => {
    await call('POST', '/api/topics', { id: 'simulation' });
    const wrong = await subscribe({ topic: 'simulatoin', user_id: 'ann', template: 'plian' });
    expect(wrong.body.errors).toEqual([
      { path: 'topic', message: 'there is no topic "simulatoin"; did you mean simulation?' },
      { path: 'template', message: 'there is no template "plian"; did you mean plain?' },
    ]);
    expect((await subscribe({ topic: 'simulation', event_type: 'x', address: 'y' })).body.errors).toHaveLength(3);
    const secret = 'https://hooks.slack.com/services/T000/B000/secret';
    const created = await subscribe({ topic: 'simulation', channel: 'slack', address: secret });
    expect(created.status).toBe(201);
    expect(JSON.stringify(created.body)).not.toContain('secret');
    expect(JSON.stringify((await call('GET', '/api/subscriptions')).body)).not.toContain('B000');
  });
});
