import { createHmac } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { controlBackends, type TestDatabase } from '../../../../tests/support/control-stores.ts';
import { eventually } from '../../../../tests/support/eventually.ts';
import { HttpStandIn, type ReceivedRequest, type StandInAnswer } from '../../../../tests/support/http-stand-in.ts';
import { type NotificationApp, startNotificationApp } from '../../../../tests/support/notification-app.ts';
import { ScriptedMailServer } from '../../../../tests/support/scripted-mail-server.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import type { ControlStore } from '../../stores/control/index.ts';

const TABLES = [
  'address_suppressions',
  'notification_preferences',
  'delivery_attempts',
  'deliveries',
  'delivery_lanes',
];
const PUBLIC = 'https://status.example.org';
const NUMBER = '+33612345678';

/** Takes messages as Twilio documents it, and remembers to whom. */
function twilio({ path, headers, body }: ReceivedRequest): StandInAnswer {
  const form = new URLSearchParams(body);
  const basic = `Basic ${Buffer.from('AC1:token').toString('base64')}`;
  const code = (status: number, number: number) => ({ status, body: JSON.stringify({ code: number, status }) });
  if (path !== '/2010-04-01/Accounts/AC1/Messages.json') return code(404, 20404);
  if (headers.authorization !== basic) return code(401, 20003);
  if (!/^\+\d+$/.test(form.get('To') ?? '')) return code(400, 21211);
  if (!form.get('Body') || form.get('Body')!.length > 1600) return code(400, 21617);
  const callback = form.get('StatusCallback');
  if (callback !== null && !callback.startsWith(`${PUBLIC}/`)) return code(400, 21609);
  if (form.get('To') === '+33600000000') return code(400, 21610);
  return { status: 201, body: JSON.stringify({ sid: `SM${form.get('To')!.slice(1)}`, status: 'queued' }) };
}

