import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelMessage } from '../../../../tests/support/channel-message.ts';
import { HttpStandIn } from '../../../../tests/support/http-stand-in.ts';
import { systemClock } from '../../model/clock.ts';
import { type Channels, createChannels } from '../registry.ts';
import { parseSecrets } from './sign.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const NEXT_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

describe('WebhookChannel', () => {
  let server: HttpStandIn;
  let channels: Channels;

  beforeEach(async () => {
    server = await HttpStandIn.start();
    open(`${SECRET} ${NEXT_SECRET}`);
  });

  afterEach(async () => {
    await channels.close();
    await server.stop();
  });

  function open(secret: string | undefined) {
    const webhook = { url: `${server.url}/hook?token=hidden`, secret };
    channels = createChannels({ webhook, webhookAllowList: [] }, systemClock);
  }

  const send = (part = {}, address = '') =>
    channels.byName.webhook.send(channelMessage(part), address, AbortSignal.timeout(2000));

  it('is accepted by the reference library, with either secret of a rotation', async () => {
    expect(await send()).toMatchObject({ outcome: 'sent', detail: 'answered 200' });
    const [{ headers, body, path }] = server.requests as [(typeof server.requests)[number]];
    expect(path).toBe('/hook?token=hidden');
    for (const secret of [SECRET, NEXT_SECRET]) {
      const payload = new Webhook(secret).verify(body, headers as Record<string, string>);
      expect(payload).toMatchObject({
        type: 'alert.firing',
        timestamp: '2026-01-05T12:00:00.000Z',
        data: {
          severity: 'warning',
          subject: '[warning] High CPU on data-processing',
          alert_id: 'r1',
          episode_id: 'e1',
          facts: { Value: '93.5 (> 90)' },
          data: { labels: { host: 'a' } },
          metadata: { team: 'core' },
        },
      });
    }
    const forged = { ...(headers as Record<string, string>), 'webhook-id': 'other' };
    expect(() => new Webhook(SECRET).verify(body, forged)).toThrow();
    expect(headers['webhook-id']).toBe(channelMessage().deliveryId);
  });

  it('does not sign for an address that a caller chose', async () => {
    const other = await HttpStandIn.start();
    await channels.close();
    const webhook = { url: server.url, secret: SECRET };
    channels = createChannels({ webhook, webhookAllowList: [`127.0.0.1:${other.port}`] }, systemClock);
    expect(await send({}, other.url)).toMatchObject({ outcome: 'sent' });
    expect(other.requests[0]!.headers).not.toHaveProperty('webhook-signature');
    expect(other.requests[0]!.headers).toHaveProperty('webhook-id');
    await other.stop();
  });

  it('refuses addresses inside that nobody has opened', async () => {
    const outcome = await send({}, 'http://169.254.169.254/latest/meta-data');
    expect(outcome).toMatchObject({ outcome: 'failed', reason: 'forbidden_address' });
    const other = await HttpStandIn.start();
    expect(await send({}, other.url)).toMatchObject({ outcome: 'failed', reason: 'forbidden_address' });
    expect(other.requests).toEqual([]);
    await other.stop();
  });

  it('stays below 20 kB, whatever there is to say', async () => {
    for (const part of [
      { data: { log: 'é'.repeat(30_000) } },
      { message: 'é'.repeat(32_000) },
      { metadata: { a: 'x'.repeat(32_000) }, facts: [{ name: 'n', value: 'v'.repeat(30_000) }] },
    ]) {
      await send(part);
      const { body } = server.requests.at(-1)!;
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(20_000);
      expect(JSON.parse(body).data).toMatchObject({ truncated: true, alert_id: 'r1' });
    }
  });

  it('never shows the secret parts of its URL', async () => {
    const { webhook } = channels.byName;
    expect(webhook.describe('')).toBe(`${server.url}/…`);
    expect(webhook.describe('https://u:p@example.org/a?b=c')).toBe('https://example.org/…');
    await server.stop();
    expect(JSON.stringify(await send())).not.toMatch(/hidden|hook/);
    server = await HttpStandIn.start();
  });
});

describe('parseSecrets', () => {
  it.each(['secret', 'whsec_', 'whsec_YWJj', 'whsec_not base64 at all!'])('refuses %j', (secret) => {
    expect(() => parseSecrets(secret)).toThrow(/whsec_/);
  });
});
