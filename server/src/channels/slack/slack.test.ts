import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelMessage } from '../../../../tests/support/channel-message.ts';
import { HttpStandIn, type ReceivedRequest, type StandInAnswer } from '../../../../tests/support/http-stand-in.ts';
import { systemClock } from '../../model/clock.ts';
import { type Channels, createChannels } from '../registry.ts';

// biome-ignore lint/suspicious/noExplicitAny: JSON of which the test asserts the shape
type Json = any;

/** Answers as Slack documents it for incoming webhooks, limits of Block Kit included. */
function slack({ headers, body }: ReceivedRequest): StandInAnswer {
  const refuse = (word: string): StandInAnswer => ({ status: 400, body: word });
  if (!headers['content-type']?.startsWith('application/json')) return refuse('invalid_payload');
  const payload: Json = JSON.parse(body);
  if (typeof payload.text !== 'string' || payload.text === '') return refuse('no_text');
  const blocks: Json[] = payload.attachments.flatMap((attachment: Json) => attachment.blocks);
  const ok = blocks.length <= 50 && body.length <= 13_000 && blocks.every(isValidBlock);
  return ok ? { status: 200, body: 'ok' } : refuse('invalid_blocks');
}

function isText(text: Json, type: string, limit: number): boolean {
  return text?.type === type && text.text.length >= 1 && text.text.length <= limit;
}

function isValidBlock(block: Json): boolean {
  switch (block.type) {
    case 'header':
      return isText(block.text, 'plain_text', 150);
    case 'section':
      if (block.text) return isText(block.text, 'mrkdwn', 3000);
      return block.fields.length <= 10 && block.fields.every((field: Json) => isText(field, 'mrkdwn', 2000));
    case 'actions':
      return (
        block.elements.length <= 25 &&
        block.elements.every((button: Json) => isText(button.text, 'plain_text', 75) && button.url.length <= 3000)
      );
    default:
      return false;
  }
}

describe('SlackChannel', () => {
  let server: HttpStandIn;
  let channels: Channels;

  beforeEach(async () => {
    server = await HttpStandIn.start(slack);
    const slackWebhookUrl = `${server.url}/services/T0/B0/secret`;
    channels = createChannels({ slackWebhookUrl, webhookAllowList: [] }, systemClock);
  });

  afterEach(async () => {
    await channels.close();
    await server.stop();
  });

  const send = (part = {}) => channels.byName.slack.send(channelMessage(part), '', AbortSignal.timeout(2000));
  const payload = (): Json => JSON.parse(server.requests.at(-1)!.body);

  it('posts blocks in the colour of the severity, with a text for screen readers', async () => {
    expect(await send()).toEqual({ outcome: 'sent', detail: 'answered 200' });
    expect(payload()).toEqual({
      text: '[warning] High CPU on data-processing',
      attachments: [
        {
          color: '#d97706',
          blocks: [
            { type: 'header', text: { type: 'plain_text', text: '[warning] High CPU on data-processing' } },
            { type: 'section', text: { type: 'mrkdwn', text: 'CPU usage above 90%' } },
            { type: 'section', fields: [{ type: 'mrkdwn', text: '*Value*\n93.5 (&gt; 90)' }] },
            {
              type: 'actions',
              elements: [
                {
                  type: 'button',
                  text: { type: 'plain_text', text: 'Open the alert' },
                  url: 'http://localhost:8013/alerts/r1',
                },
              ],
            },
          ],
        },
      ],
    });
    await send({ good: true });
    expect(payload().attachments[0].color).toBe('#16a34a');
  });

  it('lets no label call everybody', async () => {
    const evil = '<!channel> & <https://evil.example|click>';
    await send({ message: evil, subject: evil, facts: [{ name: evil, value: evil }] });
    const { text, attachments } = payload();
    const marked = [text, attachments[0].blocks[1].text.text, attachments[0].blocks[2].fields[0].text];
    for (const part of marked) expect(part).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;');
  });

  it.each([
    ['a long message', { message: 'x'.repeat(32_000) }],
    ['a message that grows by escaping', { message: '<&>'.repeat(10_000), subject: '&'.repeat(500) }],
    ['many facts', { facts: Array.from({ length: 40 }, (_, n) => ({ name: `n${n}`, value: '&'.repeat(1000) })) }],
    [
      'many links',
      { links: Array.from({ length: 40 }, (_, n) => ({ label: 'l'.repeat(200), url: `https://e.org/${n}` })) },
    ],
    ['a link that is too long', { links: [{ label: 'l', url: `https://e.org/${'x'.repeat(4000)}` }] }],
    ['no words at all', { message: '', facts: [], links: [] }],
  ])('stays within the limits: %s', async (_name, part) => {
    expect(await send(part)).toMatchObject({ outcome: 'sent' });
  });

  it.each([
    [
      { status: 429, headers: { 'retry-after': '30' } },
      { outcome: 'retry', reason: 'rate_limited', retryAfterMs: 30_000 },
    ],
    [
      { status: 400, body: 'invalid_blocks' },
      { outcome: 'failed', reason: 'rejected', detail: 'answered 400: invalid_blocks' },
    ],
    [
      { status: 403, body: 'action_prohibited' },
      { outcome: 'failed', reason: 'authentication' },
    ],
    [
      { status: 404, body: 'no_service' },
      { outcome: 'failed', reason: 'endpoint_gone' },
    ],
    [
      { status: 410, body: 'channel_is_archived' },
      { outcome: 'failed', reason: 'endpoint_gone', detail: 'answered 410: channel_is_archived' },
    ],
    [
      { status: 500, body: '<html>' },
      { outcome: 'retry', reason: 'server_error', detail: 'answered 500' },
    ],
  ])('understands %j', async (answer, expected) => {
    server.behave = () => answer;
    expect(await send()).toMatchObject(expected);
  });

  it('never shows its URL', async () => {
    expect(channels.byName.slack.describe('')).toBe(`${server.url}/…`);
  });
});
