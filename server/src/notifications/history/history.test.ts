import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { controlBackends, type TestDatabase } from '../../../../tests/support/control-stores.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import type { NotificationRequest } from '../../model/notification-request.ts';
import type { ControlStore } from '../../stores/control/index.ts';
import { Notifications } from '../notifications.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const DAY = 86_400_000;
const ANNOTATION = {
  ...({ kind: 'note', until: null, title: 'x', text: '', service: '', environment: '', version: null } as const),
  ...({ severity: 'info', tags: [], url: null } as const),
};

describe.each(controlBackends())('History on $name', (backend) => {
  let database: TestDatabase;
  let store: ControlStore;
  let notifications: Notifications;
  let clock: VirtualClock;

  beforeAll(async () => {
    database = await backend.create();
    store = await database.open();
  });

  afterAll(() => database.drop());

  /** Never started: what is queued stays queued. */
  beforeEach(() => {
    clock = new VirtualClock();
    notifications = new Notifications({
      store,
      clock,
      logger: silent,
      settings: {
        smtp: { url: 'smtp://127.0.0.1:9', from: 'a@example.org' },
        webhookAllowList: [],
        alertUsers: [],
        alertEmailTo: [],
      },
    });
  });

  function tell(part: Partial<NotificationRequest>) {
    return store.transaction((db) =>
      notifications.enqueue(db, {
        type: 'note',
        severity: 'info',
        message: 'something private',
        data: { secret: 'in the data' },
        users: [],
        addresses: [],
        defaultRecipients: false,
        critical: false,
        ...part,
      }),
    );
  }

  const rowsOf = async (table: 'notifications' | 'deliveries' | 'inbox_items' | 'delivery_attempts') =>
    (await store.db.selectFrom(table).selectAll().execute()).length;

  it('deletes what is older, with all that belongs to it, but nothing that is still to be sent', async () => {
    await tell({ users: ['old'] });
    await tell({ addresses: [{ channel: 'email', address: 'waiting@example.org' }] });
    await clock.advance(10 * DAY);
    await tell({ users: ['new'] });
    await notifications.history.prune(clock.now() - 5 * DAY);
    const left = await store.db.selectFrom('deliveries').select('recipient').orderBy('recipient').execute();
    expect(left.map((row) => row.recipient)).toEqual(['new', 'waiting@example.org']);
    expect([await rowsOf('notifications'), await rowsOf('inbox_items')]).toEqual([2, 1]);
    await store.db.updateTable('deliveries').set({ is_open: 0, status: 'sent' }).execute();
    await notifications.history.prune(clock.now() + 1);
    expect([await rowsOf('notifications'), await rowsOf('deliveries'), await rowsOf('inbox_items')]).toEqual([0, 0, 0]);
  });

  it('keeps what is about an alert that goes on', async () => {
    await tell({ users: ['ann'], episodeId: 'thread' });
    const group = {
      id: 'g',
      route_key: '',
      receiver: 'r',
      labels: '{}',
      created_at: 0,
      thread_id: 'thread',
      sequence: 1,
    };
    await store.db
      .insertInto('alert_groups')
      .values({ ...group, last_notified_at: null })
      .execute();
    await notifications.history.prune(clock.now() + 1);
    expect(await rowsOf('notifications')).toBe(1);
    await store.db.deleteFrom('alert_groups').execute();
    await notifications.history.prune(clock.now() + 1);
    expect(await rowsOf('notifications')).toBe(0);
  });

  it('forgets a user, and leaves alone what others have', async () => {
    await notifications.preferences.update(
      'zoe',
      { updates: [{ channel: 'email', enabled: true, addresses: ['zoe@example.org'], path: '' }] },
      true,
    );
    for (let count = 0; count < 700; count++) await tell({ users: ['zoe'] });
    await tell({ users: ['zoe', 'ben'] });
    const copied = await tell({ users: ['zoe'], addresses: [{ channel: 'email', address: 'boss@example.org' }] });
    const subscriber = { userId: 'zoe' };
    const all = { filters: [], minSeverity: null, template: null, enabled: true };
    await notifications.topics.subscribe({ of: { eventType: '*' }, subscriber, ...all });
    const command = { userId: 'zoe', type: 'r', message: 'm', data: {}, severity: 'info', critical: false } as const;
    const times = { start: '2100-01-01T08:00', timeZone: 'UTC', rrule: null, enabled: true };
    await notifications.schedules.add({ name: 's', command, ...times }, 'test');
    await notifications.annotations.add({ ...ANNOTATION, at: clock.now() }, 'zoe');
    const policy = { id: 'p', name: 'Nights', created_at: 1, updated_at: 1 };
    const definition = JSON.stringify({ steps: [{ targets: [{ user: 'zoe' }] }] });
    await store.db
      .insertInto('escalation_policies')
      .values({ ...policy, definition })
      .execute();
    const group = { kind: 'group', id: 'backend', body: '["ann","zoe"]', fetched_at: 1 };
    await store.db.insertInto('directory_entries').values(group).execute();
    const erased = await notifications.erase('zoe');
    expect(erased).toMatchObject({ schedules: 1, records: 1 });
    expect(erased.remains).toEqual([{ kind: 'escalation_policy', id: 'p', name: 'Nights' }]);
    expect(erased).toMatchObject({ inboxItems: 702, notifications: 701, preferences: 1, subscriptions: 1 });
    expect(notifications.topics.subscriptions()).toEqual([]);
    expect((await notifications.list({ userId: 'zoe', limit: 10 })).length).toBe(0);
    expect((await notifications.list({ userId: 'ben', limit: 10 })).length).toBe(1);
    expect(await notifications.get(copied.id)).toMatchObject({ userId: null, message: '(erased)', data: {} });
    const everything = JSON.stringify([
      await store.db.selectFrom('deliveries').selectAll().execute(),
      await store.db.selectFrom('notifications').selectAll().execute(),
      await store.db.selectFrom('notification_preferences').selectAll().execute(),
      await store.db.selectFrom('delivery_lanes').selectAll().execute(),
      await store.db.selectFrom('inbox_counters').selectAll().execute(),
      await store.db.selectFrom('annotations').selectAll().execute(),
      await store.db.selectFrom('directory_entries').selectAll().execute(),
      await store.db.selectFrom('notification_schedules').selectAll().execute(),
    ]);
    expect(everything).not.toContain('zoe');
    await store.db.updateTable('deliveries').set({ is_open: 0, status: 'sent' }).execute();
    await notifications.history.prune(clock.now() + 1);
  });

  it('counts by channel, status and reason, and finds the noisy alerts', async () => {
    const start = clock.now();
    for (const [index, took] of [100, 200, 300, 4000].entries()) {
      const { deliveries } = await tell({
        addresses: [{ channel: 'email', address: `a${index}@example.org` }],
        users: ['ann'],
        alertId: index === 0 ? 'quiet' : 'loud',
      });
      await store.db
        .updateTable('deliveries')
        .set({ status: 'sent', is_open: 0, sent_at: start + took })
        .where('id', '=', deliveries.find((one) => one.channel === 'email')!.id)
        .execute();
    }
    await tell({ addresses: [{ channel: 'slack', address: '' }] });
    const { counts, timeToSend, timeToDeliver, noise } = await notifications.history.analytics({
      start,
      end: start + 1,
    });
    expect(counts).toEqual(
      expect.arrayContaining([
        { channel: 'email', status: 'sent', reason: null, count: 4 },
        { channel: 'in_app', status: 'delivered', reason: null, count: 4 },
        { channel: 'slack', status: 'suppressed', reason: 'channel_not_configured', count: 1 },
      ]),
    );
    expect(timeToSend).toEqual({ count: 4, p50: 200, p90: 4000, p99: 4000, max: 4000 });
    expect(timeToDeliver).toMatchObject({ count: 0, p50: null });
    expect(noise).toEqual([
      { alertId: 'loud', name: null, notifications: 3, deliveries: 6, items: 3, read: 0 },
      { alertId: 'quiet', name: null, notifications: 1, deliveries: 2, items: 1, read: 0 },
    ]);
    expect((await notifications.history.analytics({ start: 0, end: 1 })).timeToSend).toMatchObject({
      count: 0,
      p50: null,
    });
  });
});
