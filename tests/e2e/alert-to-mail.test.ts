import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { startTestService, type TestService } from '../support/service.ts';

const KILLS = 5;
const dataDir = mkdtempSync(join(tmpdir(), 'system-service-alert-'));
let mail: MailServer;
let service: TestService;
let api: ReturnType<typeof apiOf>;

async function start(): Promise<void> {
  const env = {
    SMTP_URL: mail.url,
    SMTP_FROM: 'alerts@example.org',
    ALERT_EMAIL_TO: 'ops@example.org',
    ALERT_USERS: 'ann',
  };
  service = await startTestService({ dataDir, env });
  api = apiOf(service.url);
}

beforeAll(async () => {
  mail = await startMailServer();
  await start();
});
afterAll(async () => {
  await service?.stop();
  await mail?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const setQueueLength = (value: number) =>
  api.post('/api/monitoring/metrics', { name: 'queue_length', value, labels: { service: 'simulation' } });
const mailsAbout = (text: RegExp) => mail.mails.filter(({ subject }) => text.test(subject ?? ''));

describe('an alert, from the data to the mailbox', () => {
  it('fires, is mailed and shown live; fires on over five kill -9; resolves once', async () => {
    const frames: { subject: string; alert_id: string }[] = [];
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}/api/notifications/ws/ann`);
    socket.onmessage = (event) => frames.push(JSON.parse(event.data));

    await setQueueLength(12);
    const created = await api.post('/api/alerts', {
      name: 'Queue too long',
      severity: 'critical',
      service: 'simulation',
      metric: 'queue_length',
      threshold: 10,
      interval: '1s',
      annotations: { summary: 'The queue of {{ labels.service }} holds {{ value }}' },
    });
    expect(created.status).toBe(201);

    const firing = await eventually(async () => {
      await setQueueLength(12);
      const { body } = await api.get(`/api/alerts/${created.body.id}`);
      expect(body.state).toBe('firing');
      return body;
    });
    expect(firing.instances[0]).toMatchObject({ state: 'firing', value: 12 });
    await eventually(() => expect(mailsAbout(/Queue too long/)).toHaveLength(1));
    expect(mail.mails[0]!.text).toContain('The queue of simulation holds 12');
    await eventually(() => expect(frames.map((frame) => frame.alert_id)).toContain(created.body.id));
    const before = (await api.get(`/api/alerts/history?alert_id=${created.body.id}`)).body.items;
    expect(before).toHaveLength(1);

    for (let round = 1; round <= KILLS; round++) {
      await service.kill();
      await start();
      await eventually(async () => {
        await setQueueLength(12 + round);
        const { body } = await api.get(`/api/alerts/${created.body.id}`);
        expect(body.instances[0]).toMatchObject({ state: 'firing', value: 12 + round });
      });
      const after = (await api.get(`/api/alerts/history?alert_id=${created.body.id}`)).body.items;
      expect(after.map((episode: { id: string }) => episode.id)).toEqual([before[0].id]);
    }
    expect(mailsAbout(/Queue too long/)).toHaveLength(1);

    await eventually(async () => {
      await setQueueLength(3);
      const { body } = await api.get(`/api/alerts/history?alert_id=${created.body.id}`);
      expect(body.items[0]).toMatchObject({ id: before[0].id, state: 'resolved', peak_value: 12 + KILLS });
    });
    await eventually(() => expect(mailsAbout(/Queue too long/)).toHaveLength(2));
    const [first, second] = mailsAbout(/Queue too long/);
    expect(second!.text).toMatch(/resolved/i);
    expect([second!.references].flat()).toContain(first!.messageId);
    const [episode] = (await api.get(`/api/alerts/history?alert_id=${created.body.id}`)).body.items;
    expect(episode.notifications).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ channel: 'email', recipient: 'ops@example.org', status: 'sent' }),
      ]),
    );
    expect(episode.timeline.length).toBeGreaterThanOrEqual(2);
  });
});
