import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { controlBackends, type TestDatabase } from '../../../tests/support/control-stores.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { HttpStandIn } from '../../../tests/support/http-stand-in.ts';
import { ScriptedMailServer } from '../../../tests/support/scripted-mail-server.ts';
import { VirtualClock } from '../../../tests/support/virtual-clock.ts';
import type { NotificationRequest } from '../model/notification-request.ts';
import type { ControlStore } from '../stores/control/index.ts';
import { type NotificationSettings, Notifications } from './notifications.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const MINUTE = 60_000;

/** Those that refer to others first. */
const TABLES = [
  'address_suppressions',
  'notification_idempotency_keys',
  'inbox_counters',
  'delivery_attempts',
  'deliveries',
  'delivery_lanes',
  'inbox_items',
  'notifications',
] as const;

/** A request with what matters in a test. */
function request(part: Partial<NotificationRequest> = {}): NotificationRequest {
  return {
    type: 'alert.firing',
    severity: 'warning',
    data: { alert_name: 'High CPU' },
    users: [],
    addresses: [],
    defaultRecipients: false,
    critical: false,
    ...part,
  };
}

function mailTo(...addresses: string[]): Partial<NotificationRequest> {
  return { addresses: addresses.map((address) => ({ channel: 'email', address })) };
}