describe.each(controlBackends())('suppressions on $name', (backend) => {
  let database: TestDatabase;
  let store: ControlStore;
  let served: NotificationApp;
  let app: FastifyInstance;
  let mail: ScriptedMailServer;
  let sms: HttpStandIn;
  const clock = new VirtualClock();

  beforeAll(async () => {
    database = await backend.create();
    store = await database.open();
    mail = await ScriptedMailServer.start();
    sms = await HttpStandIn.start(twilio);
  });

  afterAll(async () => {
    await mail.stop();
    await sms.stop();
    await database.drop();
  });

  async function serve() {
    served = await startNotificationApp({
      store,
      clock,
      settings: {
        secretKey: 'a key of the test',
        publicUrl: PUBLIC,
        smtp: { url: mail.url, from: 'Ops <ops@example.org>' },
        twilio: { accountSid: 'AC1', authToken: 'token', from: '+15550100', apiUrl: sms.url },
      },
    });
    ({ app } = served);
  }

  beforeEach(async () => {
    for (const table of TABLES) await store.db.deleteFrom(table as 'deliveries').execute();
    mail.script = {};
    mail.mails.splice(0);
    await serve();
  });

  afterEach(() => served.stop());

  async function json(method: 'GET' | 'POST', path: string, body?: object) {
    const answer = await app.inject({
      method,
      url: `/api/notifications${path}`,
      headers: body ? { 'content-type': 'application/json' } : {},
      ...(body && { payload: JSON.stringify(body) }),
    });
    return answer.json();
  }

  const notify = (body: object) => json('POST', '/notify', { message: 'something', ...body });

  async function statusOf(id: string): Promise<string> {
    const [delivery] = (await json('GET', `/${id}`)).deliveries;
    return [delivery.status, ...(delivery.reason === null ? [] : [delivery.reason])].join(' ');
  }

  const settledAs = (id: string, status: string) => eventually(async () => expect(await statusOf(id)).toBe(status));

  /** A number sends one message a second. */
  const settledInTimeAs = (id: string, status: string) =>
    eventually(async () => {
      await clock.advance(1000);
      expect(await statusOf(id)).toBe(status);
    });

  function callback(fields: Record<string, string>, { token = 'token', base = PUBLIC, channel = 'sms' } = {}) {
    const path = `/api/notifications/callbacks/twilio/${channel}`;
    const text = Object.keys(fields)
      .sort()
      .map((name) => name + fields[name])
      .join('');
    return app.inject({
      method: 'POST',
      url: path,
      headers: {
        host: 'proxy.internal:8013',
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': createHmac('sha1', token).update(`${base}${path}${text}`).digest('base64'),
      },
      payload: new URLSearchParams(fields).toString(),
    });
  }

  it('shows by a link whose an address is, for a day, and only where it is followed by hand', async () => {
    const user = `${backend.name}-lea`;
    const updates = [{ channel: 'email' as const, addresses: ['lea@example.org'], path: '' }];
    await served.notifications.preferences.update(user, { updates }, false);
    const [link] = mail.mails[0]!.text!.match(/https:\S+\/verify\/\S+/)!;
    const isVerified = async () => (await json('GET', `/preferences/${user}`)).channels.email.verified;
    const open = (method: 'GET' | 'POST', url = new URL(link!).pathname) => app.inject({ method, url });
    expect((await open('GET')).body).toContain('<button>Confirm</button>');
    expect(await isVerified()).toBe(false);
    expect((await open('POST', `${new URL(link!).pathname}x`)).statusCode).toBe(404);
    const unsubscribe = link!.replace('/verify/', '/unsubscribe/');
    expect((await open('POST', new URL(unsubscribe).pathname)).statusCode).toBe(404);
    expect((await open('POST')).body).toContain(`lea@example.org is an address of ${user}`);
    expect(await isVerified()).toBe(true);
    expect((await open('GET')).body).toContain('confirmed already');
    clock.jump(clock.now() + 25 * 3_600_000);
    expect((await open('GET')).json()).toMatchObject({ status: 404, detail: expect.stringContaining('expired') });
  });

  it('ends notices by one click, of a user by type and of an address, and never alerts', async () => {
    await json('POST', '/preferences', { user_id: 'ann', channel: 'email', address: 'ann@example.org' });
    await notify({ user_id: 'ann', channel: 'email', type: 'validation' });
    await notify({ to: 'bob@example.org', type: 'validation' });
    await notify({ to: 'eve@example.org', type: 'alert.firing' });
    await notify({ to: 'joe@example.org', critical: true });
    await eventually(() => expect(mail.mails).toHaveLength(4));
    const headers = Object.fromEntries(
      mail.mails.map(({ recipients, headers: all, text }) => [
        recipients[0],
        { list: all.get('list') as { unsubscribe?: { url?: string } } | undefined, text },
      ]),
    );
    expect(headers['eve@example.org']!.list).toBeUndefined();
    expect(headers['joe@example.org']!.list).toBeUndefined();
    for (const address of ['ann@example.org', 'bob@example.org']) {
      const raw = mail.mails.find(({ recipients }) => recipients[0] === address)!.raw;
      expect(raw).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/m);
      const url = headers[address]!.list!.unsubscribe!.url!;
      expect(headers[address]!.text).toContain(url);
      const path = url.slice(PUBLIC.length);
      // What scanners of mails do: it must not change anything.
      const asked = await app.inject({ url: path });
      expect([asked.statusCode, asked.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(asked.body).toMatch(/<form method="post">/);
      expect(await statusOf((await notify({ to: address, channel: 'email', type: 'validation' })).id)).not.toMatch(
        /suppressed/,
      );
      const done = await app.inject({
        method: 'POST',
        url: path,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: 'List-Unsubscribe=One-Click',
      });
      expect([done.statusCode, /Done/.test(done.body)]).toEqual([200, true]);
      expect((await app.inject({ method: 'POST', url: `${path}x` })).statusCode).toBe(404);
    }
    const ann = { user_id: 'ann', channel: 'email' };
    await settledAs((await notify({ ...ann, type: 'validation' })).id, 'suppressed preference');
    await settledAs((await notify({ ...ann, type: 'other' })).id, 'sent');
    await settledAs((await notify({ to: 'Bob@example.org', type: 'other' })).id, 'suppressed unsubscribed');
    await settledAs((await notify({ to: 'bob@example.org', type: 'alert.firing' })).id, 'sent');
  });

  it('does not write again to a mailbox that does not exist, until it is told to', async () => {
    mail.script = { recipient: () => '550 5.1.1 no such user' };
    await settledAs((await notify({ to: 'gone@example.org' })).id, 'failed address_rejected');
    mail.script = {};
    await served.stop();
    await serve();
    await settledAs((await notify({ to: 'gone@example.org', critical: true })).id, 'suppressed bounced');
    expect((await json('GET', '/suppressions')).items).toMatchObject([
      { channel: 'email', address: 'gone@example.org', scope: 'all', reason: 'bounced' },
    ]);
    const url = '/api/notifications/suppressions?channel=email&address=gone@example.org';
    expect((await app.inject({ method: 'DELETE', url })).statusCode).toBe(204);
    expect((await app.inject({ method: 'DELETE', url })).statusCode).toBe(404);
    await settledAs((await notify({ to: 'gone@example.org' })).id, 'sent');
  });

  it('believes Twilio, and nobody else, about what became of a message', async () => {
    const sent = await notify({ to: NUMBER });
    await settledAs(sent.id, 'sent');
    const form = new URLSearchParams(sms.requests.at(-1)!.body);
    expect(form.get('StatusCallback')).toBe(`${PUBLIC}/api/notifications/callbacks/twilio/sms`);
    const MessageSid = `SM${NUMBER.slice(1)}`;
    const delivered = { MessageSid, MessageStatus: 'delivered', To: NUMBER };
    expect((await callback(delivered, { token: 'guessed' })).statusCode).toBe(403);
    expect((await callback(delivered, { base: 'https://elsewhere.example' })).statusCode).toBe(403);
    expect((await callback(delivered, { channel: 'unknown' })).statusCode).toBe(403);
    await settledAs(sent.id, 'sent');
    const taken = await callback(delivered);
    expect([taken.statusCode, taken.headers['content-type']]).toEqual([200, 'text/xml']);
    await settledAs(sent.id, 'delivered');
    // Late and out of order.
    await callback({ MessageSid, MessageStatus: 'sent' });
    await callback({ MessageSid, MessageStatus: 'undelivered', ErrorCode: '30003' });
    await settledAs(sent.id, 'delivered');
    const second = await notify({ to: '+33611111111' });
    await settledInTimeAs(second.id, 'sent');
    await callback({ MessageSid: 'SM33611111111', MessageStatus: 'undelivered', ErrorCode: '30006' });
    await settledAs(second.id, 'failed address_rejected');
  });

  it('hears STOP and START, by a message and by a refusal', async () => {
    expect(
      (await callback({ MessageSid: 'SM9', SmsStatus: 'received', From: NUMBER, Body: ' Stop ' })).statusCode,
    ).toBe(200);
    await settledAs((await notify({ to: NUMBER, critical: true })).id, 'suppressed unsubscribed');
    await callback({ MessageSid: 'SM10', SmsStatus: 'received', From: NUMBER, Body: 'ok', OptOutType: 'START' });
    const again = await notify({ to: NUMBER });
    await settledInTimeAs(again.id, 'sent');
    await settledInTimeAs((await notify({ to: '+33600000000' })).id, 'failed unsubscribed');
    await settledAs((await notify({ to: '+33600000000' })).id, 'suppressed unsubscribed');
  });
});
