import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelMessage } from '../../../../tests/support/channel-message.ts';
import { HttpStandIn, type ReceivedRequest, type StandInAnswer } from '../../../../tests/support/http-stand-in.ts';
import { systemClock } from '../../model/clock.ts';
import { type Channels, createChannels } from '../registry.ts';

/** Answers as Telegram documents it: known tags, closed in order, at most 4096 characters. */
function telegram({ path, body }: ReceivedRequest): StandInAnswer {
  const refuse = (status: number, description: string) => ({
    status,
    body: JSON.stringify({ ok: false, description }),
  });
  if (path !== '/bot123:abc/sendMessage') return refuse(404, 'Not Found');
  const { chat_id: chat, text, parse_mode: mode } = JSON.parse(body);
  if (chat === '-404') return refuse(400, 'Bad Request: chat not found');
  if (mode !== 'HTML' || text === '' || [...text].length > 4096) return refuse(400, 'Bad Request: message is too long');
  const tags = text.replace(/<(b)>([^<>]*)<\/\1>|<a href="[^"<>]*">([^<>]*)<\/a>/g, '$2$3');
  if (/[<>]/.test(tags) || /&(?!#\d+;|amp;|lt;|gt;|quot;)/.test(text))
    return refuse(400, "Bad Request: can't parse entities");
  return { status: 200, body: JSON.stringify({ ok: true, result: { message_id: 77 } }) };
}

describe('TelegramChannel', () => {
  let server: HttpStandIn;
  let channels: Channels;

  beforeEach(async () => {
    server = await HttpStandIn.start(telegram);
    const options = { token: '123:abc', chatId: '-1001', apiUrl: server.url };
    channels = createChannels({ telegram: options, webhookAllowList: [] }, systemClock);
  });

  afterEach(async () => {
    await channels.close();
    await server.stop();
  });

  const send = (part = {}, address = '') =>
    channels.byName.telegram.send(channelMessage(part), address, AbortSignal.timeout(2000));
  const payload = () => JSON.parse(server.requests.at(-1)!.body);

  it('writes to the chat, in HTML', async () => {
    expect(await send({ message: 'a < b & c' })).toMatchObject({ outcome: 'sent', providerId: '77' });
    expect(payload()).toEqual({
      chat_id: '-1001',
      text: '🟡 <b>[warning] High CPU on data-processing</b>\n\na &#60; b &#38; c\n\n<b>Value</b>: 93.5 (&#62; 90)\n\n<a href="http://localhost:8013/alerts/r1">Open the alert</a>',
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    });
  });

  it('writes to a topic of a chat, and with a bot that an address brings', async () => {
    await send({}, '@alerts_team:5');
    expect(payload()).toMatchObject({ chat_id: '@alerts_team', message_thread_id: 5 });
    await send({}, `${server.url}/bot123:abc/sendMessage?chat_id=-7&message_thread_id=3`);
    expect(payload()).toMatchObject({ chat_id: '-7', message_thread_id: 3 });
    const { telegram } = channels.byName;
    expect(telegram.describe(`${server.url}/bot123:abc/sendMessage?chat_id=-7`)).toBe('-7');
    expect(telegram.checkAddress('hello')).toContain('is not a chat');
    expect(telegram.checkAddress('-100123')).toBeUndefined();
  });

  it.each([
    ['a long message', { message: 'x'.repeat(20_000) }],
    ['one that grows by escaping', { message: '<&>'.repeat(4000), subject: '<'.repeat(500) }],
    ['many facts', { facts: Array.from({ length: 60 }, () => ({ name: '&'.repeat(300), value: '<'.repeat(2000) })) }],
    ['no words at all', { message: '', facts: [], links: [], subject: '' }],
  ])('stays within the limits: %s', async (_name, part) => {
    expect(await send(part)).toMatchObject({ outcome: 'sent' });
  });

  it.each([
    [
      { status: 429, body: '{"ok":false,"parameters":{"retry_after":14}}' },
      { outcome: 'retry', retryAfterMs: 14_000 },
    ],
    [
      { status: 403, body: '{"ok":false,"description":"Forbidden: bot was kicked"}' },
      { outcome: 'failed', reason: 'address_rejected' },
    ],
    [
      { status: 401, body: '{"ok":false,"description":"Unauthorized"}' },
      { outcome: 'failed', reason: 'authentication' },
    ],
    [
      { status: 500, body: '' },
      { outcome: 'retry', reason: 'server_error' },
    ],
  ])('understands %j', async (answer, expected) => {
    server.behave = () => answer;
    expect(await send()).toMatchObject(expected);
  });

  it('knows a chat that is not there', async () => {
    expect(await send({}, '-404')).toMatchObject({ outcome: 'failed', reason: 'address_rejected' });
  });
});
