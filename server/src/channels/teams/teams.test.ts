import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelMessage } from '../../../../tests/support/channel-message.ts';
import { HttpStandIn, type ReceivedRequest, type StandInAnswer } from '../../../../tests/support/http-stand-in.ts';
import { systemClock } from '../../model/clock.ts';
import { type Channels, createChannels } from '../registry.ts';

// biome-ignore lint/suspicious/noExplicitAny: JSON of which the test asserts the shape
type Json = any;

/** A workflow's webhook: takes one Adaptive Card of at most 28 KB, answers 202. */
function workflow({ path, body }: ReceivedRequest): StandInAnswer {
  if (!path.endsWith('&sig=secret')) return { status: 401 };
  if (Buffer.byteLength(body) > 28 * 1024) return { status: 413 };
  const payload: Json = JSON.parse(body);
  const [attachment] = payload.attachments;
  const card = attachment.content;
  const ok =
    payload.type === 'message' &&
    payload.attachments.length === 1 &&
    attachment.contentType === 'application/vnd.microsoft.card.adaptive' &&
    attachment.contentUrl === null &&
    card.type === 'AdaptiveCard' &&
    card.version === '1.4' &&
    card.body.every((element: Json) => ['TextBlock', 'FactSet'].includes(element.type)) &&
    (card.actions ?? []).every((action: Json) => action.type === 'Action.OpenUrl' && /^https?:/.test(action.url));
  return { status: ok ? 202 : 400 };
}

describe('TeamsChannel', () => {
  let server: HttpStandIn;
  let channels: Channels;

  beforeEach(async () => {
    server = await HttpStandIn.start(workflow);
    const teamsWebhookUrl = `${server.url}/workflows/1/triggers/manual/paths/invoke?api-version=2016-06-01&sig=secret`;
    channels = createChannels({ teamsWebhookUrl, webhookAllowList: [] }, systemClock);
  });

  afterEach(async () => {
    await channels.close();
    await server.stop();
  });

  const send = (part = {}) => channels.byName.teams.send(channelMessage(part), '', AbortSignal.timeout(2000));
  const card = (): Json => JSON.parse(server.requests.at(-1)!.body).attachments[0].content;

  it('posts a card with its facts and a link', async () => {
    // Accepted by the workflow: whether it posts is not known.
    expect(await send()).toEqual({ outcome: 'sent', detail: 'answered 202' });
    expect(card()).toMatchObject({
      body: [
        { type: 'TextBlock', text: '\\[warning\\] High CPU on data-processing', color: 'Warning', style: 'heading' },
        { type: 'TextBlock', text: 'CPU usage above 90%', wrap: true },
        { type: 'FactSet', facts: [{ title: 'Value', value: '93.5 \\(> 90\\)' }] },
      ],
      actions: [{ type: 'Action.OpenUrl', title: 'Open the alert', url: 'http://localhost:8013/alerts/r1' }],
    });
    await send({ good: true });
    expect(card().body[0].color).toBe('Good');
  });

  it('shows what looks like a link as text', async () => {
    await send({ message: '[click](https://evil.example) **now**' });
    expect(card().body[1].text).toBe('\\[click\\]\\(https://evil.example\\) \\*\\*now\\*\\*');
  });

  it.each([
    ['a long message', { message: 'é'.repeat(32_000) }],
    ['a message that grows by escaping', { message: '*'.repeat(32_000) }],
    ['many facts', { facts: Array.from({ length: 60 }, (_, n) => ({ name: `n${n}`, value: '*'.repeat(1000) })) }],
  ])('stays within the limit: %s', async (_name, part) => {
    expect(await send(part)).toMatchObject({ outcome: 'sent' });
  });

  it('says what to do where the workflow is gone', async () => {
    server.behave = () => ({ status: 404 });
    expect(await send()).toMatchObject({
      outcome: 'failed',
      reason: 'endpoint_gone',
      detail: expect.stringContaining('make it again in Teams'),
    });
    server.behave = () => ({ status: 429, headers: { 'retry-after': '5' } });
    expect(await send()).toMatchObject({ outcome: 'retry', reason: 'rate_limited', retryAfterMs: 5000 });
  });

  it('never shows its URL', () => {
    expect(channels.byName.teams.describe('')).toBe(`${server.url}/…`);
  });
});
