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

/** A stand-in for Slack's Web API that checks what it documents, and keeps its messages. */
class SlackApi {
  readonly messages = new Map<string, Json>();
  readonly #calls: string[] = [];
  refuse: string | undefined;

  get calls(): string[] {
    return this.#calls.splice(0);
  }

  answer({ method, path, headers, body }: ReceivedRequest): StandInAnswer {
    const say = (answer: object): StandInAnswer => ({ status: 200, body: JSON.stringify(answer) });
    const call = path.slice('/api/'.length);
    this.#calls.push(call);
    if (method !== 'POST' || !headers['content-type']?.startsWith('application/json')) {
      return say({ ok: false, error: 'invalid_post_type' });
    }
    if (headers.authorization !== 'Bearer xoxb-hidden') return say({ ok: false, error: 'invalid_auth' });
    if (this.refuse !== undefined) return say({ ok: false, error: this.refuse });
    const payload: Json = JSON.parse(body);
    const blocks: Json[] = payload.attachments.flatMap((attachment: Json) => attachment.blocks);
    if (!blocks.every(isValidBlock) || body.length > 13_000) return say({ ok: false, error: 'invalid_blocks' });
    if (call === 'chat.update') {
      // It knows channels by their ids alone.
      if (payload.channel !== 'C1') return say({ ok: false, error: 'channel_not_found' });
      if (!this.messages.has(payload.ts)) return say({ ok: false, error: 'message_not_found' });
      this.messages.set(payload.ts, { ...this.messages.get(payload.ts), ...payload });
      return say({ ok: true, channel: 'C1', ts: payload.ts });
    }
    if (!['#alerts', 'C1'].includes(payload.channel)) return say({ ok: false, error: 'channel_not_found' });
    const ts = `1700000000.00000${this.messages.size}`;
    this.messages.set(ts, payload);
    return say({ ok: true, channel: 'C1', ts });
  }
}

describe('SlackChannel with a bot', () => {
  let api: SlackApi;
  let server: HttpStandIn;
  let channels: Channels;

  beforeEach(async () => {
    api = new SlackApi();
    server = await HttpStandIn.start((request) => api.answer(request));
    const slackBot = { token: 'xoxb-hidden', channel: '#alerts', apiUrl: `${server.url}/api` };
    channels = createChannels({ slackBot, webhookAllowList: [] }, systemClock);
  });

  afterEach(async () => {
    await channels.close();
    await server.stop();
  });

  const send = (part = {}, address = '') =>
    channels.byName.slack.send(channelMessage(part), address, AbortSignal.timeout(2000));

  it('makes an episode a thread, and turns its first message green at the end', async () => {
    const first = await send();
    expect(first).toEqual({ outcome: 'sent', detail: 'answered 200', providerId: 'C1/1700000000.000000' });
    expect(api.calls).toEqual(['chat.postMessage']);
    const threadRoot = 'C1/1700000000.000000';
    await send({ startsThread: false, threadRoot, severity: 'critical' });
    expect(api.calls).toEqual(['chat.postMessage']);
    const resolved = { startsThread: false, threadRoot, good: true, subject: 'Resolved: High CPU' };
    expect(await send(resolved)).toMatchObject({ outcome: 'sent' });
    expect(api.calls).toEqual(['chat.update', 'chat.postMessage']);
    const [root, ...replies] = [...api.messages.values()];
    expect(root).toMatchObject({ text: 'Resolved: High CPU', attachments: [{ color: '#16a34a' }] });
    expect(replies.map((reply) => reply.thread_ts)).toEqual(['1700000000.000000', '1700000000.000000']);
  });

  it('tells the end all the same where the first message is gone', async () => {
    const outcome = await send({ startsThread: false, threadRoot: 'C1/1.0', good: true });
    expect(outcome).toMatchObject({ outcome: 'sent' });
    expect(api.messages.size).toBe(1);
  });

  it.each([
    ['ratelimited', { outcome: 'retry', reason: 'rate_limited', endpoint: 'none' }],
    ['token_revoked', { outcome: 'retry', reason: 'authentication', endpoint: 'open' }],
    ['internal_error', { outcome: 'retry', reason: 'server_error' }],
    ['not_in_channel', { outcome: 'failed', reason: 'address_rejected', detail: expect.stringMatching(/invite/) }],
    ['msg_too_long', { outcome: 'failed', reason: 'too_large' }],
    ['invalid_blocks', { outcome: 'failed', reason: 'rejected' }],
  ])('understands %s', async (word, expected) => {
    api.refuse = word;
    expect(await send()).toMatchObject(expected);
    // What is too large is tried once more, shortened; the rest is left to the outbox.
    expect(api.calls).toHaveLength(word === 'msg_too_long' ? 2 : 1);
  });

  it('waits as long as it is told, and shows no token', async () => {
    server.behave = () => ({
      status: 429,
      headers: { 'retry-after': '7' },
      body: '{"ok":false,"error":"ratelimited"}',
    });
    const outcome = await send();
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'rate_limited', retryAfterMs: 7000 });
    const { slack } = channels.byName;
    expect(JSON.stringify([outcome, slack.describe(''), slack.endpoint('')])).not.toContain('hidden');
    expect(slack.describe('')).toBe('#alerts');
    expect([slack.checkAddress('#ops'), slack.checkAddress('C012AB')]).toEqual([undefined, undefined]);
    expect(slack.checkAddress('no channel')).toMatch(/neither/);
  });
});
