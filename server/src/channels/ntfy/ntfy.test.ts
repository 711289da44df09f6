import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelMessage } from '../../../../tests/support/channel-message.ts';
import { HttpStandIn, type ReceivedRequest, type StandInAnswer } from '../../../../tests/support/http-stand-in.ts';
import { systemClock } from '../../model/clock.ts';
import { type Channels, createChannels } from '../registry.ts';

/** Answers as ntfy documents it for messages as JSON at its root. */
function ntfy({ path, body }: ReceivedRequest): StandInAnswer {
  const { topic, message, title, priority, actions = [] } = JSON.parse(body);
  const isRight =
    path === '/' &&
    /^[A-Za-z0-9_-]{1,64}$/.test(topic) &&
    Buffer.byteLength(message) <= 4096 &&
    title.length <= 250 &&
    priority >= 1 &&
    priority <= 5 &&
    actions.length <= 3;
  return isRight ? { status: 200, body: '{"id":"x"}' } : { status: 400, body: '{"code":40007}' };
}

describe('NtfyChannel', () => {
  let server: HttpStandIn;
  let other: HttpStandIn;
  let channels: Channels;

  beforeEach(async () => {
    [server, other] = [await HttpStandIn.start(ntfy), await HttpStandIn.start(ntfy)];
    const options = { url: `${server.url}/alerts`, token: 'tk_secret' };
    channels = createChannels({ ntfy: options, webhookAllowList: [new URL(other.url).host] }, systemClock);
  });

  afterEach(async () => {
    await channels.close();
    await Promise.all([server.stop(), other.stop()]);
  });

  const send = (part = {}, address = '') =>
    channels.byName.ntfy.send(channelMessage(part), address, AbortSignal.timeout(2000));

  it('publishes to the topic with priority, tags and actions', async () => {
    expect(await send({ severity: 'critical' })).toMatchObject({ outcome: 'sent' });
    const { headers, body } = server.requests[0]!;
    expect(headers.authorization).toBe('Bearer tk_secret');
    expect(JSON.parse(body)).toEqual({
      topic: 'alerts',
      title: '[warning] High CPU on data-processing',
      message: 'CPU usage above 90%\n\nValue: 93.5 (> 90)',
      priority: 5,
      tags: ['rotating_light'],
      click: 'http://localhost:8013/alerts/r1',
      actions: [{ action: 'view', label: 'Open the alert', url: 'http://localhost:8013/alerts/r1' }],
    });
  });

  it('gives its token to nobody else', async () => {
    await send({}, `${other.url}/mine`);
    expect(other.requests[0]!.headers.authorization).toBeUndefined();
    expect(JSON.parse(other.requests[0]!.body)).toMatchObject({ topic: 'mine' });
    expect(channels.byName.ntfy.checkAddress('https://ntfy.sh')).toContain('is not the URL of a topic');
  });

  it('stays within the limits', async () => {
    const links = Array.from({ length: 9 }, (_, n) => ({ label: 'l'.repeat(100), url: `https://e.org/${n}` }));
    expect(await send({ message: 'ä'.repeat(9000), subject: 's'.repeat(900), links })).toMatchObject({
      outcome: 'sent',
    });
  });

  it('waits as long as it is told', async () => {
    server.behave = () => ({ status: 429, headers: { 'retry-after': '5' } });
    expect(await send()).toMatchObject({ outcome: 'retry', reason: 'rate_limited', retryAfterMs: 5000 });
  });
});
