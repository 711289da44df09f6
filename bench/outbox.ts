/**
 * Deliveries that wait in the control store, to webhooks that answer at once: how fast they leave, and what that
 * takes beyond what a service that has sent before takes anyway. `npm run bench -- outbox [--deliveries 100000] [--targets 1000]`
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../server/src/model/clock.ts';
import { Notifications } from '../server/src/notifications/index.ts';
import { openControlStore } from '../server/src/stores/control/index.ts';

import { readOptions } from './measure/options.ts';
import { ForeignWork, memoryMiB, processorSeconds, resetPeakMemory } from './measure/process-figures.ts';
import { startService } from './measure/start-service.ts';
import { figure, markdownTable } from './measure/table.ts';
import { removeFolder, temporaryFolder } from './sides/temporary-folder.ts';

const BATCH = 500;
const WARM_UP = 5000;
/** The service comes to rest: what it takes for itself is not the outbox's. */
const SETTLE_MS = 20_000;
const logger = { debug() {}, info() {}, warn() {}, error() {} };

const { deliveries, targets } = readOptions({ deliveries: 100_000, targets: 1000 });

/** How many have come to each target, and how many out of their order. */
const next = new Map<string, number>();
let [arrived, disordered] = [0, 0];
const hook = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { subject: string } };
    const number = Number(data.subject);
    const path = request.url!;
    if (number !== (next.get(path) ?? 0)) disordered++;
    next.set(path, number + 1);
    arrived++;
    response.end();
  });
}).listen(0, '127.0.0.1');
await once(hook, 'listening');
const { port } = hook.address() as AddressInfo;

const folder = temporaryFolder('outbox');
const running = await startService({ dataDir: folder, env: { WEBHOOK_ALLOW: `127.0.0.1:${port}` } });
try {
  await queue(WARM_UP);
  while (arrived < WARM_UP) await pause(20);
  await pause(SETTLE_MS);
  next.clear();
  arrived = 0;
  await fill(deliveries);
  const [from, start, worked] = [arrived, performance.now(), processorSeconds(running.pid)];
  const foreign = new ForeignWork(running.pid);
  const memory = memoryMiB(running.pid, 'VmRSS');
  resetPeakMemory(running.pid);
  await wake();
  while (arrived < deliveries) await pause(20);
  const seconds = (performance.now() - start) / 1000;
  console.log(
    markdownTable(
      ['figure', 'measured'],
      [
        ['deliveries, targets', `${deliveries}, ${targets}`],
        ['deliveries a second', figure((arrived - from) / seconds)],
        ['out of their order, or twice', String(disordered)],
        [
          'processor, the whole service, one core',
          `${Math.round(((processorSeconds(running.pid) - worked) / seconds) * 100)} %`,
        ],
        [
          'memory, growth to its peak',
          `${Math.round(memoryMiB(running.pid, 'VmHWM') - memory)} MiB of ${Math.round(memory)}`,
        ],
        ['cores that others kept busy', figure(foreign.share())],
      ],
    ),
  );
} finally {
  await running.stop();
  hook.close();
  removeFolder(folder);
}

async function queue(count: number): Promise<void> {
  await fill(count);
  await wake();
}

/** The service hears of what another process has written with the next notification of its own. */
async function wake(): Promise<void> {
  const body = JSON.stringify({ user_id: 'ann', channel: 'in_app', type: 'report', message: 'go' });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${running.url}/api/notifications/notify`, { method: 'POST', headers, body });
  if (answer.status !== 202) throw new Error(`answered ${answer.status}`);
}

/** Queues as the service itself would, in its database, without sending. */
async function fill(count: number): Promise<void> {
  const store = await openControlStore({ url: join(folder, 'control.db'), logger });
  const settings = { webhookAllowList: [], alertUsers: [], alertEmailTo: [] };
  const notifications = new Notifications({ store, clock: systemClock, logger, settings });
  for (let done = 0; done < count; done += BATCH) {
    await store.transaction(async (db) => {
      for (let index = done; index < Math.min(count, done + BATCH); index++) {
        const address = `http://127.0.0.1:${port}/${index % targets}`;
        await notifications.enqueue(db, {
          ...{ type: 'validation', severity: 'info', critical: false, defaultRecipients: false, users: [] },
          ...{ subject: String(Math.floor(index / targets)), message: 'The model has been validated.' },
          ...{ addresses: [{ channel: 'webhook', address }], data: { model: index } },
        });
      }
    });
  }
  await store.close();
}
