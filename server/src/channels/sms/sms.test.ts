import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelMessage } from '../../../../tests/support/channel-message.ts';
import { HttpStandIn, type ReceivedRequest, type StandInAnswer } from '../../../../tests/support/http-stand-in.ts';
import { systemClock } from '../../model/clock.ts';
import { type Channels, createChannels } from '../registry.ts';

const SID = 'AC00000000000000000000000000000001';
const TOKEN = 'hidden-token';

/** Twilio's message resource: form fields, Basic authentication, its own error codes. */
function twilio({ method, path, headers, body }: ReceivedRequest): StandInAnswer {
  const refuse = (status: number, code: number, message: string): StandInAnswer => ({
    status,
    body: JSON.stringify({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }),
  });
  const expected = `Basic ${Buffer.from(`${SID}:${TOKEN}`).toString('base64')}`;
  if (headers.authorization !== expected) return refuse(401, 20003, 'Authenticate');
  if (method !== 'POST' || path !== `/2010-04-01/Accounts/${SID}/Messages.json`) return refuse(404, 20404, 'not found');
  if (headers['content-type'] !== 'application/x-www-form-urlencoded') return refuse(400, 21602, 'Body is required');
  const form = new URLSearchParams(body);
  if (!/^\+[1-9]\d{6,14}$/.test(form.get('To') ?? '')) return refuse(400, 21211, "Invalid 'To' Phone Number");
  if (form.has('From') === form.has('MessagingServiceSid')) return refuse(400, 21603, "A 'From' number is required");
  if ((form.get('Body') ?? '') === '') return refuse(400, 21602, 'Message body is required');
  if (form.get('Body')!.length > 1600) return refuse(400, 21617, 'The message body exceeds the 1600 character limit');
  const validity = Number(form.get('ValidityPeriod'));
  if (!(validity >= 1 && validity <= 14_400)) return refuse(400, 21626, 'ValidityPeriod is out of range');
  return { status: 201, body: JSON.stringify({ sid: 'SM1', status: 'queued' }) };
}

describe('SmsChannel', () => {
  let server: HttpStandIn;
  let channels: Channels;

  beforeEach(async () => {
    server = await HttpStandIn.start(twilio);
    open();
  });

  afterEach(async () => {
    await channels.close();
    await server.stop();
  });

  function open(part = {}) {
    const options = { accountSid: SID, authToken: TOKEN, from: '+15005550006', apiUrl: server.url, ...part };
    channels = createChannels({ twilio: options, webhookAllowList: [] }, systemClock);
  }

  const send = (part = {}) => channels.byName.sms.send(channelMessage(part), '+33612345678', AbortSignal.timeout(2000));
  const form = () => Object.fromEntries(new URLSearchParams(server.requests.at(-1)!.body));

  it('sends the short text, short-lived for alerts', async () => {
    expect(await send()).toMatchObject({ outcome: 'sent', providerId: 'SM1' });
    expect(form()).toEqual({
      To: '+33612345678',
      From: '+15005550006',
      Body: 'WARNING High CPU on data-processing: 93.5 (> 90)',
      ValidityPeriod: '600',
    });
    await send({ episodeId: undefined, shortText: 'é'.repeat(2000) });
    expect(form()).toMatchObject({ ValidityPeriod: '14400', Body: expect.stringMatching(/^é{1599}…$/) });
  });

  it('sends through a messaging service', async () => {
    await channels.close();
    open({ from: 'MG00000000000000000000000000000001' });
    expect(await send()).toMatchObject({ outcome: 'sent' });
    expect(form()).toMatchObject({ MessagingServiceSid: 'MG00000000000000000000000000000001' });
  });

  it('opens the breaker for wrong credentials, without showing them', async () => {
    await channels.close();
    open({ authToken: 'wrong-token' });
    const outcome = await send();
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'authentication', endpoint: 'open' });
    expect(JSON.stringify(outcome)).not.toContain('wrong-token');
  });

  it.each([
    [400, 21211, { outcome: 'failed', reason: 'address_rejected' }],
    [400, 21610, { outcome: 'failed', reason: 'unsubscribed' }],
    [400, 21614, { outcome: 'failed', reason: 'address_rejected' }],
    [429, 20429, { outcome: 'retry', reason: 'rate_limited' }],
    [400, 30001, { outcome: 'retry', reason: 'server_error' }],
    [400, 21606, { outcome: 'failed', reason: 'rejected' }],
    [503, 20500, { outcome: 'retry', reason: 'server_error' }],
  ])('understands %i with code %i', async (status, code, expected) => {
    server.behave = () => ({ status, body: JSON.stringify({ code, message: 'no', status }) });
    expect(await send()).toMatchObject({ ...expected, detail: `answered ${status}: Twilio ${code} no` });
  });

  it.each(['+33612345678', '+14155552671'])('takes the number %s', (number) => {
    expect(channels.byName.sms.checkAddress(number)).toBeUndefined();
  });

  it.each(['0612345678', '+0612345678', '+33 6 12', '+336123456789012345', ''])('refuses the number %j', (number) => {
    expect(channels.byName.sms.checkAddress(number)).toEqual(expect.any(String));
  });
});
