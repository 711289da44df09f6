import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelMessage } from '../../../../tests/support/channel-message.ts';
import { HttpStandIn, type ReceivedRequest, type StandInAnswer } from '../../../../tests/support/http-stand-in.ts';
import { systemClock } from '../../model/clock.ts';
import { type Channels, createChannels } from '../registry.ts';

const KEY = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';

/** Answers as PagerDuty documents it for its Events API 2. */
function pagerDuty({ path, body }: ReceivedRequest): StandInAnswer {
  const event = JSON.parse(body);
  const { payload } = event;
  const errors = [
    path !== '/v2/enqueue' && 'path',
    !/^[a-z0-9]{32}$/.test(event.routing_key) && "'routing_key' is invalid",
    !['trigger', 'acknowledge', 'resolve'].includes(event.event_action) && "'event_action' is invalid",
    !(event.dedup_key.length <= 255) && "'dedup_key' is too long",
    !(payload.summary.length >= 1 && payload.summary.length <= 1024) && "'payload.summary' is invalid",
    !['critical', 'error', 'warning', 'info'].includes(payload.severity) && "'payload.severity' is invalid",
    payload.source === '' && "'payload.source' is missing",
    body.length > 512 * 1024 && 'too large',
  ].filter((error) => error !== false);
  if (errors.length > 0)
    return {
      status: 400,
      body: JSON.stringify({ status: 'invalid event', message: 'Event object is invalid', errors }),
    };
  return { status: 202, body: JSON.stringify({ status: 'success', dedup_key: event.dedup_key }) };
}

describe('PagerDutyChannel', () => {
  let server: HttpStandIn;
  let channels: Channels;

  beforeEach(async () => {
    server = await HttpStandIn.start(pagerDuty);
    channels = createChannels(
      { pagerDuty: { routingKey: KEY, apiUrl: server.url }, webhookAllowList: [] },
      systemClock,
    );
  });

  afterEach(async () => {
    await channels.close();
    await server.stop();
  });

  const send = (part = {}, address = '') =>
    channels.byName.pagerduty.send(channelMessage(part), address, AbortSignal.timeout(2000));
  const events = () => server.requests.map(({ body }) => JSON.parse(body));

  it('triggers, and resolves what it has triggered', async () => {
    expect(await send()).toMatchObject({ outcome: 'sent', providerId: 'e1' });
    expect(await send({ good: true })).toMatchObject({ outcome: 'sent' });
    expect(events()).toMatchObject([
      {
        routing_key: KEY,
        event_action: 'trigger',
        dedup_key: 'e1',
        client_url: 'http://localhost:8013/alerts/r1',
        payload: {
          severity: 'warning',
          source: 'system-service',
          custom_details: { Value: '93.5 (> 90)', labels: { host: 'a' } },
        },
      },
      { event_action: 'resolve', dedup_key: 'e1' },
    ]);
    expect(channels.byName.pagerduty.deduplicates).toBe(true);
  });

  it('leaves details out of what would be too large', async () => {
    expect(await send({ message: 'x'.repeat(600_000), subject: 'y'.repeat(5000) })).toMatchObject({ outcome: 'sent' });
    expect(events()[0].payload.custom_details).toBeUndefined();
  });

  it('never shows a key', () => {
    expect(channels.byName.pagerduty.describe(KEY)).toBe('PagerDuty (…8f90)');
    expect(channels.byName.pagerduty.checkAddress('short')).toContain('routing key');
  });

  it('says what was refused', async () => {
    expect(await send({}, 'X'.repeat(32))).toMatchObject({
      outcome: 'failed',
      reason: 'rejected',
      detail: "answered 400: Event object is invalid, 'routing_key' is invalid",
    });
    server.behave = () => ({ status: 429 });
    expect(await send()).toMatchObject({ outcome: 'retry', reason: 'rate_limited' });
  });
});
