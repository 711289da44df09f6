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
    for (const table of ['event_subscriptions', 'notification_topics', 'platform_events', 'annotations'] as const) {
      await store.db.deleteFrom(table).execute();
    }
    await serve();
  });

  afterEach(async () => {
    await served.stop();
  });

  async function call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
    contentType?: string,
  ) {
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
    const { body: ben } = await subscribe({
      ...{ event_type: '*', user_id: 'ben', filters: [{ exact: { 'data.model': 'valve' } }] },
    });
    const { body: cem } = await subscribe({ event_type: '*', user_id: 'cem', min_severity: 'critical' });
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
    // Who was passed over, and why.
    const cemOnly = { count: 1, subscriptions: [{ subscription_id: cem.id, reason: 'min_severity' }] };
    const both = {
      count: 2,
      subscriptions: expect.arrayContaining([{ subscription_id: ben.id, reason: 'filter' }, ...cemOnly.subscriptions]),
    };
    expect(first.body.items.map((one: { passed_over: unknown }) => one.passed_over)).toEqual([both, cemOnly]);
    expect(listed.map((one: { passed_over: unknown }) => one.passed_over)).toEqual([both, cemOnly, both]);
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
    // Of what nobody was told yet, the preview shows the last event.
    await send(event('9', { type: 'com.unheard', data: { model: 'valve' } }));
    const texts = { subject: '{{ model }} of {{ event.source }}', message: 'm', types: ['com.unheard'] };
    const preview = await call('POST', '/api/notifications/templates/preview', { template: { id: 'x', ...texts } });
    expect(preview.body).toMatchObject({ subject: 'valve of /simulation', sample: 'last_event' });
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

  describe('annotations', () => {
    const post = (body: object) => call('POST', '/api/annotations', body);
    const titles = async (query = '') => {
      const { body } = await call('GET', `/api/annotations?start=now-1d&end=now%2B1h${query}`);
      return body.items.map((one: { title: string }) => one.title);
    };

    it('keeps deploys, notes and stretches of time, and finds them again', async () => {
      const deploy = await post({
        kind: 'deploy',
        service: 'shop',
        version: '1.2',
        environment: 'production',
        time: 'now-2h',
      });
      expect(deploy).toMatchObject({ status: 201, body: { title: 'Deploy of shop 1.2', time_end: null } });
      const region = await post({
        text: 'Moving the\ndatabase',
        time: 'now-1h',
        time_end: 'now-30m',
        tags: ['Ops', 'db'],
      });
      expect(region.body).toMatchObject({ kind: 'note', title: 'Moving the', created_by: 'local', service: null });
      await post({ title: 'elsewhere', service: 'mail', environment: 'staging' });
      expect(await titles()).toEqual(['elsewhere', 'Moving the', 'Deploy of shop 1.2']);
      expect(await titles('&service=shop')).toEqual(['Deploy of shop 1.2']);
      expect(await titles('&service=shop&global=true')).toEqual(['Moving the', 'Deploy of shop 1.2']);
      expect(await titles('&environment=production')).toEqual(['Moving the', 'Deploy of shop 1.2']);
      expect(await titles('&tag=Ops&tag=db')).toEqual(['Moving the']);
      expect(await titles('&tag=ops')).toEqual([]);
      expect(await titles('&kind=deploy')).toEqual(['Deploy of shop 1.2']);
      const inside = await call('GET', '/api/annotations?start=now-40m&end=now-35m');
      expect(inside.body.items).toMatchObject([{ title: 'Moving the' }]);
      const { id } = region.body;
      const changed = await call('PATCH', `/api/annotations/${id}`, { time_end: null, title: 'Moved' });
      expect(changed.body).toMatchObject({
        title: 'Moved',
        time_end: null,
        tags: ['Ops', 'db'],
        text: 'Moving the\ndatabase',
      });
      expect((await call('DELETE', `/api/annotations/${id}`)).status).toBe(204);
      expect((await call('GET', `/api/annotations/${id}`)).status).toBe(404);
    });

    it('turns pages, understands what clients of Grafana send, and names what is wrong', async () => {
      const time = clock.now() - 3_600_000;
      const body = { time, timeEnd: time + 60_000, isRegion: true, tags: ['argocd', 'shop'], text: 'shop synced' };
      expect((await post(body)).body).toMatchObject({
        title: 'shop synced',
        time_end: new Date(time + 60_000).toISOString(),
      });
      for (const title of ['a', 'b', 'c']) await post({ title, time: time / 1000 });
      const first = (await call('GET', '/api/annotations?start=now-1d&limit=3')).body;
      expect(first.items.map((one: { title: string }) => one.title)).toEqual(['c', 'b', 'a']);
      const second = await call('GET', `/api/annotations?start=now-1d&limit=3&cursor=${first.next_cursor}`);
      expect(second.body).toMatchObject({ items: [{ title: 'shop synced' }], next_cursor: null });
      expect((await post({})).body.errors).toMatchObject([{ path: 'title' }]);
      expect((await post({ title: 'x', time: 'now', time_end: 'now-1h' })).body.errors).toMatchObject([
        { path: 'time_end' },
      ]);
      expect((await post({ titel: 'x', url: 'ftp://x' })).body.errors).toHaveLength(2);
    });

    it('are also events of deploys and of topics, once, and alerts that fired', async () => {
      await call('POST', '/api/topics', {
        id: 'simulation',
        event_types: ['com.espice.simulation.*'],
        annotates: true,
      });
      await served.stop();
      await serve();
      const deployed = event('d', { type: 'shop.deployed', data: { service: 'shop', version: '3' } });
      const answer = await send(deployed, event('1'), event('2', { type: 'com.espice.other' }));
      expect(answer.body.items.map((one: { annotation: string | null }) => one.annotation !== null)).toEqual([
        true,
        true,
        false,
      ]);
      expect((await send(deployed)).body.items).toMatchObject([{ status: 'duplicate', annotation: null }]);
      const row = {
        id: `e-${backend.name}`,
        rule_id: 'r',
        rule_name: 'Shop is slow',
        severity: 'error',
        service: 'shop',
      };
      const times = { started_at: clock.now() - 5000, fired_at: clock.now() - 4000, ended_at: null };
      const rest = {
        environment: '',
        fingerprint: 'f',
        labels: '{}',
        state: 'firing',
        peak_value: null,
        last_value: null,
      };
      const open = { threshold: null, acknowledged_by: null, acknowledged_at: null, acknowledged_until: null };
      const end = { resolved_by: null, resolve_reason: null, incident_id: null };
      const alert = {
        ...{ id: 'r', version: 1, name: 'Shop is slow', severity: 'error', service: 'shop' },
        enabled: 1,
      };
      await store.db
        .insertInto('alert_rules')
        .values({ ...alert, deleted_at: null, definition: '{}', created_at: 1, updated_at: 1 })
        .execute();
      await store.db
        .insertInto('alert_episodes')
        .values({ ...row, ...times, ...rest, ...open, ...end })
        .execute();
      const { body } = await call('GET', '/api/annotations?service=shop&end=now%2B1h');
      expect(body.items).toMatchObject([
        { kind: 'deploy', title: 'Deploy of shop 3', source: '/simulation' },
        { kind: 'alert', title: 'Shop is slow', alert_id: 'r', severity: 'error', time_end: null },
      ]);
      expect(await titles('&kind=event')).toEqual(['Run 1 failed']);
      await notifications.history.prune(clock.now() + 1);
      expect(await titles('&kind=event&kind=deploy')).toEqual([]);
    });
  });
});
