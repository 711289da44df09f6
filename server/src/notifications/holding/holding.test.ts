import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { controlBackends, type TestDatabase } from '../../../../tests/support/control-stores.ts';
import { eventually } from '../../../../tests/support/eventually.ts';
import { ScriptedMailServer } from '../../../../tests/support/scripted-mail-server.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import type { NotificationRequest } from '../../model/notification-request.ts';
import type { ControlStore } from '../../stores/control/index.ts';
import { Notifications } from '../notifications.ts';
import type { PreferenceForm } from '../preferences/preference-book.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TABLES = [
  ...(['inbox_counters', 'delivery_attempts', 'deliveries', 'delivery_lanes', 'inbox_items', 'notifications'] as const),
  ...(['notification_preferences', 'notification_profiles', 'notification_contacts'] as const),
];

describe.each(controlBackends())('what waits, on $name', (backend) => {
  let database: TestDatabase;
  let store: ControlStore;
  let mail: ScriptedMailServer;
  let clock: VirtualClock;
  let notifications: Notifications;

  beforeAll(async () => {
    database = await backend.create();
    store = await database.open();
  });
  afterAll(() => database.drop());

  beforeEach(async () => {
    for (const table of TABLES) await store.db.deleteFrom(table).execute();
    mail = await ScriptedMailServer.start();
    // A Monday, noon in London.
    clock = new VirtualClock(Date.UTC(2026, 0, 5, 12));
    notifications = await startNotifications();
    await decide({ updates: [{ channel: 'email', addresses: ['ann@example.org'], path: '' }] });
  });
  afterEach(async () => {
    await notifications.stop();
    await mail.stop();
  });

  async function startNotifications(): Promise<Notifications> {
    const started = new Notifications({
      ...{ store, clock, logger: silent, random: () => 1 },
      settings: {
        smtp: { url: mail.url, from: 'Alerts <alerts@example.org>' },
        ...{ webhookAllowList: [], alertUsers: [], alertEmailTo: [] },
      },
    });
    await started.start();
    return started;
  }

  function decide(form: Partial<PreferenceForm>) {
    return notifications.preferences.update('ann', { updates: [], ...form }, true);
  }

  async function tell(
    part: Partial<NotificationRequest> & {
      readonly sendAt?: number;
      readonly digest?: string;
      readonly unseenForMs?: number;
    } = {},
  ): Promise<string> {
    const request = {
      ...{ type: 'deploy', severity: 'info' as const, message: 'done', data: {}, users: ['ann'], addresses: [] },
      ...{ defaultRecipients: false, critical: false, ...part },
    };
    const { id } = await store.transaction((db) => notifications.enqueue(db, request));
    notifications.wake();
    await atRest();
    return id;
  }

  /** Attempts take real time; the clock stands still for them. */
  async function atRest() {
    await eventually(
      async () => {
        const due = await store.db
          .selectFrom('deliveries')
          .select('id')
          .where('is_open', '=', 1)
          .where('next_at', '<=', clock.now())
          .execute();
        expect(due).toEqual([]);
      },
      5000,
      5,
    );
  }

  async function advance(ms: number) {
    const end = clock.now() + ms;
    while (clock.now() < end) {
      await clock.advance(Math.min(10 * MINUTE, end - clock.now()));
      await settled();
    }
  }

  /** Until nothing is due any more, neither to be let go nor to be sent; a sweep that is busy needs another second. */
  async function settled() {
    await eventually(
      async () => {
        const held = await store.db
          .selectFrom('deliveries')
          .select('id')
          .where('held_until', '<=', clock.now() - 1000)
          .execute();
        const unclaimed = await store.db
          .selectFrom('delivery_lanes')
          .select('lane')
          .where('next_at', '<=', clock.now())
          .where('lease_until', '<=', clock.now())
          .execute();
        if (held.length > 0 || unclaimed.length > 0) await clock.advance(1000);
        expect([held, unclaimed]).toEqual([[], []]);
      },
      5000,
      5,
    );
    await atRest();
  }

  /** A sweep that is busy needs another second. */
  function afterSeconds(check: () => Promise<void>) {
    return eventually(
      async () => {
        await clock.advance(1000);
        await check();
      },
      5000,
      5,
    );
  }

  const subjects = () => mail.mails.map(({ subject }) => subject);

  async function mailOf(id: string) {
    const item = (await notifications.get(id))!;
    const { status, reason, heldUntil } = item.deliveries.find(({ channel }) => channel === 'email')!;
    return [status, reason, heldUntil && new Date(heldUntil).toISOString().slice(0, 16)];
  }

  it('holds mail in quiet hours and sends it at their end, several as one, over a restart', async () => {
    await decide({ timeZone: 'Europe/Paris', quietHours: { windows: [{ start: '13:00', end: '15:00' }] } });
    const first = await tell({ subject: 'one' });
    expect(await mailOf(first)).toEqual(['scheduled', 'quiet_hours', '2026-01-05T14:00']);
    const second = await tell({ subject: 'two', severity: 'error' });
    await tell({ subject: 'urgent', critical: true });
    expect(subjects()).toEqual(['urgent']);
    expect((await notifications.inbox.counts('ann')).unread).toBe(3);
    await notifications.stop();
    await clock.advance(HOUR);
    notifications = await startNotifications();
    await advance(HOUR + 2000);
    expect(subjects()).toEqual(['urgent', '2 notifications']);
    expect(mail.mails.at(-1)!.text).toMatch(/2026-01-05 13:00 one\s+2026-01-05 13:00 two/);
    expect(await mailOf(first)).toEqual(['bundled', 'quiet_hours', null]);
    const bundle = (await notifications.get(second))!.deliveries.find(({ channel }) => channel === 'email')!
      .bundledInto!;
    expect((await notifications.get(bundle))!).toMatchObject({ type: 'digest', severity: 'error', status: 'sent' });
  });

  it('takes the digest and the condition of the sender where the user has decided nothing', async () => {
    expect(await mailOf(await tell({ digest: 'hourly' }))).toEqual(['scheduled', 'digest', '2026-01-05T13:00']);
    expect(await mailOf(await tell({ digest: 'hourly', critical: true }))).toEqual(['sent', null, null]);
    await decide({ updates: [{ channel: 'email', digest: 'instant', path: '' }] });
    expect(await mailOf(await tell({ digest: 'hourly' }))).toEqual(['sent', null, null]);
    const unseen = await tell({ unseenForMs: 10 * MINUTE });
    expect(await mailOf(unseen)).toEqual(['scheduled', 'unseen', '2026-01-05T12:10']);
  });

  it('collapses what has fired and ended within one digest, and tells what is left by itself', async () => {
    await decide({ updates: [{ channel: 'email', digest: 'hourly', path: '' }] });
    await clock.advance(5 * MINUTE);
    const alert = { type: 'alert.firing', data: { alert_name: 'CPU' }, episodeId: 'e1', severity: 'warning' } as const;
    const firing = await tell(alert);
    const resolved = await tell({ ...alert, type: 'alert.resolved', followsEpisode: true, users: [] });
    const other = await tell({ subject: 'other' });
    expect(await mailOf(firing)).toEqual(['canceled', 'overtaken', null]);
    expect(await mailOf(resolved)).toEqual(['scheduled', 'digest', '2026-01-05T13:00']);
    await advance(55 * MINUTE + 2000);
    expect(subjects()).toEqual(['2 notifications']);
    expect(mail.mails[0]!.text).toMatch(/CPU.*\(fired and resolved\)/);
    expect(await mailOf(other)).toEqual(['bundled', 'digest', null]);
    await tell({ subject: 'alone' });
    await advance(HOUR);
    expect(subjects()).toEqual(['2 notifications', 'alone']);
  });

  it('asks again when the time comes: switched off, acknowledged, read', async () => {
    const sendAt = clock.now() + HOUR;
    const off = await tell({ subject: 'later', sendAt });
    expect((await notifications.inbox.counts('ann')).unread).toBe(0);
    const acknowledged = await tell({ subject: 'alert', sendAt, episodeId: 'e2' });
    await store.transaction((db) => notifications.cancelEpisode(db, 'e2', 'ann has it'));
    await decide({ updates: [{ channel: 'email', enabled: false, path: '' }] });
    await advance(HOUR + 2000);
    expect(await mailOf(off)).toEqual(['canceled', 'preference', null]);
    expect(await mailOf(acknowledged)).toEqual(['canceled', 'acknowledged', null]);
    expect((await notifications.inbox.counts('ann')).unread).toBe(1);
    await decide({ updates: [{ channel: 'email', enabled: true, unseenForMs: 10 * MINUTE, path: '' }] });
    const seen = await tell({ subject: 'seen' });
    const unseen = await tell({ subject: 'unseen' });
    await notifications.inbox.change({ userId: 'ann', notificationIds: [seen] }, { kind: 'seen' });
    await advance(10 * MINUTE + 2000);
    expect([await mailOf(seen), await mailOf(unseen)]).toEqual([
      ['canceled', 'seen_in_app', null],
      ['sent', null, null],
    ]);
  });

  it('bundles what is too much, but lets the first alert of an incident through', async () => {
    for (let count = 0; count < 30; count++) await tell({ subject: `note ${count}` });
    expect(subjects()).toHaveLength(30);
    await clock.advance(10 * MINUTE);
    const held = await tell({ subject: 'too much' });
    expect(await mailOf(held)).toEqual(['scheduled', 'rate_limited', '2026-01-05T13:00']);
    await tell({ subject: 'and another' });
    const data = { alert_name: 'CPU' };
    await tell({ subject: 'fire', type: 'alert.firing', episodeId: 'e3', data });
    expect(subjects().slice(30)).toEqual(['Alert: CPU']);
    await advance(50 * MINUTE + 2000);
    expect(subjects().slice(31)).toEqual(['2 notifications']);
    expect(await mailOf(held)).toEqual(['bundled', 'rate_limited', null]);
  });

  it('falls back to the next channel where one fails, at once, or is not read in time', async () => {
    await decide({
      fallback: { channels: ['webhook', 'email'], afterMs: 5 * MINUTE },
      updates: [{ channel: 'webhook', addresses: ['http://10.0.0.1/hook'], path: '' }],
    });
    // The guard refuses the address: the webhook has failed for good.
    const failed = await tell({ subject: 'first fails' });
    expect((await mailOf(failed)).slice(0, 2)).toEqual(['scheduled', 'fallback']);
    await advance(2000);
    expect(subjects()).toEqual(['first fails']);
    await decide({ fallback: { channels: ['email', 'webhook'], afterMs: 5 * MINUTE } });
    const webhookOf = async (id: string) => {
      const item = (await notifications.get(id))!;
      return item.deliveries.find(({ channel }) => channel === 'webhook')!;
    };
    const read = await tell({ subject: 'read' });
    const unread = await tell({ subject: 'unread' });
    await notifications.inbox.change({ userId: 'ann', notificationIds: [read] }, { kind: 'read' });
    await advance(4 * MINUTE);
    expect(await webhookOf(unread)).toMatchObject({ status: 'scheduled', reason: 'fallback' });
    await advance(2 * MINUTE);
    expect(await webhookOf(read)).toMatchObject({ status: 'canceled', reason: 'read' });
    expect(await webhookOf(unread)).toMatchObject({ status: 'failed' });
  });

  it('starts the next channel beside one that struggles with a page', async () => {
    await decide({
      fallback: { channels: ['email', 'webhook'] },
      updates: [{ channel: 'webhook', addresses: ['http://10.0.0.1/hook'], path: '' }],
    });
    mail.script = { data: () => '451 4.3.0 come back later' };
    const page = await tell({ subject: 'page', critical: true });
    const webhook = async () => (await notifications.get(page))!.deliveries.find((one) => one.channel === 'webhook')!;
    expect(await webhook()).toMatchObject({ status: 'scheduled', reason: 'fallback_on_failure' });
    for (let step = 0; step < 16; step++) await advance(10_000);
    expect((await mailOf(page))[0]).toBe('retrying');
    expect(await webhook()).toMatchObject({ status: 'failed' });
  });

  it('says things by the calendar of a place, once each, also after it was not there', async () => {
    await notifications.stop();
    clock.jump(Date.UTC(2026, 2, 28, 6, 59, 30));
    notifications = await startNotifications();
    const command = {
      userId: 'ann',
      type: 'report',
      message: 'r',
      data: {},
      severity: 'info',
      critical: false,
    } as const;
    const times = { rrule: 'FREQ=DAILY', start: '2026-03-28T08:00', timeZone: 'Europe/Paris' };
    const form = { name: 'daily', command, ...times, enabled: true };
    const { id, nextAt } = await notifications.schedules.add(form, 'test');
    expect(new Date(nextAt!).toISOString()).toBe('2026-03-28T07:00:00.000Z');
    const turns = async () => (await notifications.inbox.counts('ann')).unread;
    await clock.advance(30_000);
    await afterSeconds(async () => expect(await turns()).toBe(1));
    // The next day the clock was set forward.
    const [first] = await notifications.schedules.list();
    expect(new Date(first!.nextAt!).toISOString()).toBe('2026-03-29T06:00:00.000Z');
    await notifications.stop();
    clock.jump(Date.UTC(2026, 3, 2, 12));
    notifications = await startNotifications();
    await afterSeconds(async () => expect(await turns()).toBe(2));
    const [missed] = await notifications.schedules.list();
    expect(new Date(missed!.nextAt!).toISOString()).toBe('2026-04-03T06:00:00.000Z');
    // What passes by while it is paused is not made up for.
    await notifications.schedules.enable(id, false);
    await notifications.stop();
    clock.jump(Date.UTC(2026, 3, 5, 12));
    notifications = await startNotifications();
    await clock.advance(5000);
    const resumed = await notifications.schedules.enable(id, true);
    expect(resumed.upcoming.slice(0, 2).map((at) => new Date(at).toISOString().slice(0, 13))).toEqual([
      ...['2026-04-06T06', '2026-04-07T06'],
    ]);
    await clock.advance(5000);
    expect(await turns()).toBe(2);
    await notifications.schedules.remove(id);
    expect(await notifications.schedules.list()).toEqual([]);
    for (const wrong of [{ rrule: 'FREQ=SECONDLY' }, { start: '2026-03-01T08:00', rrule: null }]) {
      await expect(notifications.schedules.add({ ...form, ...wrong }, 'test')).rejects.toMatchObject({
        code: 'invalid',
      });
    }
    await atRest();
  });

  it('keeps what was decided under a version, and verifies addresses by a code', async () => {
    const sheet = await notifications.preferences.read('ann');
    expect(sheet).toMatchObject({ version: 1, contacts: { email: [{ address: 'ann@example.org', verified: true }] } });
    await decide({ version: 1, locale: 'de' });
    await expect(decide({ version: 1, locale: 'fr' })).rejects.toMatchObject({ code: 'conflict' });
    const updates = [{ channel: 'email' as const, addresses: ['ann@example.org', 'ann@new.example.org'], path: '' }];
    await notifications.preferences.update('ann', { updates }, false);
    const code = /\d{6}/.exec(mail.mails[0]!.text ?? '')![0];
    expect(mail.mails[0]).toMatchObject({ recipients: ['ann@new.example.org'] });
    await tell({ subject: 'before' });
    expect(mail.mails.slice(1).map(({ recipients }) => recipients)).toEqual([['ann@example.org']]);
    const name = { userId: 'ann', channel: 'email' as const };
    const wrong = notifications.preferences.verify(name, code === '000000' ? '000001' : '000000');
    await expect(wrong).rejects.toThrow(/not the code/);
    await notifications.preferences.verify(name, code);
    await tell({ subject: 'after' });
    expect(
      mail.mails
        .slice(2)
        .map(({ recipients }) => recipients[0])
        .sort(),
    ).toEqual(['ann@example.org', 'ann@new.example.org']);
    const [plan] = await notifications.preferences.explain({
      ...{ userId: 'ann', type: 'x', severity: 'info', critical: false, labels: {}, at: clock.now() },
    });
    expect(plan).toMatchObject({ channel: 'email', suppressed: undefined });
  });
});
