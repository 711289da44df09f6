import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelMessage } from '../../../../tests/support/channel-message.ts';
import { HttpStandIn, type ReceivedRequest, type StandInAnswer } from '../../../../tests/support/http-stand-in.ts';
import { systemClock } from '../../model/clock.ts';
import { type Channels, createChannels } from '../registry.ts';

// biome-ignore lint/suspicious/noExplicitAny: JSON of which the test asserts the shape
type Json = any;

/** Answers as Discord documents it, the limits of embeds included. */
function discord({ headers, body }: ReceivedRequest): StandInAnswer {
  if (!headers['content-type']?.startsWith('application/json')) return { status: 400, body: '{"code":50109}' };
  const { embeds, content = '' } = JSON.parse(body);
  const texts: string[] = [content];
  const isRight =
    embeds.length <= 10 &&
    embeds.every(({ title, description, fields = [], color, timestamp, url = '' }: Json) => {
      texts.push(title, description, ...fields.flatMap(({ name, value }: Json) => [name, value]));
      return (
        [...title].length <= 256 &&
        [...description].length <= 4096 &&
        fields.length <= 25 &&
        fields.every(
          ({ name, value }: Json) =>
            name.length >= 1 && name.length <= 256 && value.length >= 1 && value.length <= 1024,
        ) &&
        Number.isInteger(color) &&
        !Number.isNaN(Date.parse(timestamp)) &&
        url.length <= 2000
      );
    }) &&
    texts.join('').length <= 6000;
  return isRight ? { status: 204 } : { status: 400, body: '{"message":"Invalid Form Body","code":50035}' };
}

describe('DiscordChannel', () => {
  let server: HttpStandIn;
  let channels: Channels;

  beforeEach(async () => {
    server = await HttpStandIn.start(discord);
    const discordWebhookUrl = `${server.url}/api/webhooks/1/secret`;
    channels = createChannels({ discordWebhookUrl, webhookAllowList: [] }, systemClock);
  });

  afterEach(async () => {
    await channels.close();
    await server.stop();
  });

  const send = (part = {}) => channels.byName.discord.send(channelMessage(part), '', AbortSignal.timeout(2000));
  const payload = () => JSON.parse(server.requests.at(-1)!.body);

  it('posts an embed in the colour of the severity, which calls nobody', async () => {
    expect(await send({ message: '@everyone *CPU*' })).toMatchObject({ outcome: 'sent' });
    expect(payload()).toEqual({
      embeds: [
        {
          title: '[warning] High CPU on data-processing',
          description: '@everyone \\*CPU\\*\n\n[Open the alert](http://localhost:8013/alerts/r1)',
          url: 'http://localhost:8013/alerts/r1',
          color: 0xd97706,
          timestamp: '2026-01-05T12:00:00.000Z',
          fields: [{ name: 'Value', value: '93.5 \\(\\> 90\\)', inline: true }],
        },
      ],
      allowed_mentions: { parse: [] },
    });
    await send({ good: true });
    expect(payload().embeds[0].color).toBe(0x16a34a);
  });

  it.each([
    ['a long message', { message: 'x'.repeat(20_000) }],
    ['one that grows by escaping', { message: '*'.repeat(6000), subject: '*'.repeat(500) }],
    ['many facts', { facts: Array.from({ length: 60 }, () => ({ name: 'n'.repeat(300), value: '#'.repeat(2000) })) }],
    ['empty facts', { facts: [{ name: '', value: '' }] }],
    ['long links', { links: [{ label: 'l'.repeat(400), url: `https://e.org/${'x'.repeat(3000)}` }] }],
    ['no words at all', { message: '', facts: [], links: [], subject: '' }],
  ])('stays within the limits: %s', async (_name, part) => {
    expect(await send(part)).toMatchObject({ outcome: 'sent' });
  });

  it.each([
    [
      { status: 429, body: '{"message":"You are being rate limited.","retry_after":1.337,"global":false}' },
      { outcome: 'retry', reason: 'rate_limited', retryAfterMs: 1337 },
    ],
    [
      { status: 400, body: '{"message":"Invalid Form Body"}' },
      { outcome: 'failed', detail: 'answered 400: Invalid Form Body' },
    ],
    [
      { status: 404, body: '{"message":"Unknown Webhook"}' },
      { outcome: 'failed', reason: 'endpoint_gone' },
    ],
    [
      { status: 502, body: '<html>' },
      { outcome: 'retry', reason: 'server_error' },
    ],
  ])('understands %j', async (answer, expected) => {
    server.behave = () => answer;
    expect(await send()).toMatchObject(expected);
  });
});
