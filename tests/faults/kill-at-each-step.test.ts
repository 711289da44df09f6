import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DELIVERY_STEPS } from '../../server/src/notifications/delivery-step.ts';
import { DeliveryRun } from '../support/delivery-run.ts';
import { HttpStandIn } from '../support/http-stand-in.ts';
import { ScriptedMailServer } from '../support/scripted-mail-server.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5, 12);

const alert = (message: string, addresses: object[], part = {}) => ({
  ...{ type: 'alert.firing', severity: 'critical', critical: true, message, subject: message, data: {} },
  ...{ users: ['ann'], addresses, defaultRecipients: false, ...part },
});

describe('kill -9', () => {
  let folder: string;
  let hook: HttpStandIn;
  let mail: ScriptedMailServer;
  let mailPort: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'system-service-steps-'));
    hook = await HttpStandIn.start();
    mail = await ScriptedMailServer.start();
    mailPort = mail.port;
  });

  afterEach(async () => {
    await hook.stop();
    await mail.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (now: number) =>
    DeliveryRun.start({
      ...{ path: join(folder, 'control.db'), now },
      settings: {
        smtp: { url: `smtp://127.0.0.1:${mailPort}`, from: 'alerts@example.org' },
        ...{ webhookAllowList: [`127.0.0.1:${hook.port}`], alertUsers: [], alertEmailTo: [] },
      },
    });

  /** What each target has made of what it was sent: a receiver that knows ids takes each once. */
  const taken = () => new Set(hook.requests.map(({ headers }) => headers['webhook-id'])).size;

  async function untilQuiet(run: DeliveryRun): Promise<void> {
    for (let minute = 0; minute < 30; minute++) if ((await run.ask({ do: 'advance', ms: MINUTE })) === 0) return;
    throw new Error('something still waits after half an hour');
  }

  it('at every step of a delivery loses no page, and tells nobody twice who knows its id', async () => {
    // Each run is ended at one step, and the next one finds what it has left behind.
    const acknowledged: string[] = [];
    let now = START;
    for (const [index, step] of DELIVERY_STEPS.entries()) {
      const released = step.startsWith('release');
      const run = await start(now);
      const message = String(index);
      const targets = [
        { channel: 'webhook', address: `${hook.url}/a` },
        { channel: 'email', address: `${index}@example.org` },
      ];
      const held = { type: 'notice', critical: false, severity: 'info', users: [], sendAt: now + MINUTE };
      const ids = await run.ask({ do: 'send', requests: [alert(message, targets, released ? held : {})], dieAt: step });
      if (ids !== undefined) acknowledged.push(message);
      for (let turn = 0; turn < 120 && !run.isDead; turn++) await run.ask({ do: 'advance', ms: 1000 });
      expect([step, run.isDead]).toEqual([step, true]);
      now = run.now + 5 * MINUTE;
    }
    const last = await start(now);
    await untilQuiet(last);
    // The first died within the transaction: it was never answered for, and is not there.
    const expected = DELIVERY_STEPS.map((_, index) => String(index)).slice(1);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(expected).toEqual(expect.arrayContaining(acknowledged));
    const told = hook.requests.map(({ body }) => JSON.parse(body).data.subject as string);
    const firsts = [...new Map(hook.requests.map((one, index) => [one.headers['webhook-id'], told[index]!])).values()];
    // Once each for a receiver that knows ids, and in order.
    expect(firsts).toEqual(expected);
    expect(taken()).toBe(expected.length);
    // By mail at least once.
    expect([...new Set(mail.mails.flatMap(({ recipients }) => recipients))].sort()).toEqual(
      expected.map((index) => `${index}@example.org`).sort(),
    );
    const statuses = (await last.ask({ do: 'statuses' })) as { status: string }[];
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set(['sent', 'delivered']));
    await last.kill();
  });

  it('three times during an outage of an hour, with a thousand deliveries waiting, loses none', async () => {
    const [targets, each] = [25, 20];
    await mail.stop();
    hook.behave = () => ({ status: 503 });
    let kills = 0;
    let run = await start(START);
    const accepted: string[] = [];
    for (let number = 0; number < each; number++) {
      const requests = Array.from({ length: targets }, (_, target) =>
        alert(
          String(number),
          [
            { channel: 'webhook', address: `${hook.url}/${target}` },
            { channel: 'email', address: `${target}@example.org` },
          ],
          { users: [], critical: target % 2 === 0 },
        ),
      );
      accepted.push(...((await run.ask({ do: 'send', requests })) as string[]));
      await run.ask({ do: 'advance', ms: 10_000 });
    }
    expect(accepted).toHaveLength(targets * each * 2);
    while (run.now < START + 60 * MINUTE) {
      await run.ask({ do: 'advance', ms: 10_000 });
      await run.ask({ do: 'jump', ms: 4 * MINUTE });
      const third = Math.floor(((run.now - START) / (60 * MINUTE)) * 4);
      if (third > kills && kills < 3) {
        kills++;
        // In the middle of whatever it does.
        const working = run.ask({ do: 'advance', ms: 30_000 });
        await run.kill();
        await working;
        run = await start(run.now);
      }
    }
    expect(kills).toBe(3);
    mail = await ScriptedMailServer.start({}, mailPort);
    hook.requests.length = 0;
    hook.behave = () => ({ status: 200 });
    await untilQuiet(run);
    const numbers = Array.from({ length: each }, (_, number) => String(number));
    for (let target = 0; target < targets; target++) {
      const told = hook.requests.filter(({ path }) => path === `/${target}`);
      expect(told.map(({ body }) => JSON.parse(body).data.subject)).toEqual(numbers);
      const mails = mail.mails.filter(({ recipients }) => recipients[0] === `${target}@example.org`);
      expect(mails).toHaveLength(each);
      expect(mails.map(({ text }) => text!.split('\n')[0])).toEqual(numbers);
    }
    await run.kill();
  });
});
