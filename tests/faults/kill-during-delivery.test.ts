import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { faultRounds } from '../support/fault-rounds.ts';
import { HttpStandIn } from '../support/http-stand-in.ts';
import { startTestService } from '../support/service.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'system-service-kill-delivery-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const ROUNDS = faultRounds(3);
const NOTIFICATIONS = 20 * ROUNDS;
const TARGETS = 3;

describe('kill -9 during delivery', () => {
  it(`loses no notification and keeps each target's order, ${ROUNDS} times`, async () => {
    /** The receiver knows a repetition by its id, as Standard Webhooks asks of it. */
    const received = new Map<string, { target: string; message: string }>();
    const receiver = await HttpStandIn.start(({ path, headers, body }) => {
      const id = String(headers['webhook-id']);
      // What comes late says so behind its text.
      const [message = ''] = (JSON.parse(body).data.message as string).split('\n', 1);
      if (!received.has(id)) received.set(id, { target: path, message });
      // Every fifth request finds the receiver in trouble, after it has kept the message.
      return receiver.requests.length % 5 === 0 ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 };
    });
    const env = { WEBHOOK_ALLOW: `127.0.0.1:${receiver.port}` };
    const accepted = new Set<string>();
    let sent = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const service = await startTestService({ dataDir, env });
      const arrivedBefore = received.size;
      for (; sent < ((round + 1) * NOTIFICATIONS) / ROUNDS; sent++) {
        const answer = await apiOf(service.url).post('/api/notifications/notify', {
          type: 'report',
          message: String(sent),
          channel: 'webhook',
          to: `${receiver.url}/${sent % TARGETS}`,
        });
        expect(answer.status).toBe(202);
        accepted.add(answer.body.deliveries[0].id);
      }
      await eventually(() => expect(received.size).toBeGreaterThan(arrivedBefore), 30_000, 1);
      await service.kill();
    }
    const service = await startTestService({ dataDir, env });
    await eventually(() => expect(received.size).toBe(NOTIFICATIONS), 60_000);
    expect(new Set(received.keys())).toEqual(accepted);
    for (let target = 0; target < TARGETS; target++) {
      const messages = [...received.values()].filter((entry) => entry.target === `/${target}`);
      const expected = Array.from({ length: NOTIFICATIONS }, (_, index) => index).filter((n) => n % TARGETS === target);
      expect(messages.map(({ message }) => message)).toEqual(expected.map(String));
    }
    await eventually(async () => {
      const { body } = await apiOf(service.url).get('/api/notifications?status=sent&limit=1000');
      expect(body.items).toHaveLength(NOTIFICATIONS);
    }, 60_000);
    await service.stop();
    await receiver.stop();
  });
});
