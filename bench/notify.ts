/**
 * Requests to `POST /api/notifications/notify` at a steady rate, whatever the answers take: each is on disk, with its
 * deliveries and its place in the user's inbox, before it is answered. `npm run bench -- notify [--rate 500] [--seconds 30]`
 */
import { setTimeout as pause } from 'node:timers/promises';

import { HttpLoad } from './measure/http-load.ts';
import { readOptions } from './measure/options.ts';
import { ForeignWork, memoryMiB, processorSeconds } from './measure/process-figures.ts';
import { startService } from './measure/start-service.ts';
import { quantile } from './measure/statistics.ts';
import { figure, markdownTable } from './measure/table.ts';

const CONNECTIONS = 32;
const USERS = 200;
const WARM_UP_SECONDS = 3;

const { rate, seconds } = readOptions({ rate: 500, seconds: 30 });

const running = await startService();
const load = new HttpLoad(CONNECTIONS);
const url = `${running.url}/api/notifications/notify`;

async function notify(index: number): Promise<number> {
  const body = Buffer.from(
    JSON.stringify({
      ...{ user_id: `user-${index % USERS}`, type: 'validation', channel: 'in_app', subject: 'Model validated' },
      ...{ message: `The model ${index} has been validated.`, data: { model: index }, severity: 'info' },
    }),
  );
  const began = performance.now();
  const { status } = await load.call(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if (status !== 202) throw new Error(`answered ${status}`);
  return performance.now() - began;
}

/** Requests leave when their time has come; a late answer delays nobody but its own figure. */
async function send(count: number): Promise<number[]> {
  const began = performance.now();
  const answers: Promise<number>[] = [];
  while (answers.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - began) / 1000) * rate));
    while (answers.length < due) answers.push(notify(answers.length));
    await pause(1);
  }
  return Promise.all(answers);
}

try {
  await send(rate * WARM_UP_SECONDS);
  const foreign = new ForeignWork(running.pid);
  const worked = processorSeconds(running.pid);
  const times = await send(rate * seconds);
  const busy = (processorSeconds(running.pid) - worked) / seconds;
  console.log(
    markdownTable(
      ['figure', 'measured'],
      [
        ['requests a second', String(rate)],
        ['answer, median', `${figure(quantile(times, 0.5))} ms`],
        ['answer, 99 of 100', `${figure(quantile(times, 0.99))} ms`],
        ['answer, slowest', `${figure(Math.max(...times))} ms`],
        ['processor, the whole service, one core', `${Math.round(busy * 100)} %`],
        ['resident memory', `${Math.round(memoryMiB(running.pid, 'VmRSS'))} MiB`],
        ['cores that others kept busy', figure(foreign.share())],
      ],
    ),
  );
} finally {
  load.close();
  await running.stop();
}