describe.each(controlBackends())('Notifications on $name', (backend) => {
  let database: TestDatabase;
  let store: ControlStore;
  let mail: ScriptedMailServer;
  let clock: VirtualClock;
  const running: Notifications[] = [];

  beforeAll(async () => {
    database = await backend.create();
    store = await database.open();
  });

  afterAll(() => database.drop());

  beforeEach(async () => {
    for (const table of TABLES) await store.db.deleteFrom(table).execute();
    mail = await ScriptedMailServer.start();
    clock = new VirtualClock();
  });

  afterEach(async () => {
    for (const notifications of running.splice(0)) await notifications.stop();
    await mail.stop();
  });

  function build(settings: Partial<NotificationSettings> = {}): Notifications {
    const notifications = new Notifications({
      store,
      clock,
      elapsed: () => clock.elapsed(),
      logger: silent,
      random: () => 1,
      settings: {
        smtp: { url: mail.url, from: 'Alerts <alerts@example.org>' },
        webhookAllowList: [],
        alertUsers: [],
        alertEmailTo: [],
        ...settings,
      },
    });
    running.push(notifications);
    return notifications;
  }

  async function start(settings?: Partial<NotificationSettings>): Promise<Notifications> {
    const notifications = build(settings);
    await notifications.start();
    return notifications;
  }

  async function send(notifications: Notifications, part: Partial<NotificationRequest>) {
    const result = await store.transaction((db) => notifications.enqueue(db, request(part)));
    notifications.wake();
    return result;
  }

  /** Lets virtual time pass, but not during attempts: the servers take real time to answer. */
  async function advance(ms: number, strideMs = 1000) {
    for (let rest = ms; rest > 0; rest -= strideMs) {
      await clock.advance(Math.min(strideMs, rest));
      await eventually(async () => expect(await leasedLanes()).toEqual([]), 5000, 5);
    }
  }

  /** Lanes in the hands of a living run. */
  function leasedLanes() {
    return running.length === 0
      ? []
      : store.db.selectFrom('delivery_lanes').select('lane').where('lease_until', '>', clock.now()).execute();
  }

  async function passTime(stepMs: number, check: () => Promise<void> | void) {
    await eventually(
      async () => {
        await advance(stepMs, Math.max(1000, stepMs / 10));
        await check();
      },
      50_000,
      10,
    );
  }

  async function statuses(notifications: Notifications, id: string) {
    const item = (await notifications.get(id))!;
    return item.deliveries.map(({ channel, status, reason }) => ({ channel, status, reason }));
  }

  const subjects = () => mail.mails.map(({ subject }) => subject);

  it('sends by mail, and remembers that it did', async () => {
    const notifications = await start();
    const { id, deliveries } = await send(notifications, { ...mailTo('a@example.org'), alertId: 'r1' });
    expect(deliveries).toMatchObject([{ channel: 'email', recipient: 'a@example.org', status: 'queued' }]);
    await eventually(async () => expect(await statuses(notifications, id)).toMatchObject([{ status: 'sent' }]));
    expect(mail.mails).toMatchObject([{ recipients: ['a@example.org'], subject: 'Alert: High CPU' }]);
    const [delivery] = (await notifications.get(id))!.deliveries;
    expect(delivery).toMatchObject({ sentAt: clock.now(), attempts: [{ outcome: 'sent' }], nextAttemptAt: null });
  });

  it('leaves nothing of a transaction that was rolled back', async () => {
    const notifications = await start();
    const failed = store.transaction(async (db) => {
      await notifications.enqueue(db, request({ ...mailTo('a@example.org'), users: ['ann'] }));
      throw new Error('the cause could not be stored');
    });
    await expect(failed).rejects.toThrow('the cause could not be stored');
    notifications.wake();
    await send(notifications, mailTo('b@example.org'));
    await eventually(() => expect(mail.mails).toHaveLength(1));
    expect(mail.mails[0]!.recipients).toEqual(['b@example.org']);
    expect(await notifications.list({ limit: 10 })).toHaveLength(1);
  });

  it('makes one notification for a deduplication key', async () => {
    const notifications = await start();
    const first = await send(notifications, { ...mailTo('a@example.org'), dedupKey: 'e1:first' });
    const second = await send(notifications, { ...mailTo('a@example.org'), dedupKey: 'e1:first' });
    expect(second).toEqual(first);
    await eventually(() => expect(mail.mails).toHaveLength(1));
    expect(await notifications.list({ limit: 10 })).toHaveLength(1);
  });

  it('numbers an inbox without gaps, however many write at once', async () => {
    const notifications = await start();
    await Promise.all(Array.from({ length: 25 }, () => send(notifications, { users: ['ann', 'bob'] })));
    for (const userId of ['ann', 'bob']) {
      const items = await notifications.list({ userId, limit: 100 });
      expect(items.map(({ seq }) => seq).sort((a, b) => a! - b!)).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
    }
  });

  it('does the same thing once for an idempotency key, for 24 hours, for each caller', async () => {
    const notifications = await start();
    const command = {
      userId: 'ann',
      type: 'x',
      message: 'hello',
      data: {},
      severity: 'info',
      critical: false,
    } as const;
    const notify = (principal: string) => notifications.notify(command, { idempotencyKey: 'k', principal });
    const ids = (await Promise.all([notify('a'), notify('a'), notify('a')])).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
    expect((await notify('b')).id).not.toBe(ids[0]);
    clock.jump(clock.now() + 25 * 60 * MINUTE);
    expect((await notify('a')).id).not.toBe(ids[0]);
  });

  it('tries again with growing pauses until the server is well', async () => {
    mail.script = { data: () => '451 4.3.0 come back later' };
    const notifications = await start();
    const { id } = await send(notifications, mailTo('a@example.org'));
    await eventually(async () => expect(await statuses(notifications, id)).toMatchObject([{ status: 'retrying' }]));
    const [delivery] = (await notifications.get(id))!.deliveries;
    expect(delivery).toMatchObject({ reason: 'temporary_refusal', nextAttemptAt: clock.now() + 2000 });
    mail.script = {};
    await passTime(500, () => expect(mail.mails).toHaveLength(1));
    const { deliveries } = (await notifications.get(id))!;
    expect(deliveries[0]!.attempts.map(({ outcome }) => outcome)).toEqual(['retry', 'sent']);
  });

  it('tries again as soon as before where the clock is set back', async () => {
    mail.script = { data: () => '451 4.3.0 come back later' };
    const notifications = await start();
    const { id } = await send(notifications, mailTo('a@example.org'));
    await eventually(async () => expect(await statuses(notifications, id)).toMatchObject([{ status: 'retrying' }]));
    mail.script = {};
    clock.jump(clock.now() - 60 * MINUTE);
    const setAt = clock.now();
    await passTime(500, () => expect(mail.mails).toHaveLength(1));
    expect(clock.now() - setAt).toBeLessThan(MINUTE);
  });

  it('comes back when the target says so, and not faster than it likes', async () => {
    const slack = await HttpStandIn.start(() => ({ status: 429, headers: { 'retry-after': '120' } }));
    const notifications = await start({ slackWebhookUrl: slack.url });
    const part = { type: 'notice', channels: ['slack'] as const };
    const { id } = await send(notifications, { ...part, message: 'one' });
    await eventually(async () => {
      const [delivery] = (await notifications.get(id))!.deliveries;
      expect(delivery).toMatchObject({ status: 'retrying', nextAttemptAt: clock.now() + 120_000 });
    });
    slack.behave = () => ({ status: 200, body: 'ok' });
    await send(notifications, { ...part, message: 'two' });
    await send(notifications, { ...part, message: 'three' });
    await advance(119_000);
    expect(slack.requests).toHaveLength(1);
    const sentAt: number[] = [];
    slack.behave = () => {
      sentAt.push(clock.now());
      return { status: 200, body: 'ok' };
    };
    await passTime(1000, () => expect(sentAt).toHaveLength(3));
    const pauses = sentAt.slice(1).map((at, index) => at - sentAt[index]!);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1000);
    await slack.stop();
  });

  it('lets an endpoint rest after failures, without using up attempts', async () => {
    const hook = await HttpStandIn.start(() => ({ status: 500 }));
    const webhookAllowList = [`127.0.0.1:${hook.port}`];
    const notifications = await start({ webhookAllowList });
    const sent: string[] = [];
    for (let index = 0; index < 20; index++) {
      const addresses = [{ channel: 'webhook' as const, address: `${hook.url}/${index}` }];
      const { id } = await send(notifications, { type: 'notice', addresses, message: 'm' });
      sent.push(id);
      if (index < 5) {
        await eventually(async () => expect(await statuses(notifications, id)).toMatchObject([{ status: 'retrying' }]));
      }
    }
    await advance(5000);
    expect(hook.requests).toHaveLength(5);
    expect((await notifications.status()).restingEndpoints).toEqual([`webhook:127.0.0.1:${hook.port}`]);
    hook.behave = () => ({ status: 200 });
    await passTime(5000, async () => {
      const items = await Promise.all(sent.map((id) => notifications.get(id)));
      expect(items.map((item) => item!.status)).toEqual(sent.map(() => 'sent'));
    });
    expect((await notifications.status()).restingEndpoints).toEqual([]);
    await hook.stop();
  });

  it('goes on with the others where many wait for an endpoint that rests', async () => {
    const dead = await HttpStandIn.start(() => ({ status: 500 }));
    const well = await HttpStandIn.start();
    const notifications = await start({
      webhookAllowList: [`127.0.0.1:${dead.port}`, `127.0.0.1:${well.port}`],
    });
    const to = (address: string) =>
      ({ type: 'notice', message: 'm', addresses: [{ channel: 'webhook', address }] }) as const;
    for (let index = 0; index < 120; index++) await send(notifications, to(`${dead.url}/${index}`));
    await eventually(async () => expect((await notifications.status()).restingEndpoints).toHaveLength(1));
    // Later than all the others, at the same moment.
    const { id } = await send(notifications, to(`${well.url}/x`));
    await eventually(async () => expect(await statuses(notifications, id)).toMatchObject([{ status: 'sent' }]));
    // Those that were under way when it was found to be down.
    expect(dead.requests.length).toBeLessThanOrEqual(16 + 5);
    await dead.stop();
    await well.stop();
  });

  it('sends what leaves by one phone number one a second, the urgent first', async () => {
    const sentAt: { at: number; text: string }[] = [];
    const twilio = await HttpStandIn.start(({ body }) => {
      sentAt.push({ at: clock.now(), text: new URLSearchParams(body).get('Body')! });
      return { status: 201, body: JSON.stringify({ sid: `SM${sentAt.length}` }) };
    });
    const notifications = await start({
      twilio: { accountSid: 'AC1', authToken: 't', from: '+15005550006', apiUrl: twilio.url },
    });
    const to = (number: number, part = {}) => ({
      ...{ type: 'notice', subject: `to ${number}`, message: 'm' },
      addresses: [{ channel: 'sms' as const, address: `+336123456${10 + number}` }],
      ...part,
    });
    for (let number = 0; number < 4; number++) await send(notifications, to(number));
    await eventually(() => expect(sentAt).toHaveLength(1));
    await send(notifications, to(9, { critical: true }));
    await passTime(250, () => expect(sentAt).toHaveLength(5));
    const pauses = sentAt.slice(1).map(({ at }, index) => at - sentAt[index]!.at);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1000);
    expect(sentAt[1]!.text).toContain('to 9');
    await twilio.stop();
  });

  it('counts an alert as lost that a channel refuses which is gone', async () => {
    const gone = await HttpStandIn.start(() => ({ status: 404 }));
    const notifications = await start({ teamsWebhookUrl: gone.url });
    for (const type of ['alert.firing', 'notice']) {
      const { id } = await send(notifications, { type, message: 'm', channels: ['teams'] });
      await passTime(250, async () => {
        expect(await statuses(notifications, id)).toMatchObject([{ status: 'failed', reason: 'endpoint_gone' }]);
      });
    }
    expect((await notifications.deliveryHealth()).dead).toEqual([{ channel: 'teams', count: 1 }]);
    clock.jump(clock.now() + 61 * MINUTE);
    expect((await notifications.deliveryHealth()).dead).toEqual([]);
    await gone.stop();
  });

  it('gives up where the server refuses for good', async () => {
    mail.script = { recipient: () => '550 5.1.1 no such user' };
    const notifications = await start();
    const { id } = await send(notifications, mailTo('nobody@example.org'));
    await eventually(async () => {
      expect(await statuses(notifications, id)).toMatchObject([{ status: 'failed', reason: 'address_rejected' }]);
    });
  });

  it('gives up at the deadline, and lets the next one through', async () => {
    mail.script = { recipient: () => '450 4.2.0 mailbox busy' };
    const notifications = await start();
    const first = await send(notifications, { ...mailTo('a@example.org'), critical: true });
    await passTime(MINUTE, async () => {
      expect(await statuses(notifications, first.id)).toMatchObject([{ status: 'dead', reason: 'temporary_refusal' }]);
    });
    mail.script = {};
    const second = await send(notifications, mailTo('a@example.org'));
    await passTime(MINUTE, async () => {
      expect(await statuses(notifications, second.id)).toMatchObject([{ status: 'sent' }]);
    });
  });

  it('delivers everything in order after an outage, each once', async () => {
    const { port } = mail;
    const notifications = await start();
    await mail.stop();
    for (let index = 0; index < 30; index++) {
      const to = mailTo(`${index % 3}@example.org`);
      await send(notifications, { ...to, type: 'notice', subject: String(index) });
    }
    await advance(5 * MINUTE);
    mail = await ScriptedMailServer.start({}, port);
    await passTime(10_000, () => expect(mail.mails).toHaveLength(30));
    await advance(10_000);
    expect(mail.mails).toHaveLength(30);
    for (const target of [0, 1, 2]) {
      const own = mail.mails.filter(({ recipients }) => recipients[0] === `${target}@example.org`);
      const expected = Array.from({ length: 10 }, (_, index) => String(index * 3 + target));
      expect(own.map(({ subject }) => subject)).toEqual(expected);
    }
    expect(mail.mails[0]!.text).toMatch(/Delayed by \d+m/);
  });

  it('keeps the order of a target while its first message is tried again', async () => {
    let refusals = 2;
    mail.script = { data: () => (refusals-- > 0 ? '451 later' : undefined) };
    const notifications = await start();
    await send(notifications, { ...mailTo('a@example.org'), subject: 'one', type: 'x' });
    await send(notifications, { ...mailTo('a@example.org'), subject: 'two', type: 'x' });
    await passTime(1000, () => expect(subjects()).toEqual(['one', 'two']));
  });

  describe('an episode', () => {
    const episode = { episodeId: 'e1', alertId: 'r1' };
    const resolved = { ...episode, type: 'alert.resolved', followsEpisode: true };

    it('tells its end to those who heard of its beginning, in the same thread', async () => {
      const notifications = await start({ alertUsers: ['ann'], alertEmailTo: ['ops@example.org'] });
      await send(notifications, { ...episode, defaultRecipients: true });
      await eventually(() => expect(mail.mails).toHaveLength(1));
      // Nobody else hears of it, whatever the request says.
      await send(notifications, { ...resolved, users: ['bob'], ...mailTo('other@example.org') });
      await eventually(() => expect(mail.mails).toHaveLength(2));
      const [first, second] = mail.mails;
      expect(second).toMatchObject({
        recipients: ['ops@example.org'],
        inReplyTo: first!.messageId,
        references: first!.messageId,
        subject: `Re: ${first!.subject}`,
      });
      expect(second!.messageId).not.toBe(first!.messageId);
      const inbox = await notifications.list({ userId: 'ann', limit: 10 });
      expect(inbox.map(({ type }) => type)).toEqual(['alert.resolved', 'alert.firing']);
      expect(await notifications.list({ userId: 'bob', limit: 10 })).toEqual([]);
    });

    it('ends before its beginning could be told: one message stands for both', async () => {
      mail.script = { data: () => '451 later' };
      const notifications = await start();
      const first = await send(notifications, { ...episode, ...mailTo('a@example.org') });
      await eventually(async () => {
        expect(await statuses(notifications, first.id)).toMatchObject([{ status: 'retrying' }]);
      });
      mail.script = {};
      const data = { started_at: '2026-01-05T10:02:00.000Z', ended_at: '2026-01-05T10:07:12.000Z' };
      await send(notifications, { ...resolved, data: { alert_name: 'High CPU', ...data } });
      await passTime(1000, () => expect(mail.mails).toHaveLength(1));
      expect(mail.mails[0]!.text).toContain(
        'Fired and resolved 2026-01-05 10:02\u201310:07 UTC, before the first message could go out.',
      );
      expect(await statuses(notifications, first.id)).toMatchObject([{ status: 'canceled', reason: 'overtaken' }]);
      await advance(20_000);
      expect(mail.mails).toHaveLength(1);
    });

    it('is not told an end where its beginning was refused', async () => {
      mail.script = { recipient: () => '550 5.1.1 no such user' };
      const notifications = await start();
      const first = await send(notifications, { ...episode, ...mailTo('a@example.org') });
      await eventually(async () => {
        expect(await statuses(notifications, first.id)).toMatchObject([{ status: 'failed' }]);
      });
      expect((await send(notifications, resolved)).deliveries).toEqual([]);
    });

    it('is quiet once somebody has it in hand', async () => {
      mail.script = { data: () => '451 later' };
      const notifications = await start();
      const first = await send(notifications, { ...episode, ...mailTo('a@example.org') });
      await eventually(async () => {
        expect(await statuses(notifications, first.id)).toMatchObject([{ status: 'retrying' }]);
      });
      mail.script = {};
      const canceled = await store.transaction((db) => notifications.cancelEpisode(db, 'e1', 'acknowledged by ann'));
      expect(canceled).toBe(1);
      notifications.wake();
      await advance(20_000);
      expect(await statuses(notifications, first.id)).toEqual([
        { channel: 'email', status: 'canceled', reason: 'acknowledged' },
      ]);
      expect(mail.mails).toEqual([]);
    });
  });

  it('finds in bounded time what another process has written', async () => {
    await start();
    await advance(2000);
    const other = await database.open();
    const elsewhere = build();
    await other.transaction((db) => elsewhere.enqueue(db, request({ ...mailTo('a@example.org'), type: 'notice' })));
    await advance(store.rereadMs + 1000, 1000);
    await eventually(() => expect(mail.mails).toHaveLength(1));
    await other.close();
  });

  describe('after a crash', () => {
    /** A run that dies while the mail server has all of the mail and has not answered. */
    async function dieWhileSending(part: Partial<NotificationRequest>): Promise<string> {
      const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
      mail.script = {
        data: () => {
          reach();
          return new Promise(() => {});
        },
      };
      const doomed = build();
      await doomed.start();
      const { id } = await send(doomed, part);
      await reached;
      // Its store is gone, so that nothing of what it learns later is written.
      running.splice(running.indexOf(doomed), 1);
      await store.close();
      store = await database.open();
      mail.script = {};
      // Its lease runs out.
      clock.jump(clock.now() + 5 * MINUTE);
      return id;
    }

    it('repeats an alert whose fate is unknown', async () => {
      const id = await dieWhileSending({ ...mailTo('a@example.org') });
      const notifications = await start();
      await eventually(async () => {
        const { deliveries } = (await notifications.get(id))!;
        expect(deliveries[0]!.attempts).toMatchObject([{ outcome: 'unknown' }, { outcome: 'sent' }]);
      });
      expect(mail.mails).toHaveLength(1);
    });

    it('does not repeat an ordinary notice that may have arrived', async () => {
      const id = await dieWhileSending({ ...mailTo('a@example.org'), type: 'notice', message: 'hello' });
      const notifications = await start();
      await eventually(async () => {
        expect(await statuses(notifications, id)).toMatchObject([{ status: 'unknown', reason: 'interrupted' }]);
      });
      expect(mail.mails).toEqual([]);
    });

    it('repeats to a receiver that recognises the repetition, under the same id', async () => {
      const hook = await HttpStandIn.start(() => 'silent');
      const webhook = { url: hook.url };
      const doomed = build({ webhook });
      await doomed.start();
      await send(doomed, { type: 'notice', channels: ['webhook'], message: 'hello' });
      await eventually(() => expect(hook.requests).toHaveLength(1));
      running.splice(running.indexOf(doomed), 1);
      await store.close();
      store = await database.open();
      hook.behave = () => ({ status: 200 });
      clock.jump(clock.now() + 5 * MINUTE);
      await start({ webhook });
      await eventually(() => expect(hook.requests).toHaveLength(2));
      expect(new Set(hook.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
      await hook.stop();
    });

    it('sends what was committed and never announced', async () => {
      const doomed = build();
      const { id } = await store.transaction((db) => doomed.enqueue(db, request(mailTo('a@example.org'))));
      running.splice(running.indexOf(doomed), 1);
      await store.close();
      store = await database.open();
      const notifications = await start();
      await eventually(async () => expect(await statuses(notifications, id)).toMatchObject([{ status: 'sent' }]));
    });
  });

  it('lets two processes share the work, each delivery once (alertmanager#2222, #1005, #1550, #2033)', async () => {
    const [first] = [await start(), await start()];
    for (let index = 0; index < 40; index++) await send(first!, { ...mailTo(`${index}@example.org`), type: 'x' });
    await passTime(1000, () => expect(mail.mails).toHaveLength(40));
    expect(new Set(mail.mails.map(({ recipients }) => recipients[0])).size).toBe(40);
  });
});
