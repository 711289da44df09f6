/**
 * Alerts posted to `/api/v2/alerts` and read back, beside Alertmanager: rate and processor time of the first post and
 * of a refresh, time of a listing, and from a post to its webhook; several rounds, both in each.
 * `npm run bench -- alertmanager [--rounds 5] [--alerts 10000]`
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { missingAlertmanager, startAlertmanager } from '../tests/support/alertmanager-server.ts';
import { startTestService } from '../tests/support/service.ts';
import { HttpLoad } from './measure/http-load.ts';
import { readOptions } from './measure/options.ts';
import { medianAndRange, pairedRatio } from './measure/paired-rounds.ts';
import { processorSeconds } from './measure/process-figures.ts';
import { settle } from './measure/settle.ts';
import { median, quantile } from './measure/statistics.ts';
import { markdownTable } from './measure/table.ts';
import { removeFolder, temporaryFolder } from './sides/temporary-folder.ts';

const CONNECTIONS = 4;
const BATCH = 100;
const SINGLE_ALERTS = 100;
const LISTINGS = 5;

const { alerts, rounds } = readOptions({ alerts: 10_000, rounds: 5 });

interface Peer {
  readonly name: string;
  start(config: string): Promise<{ pid: number; url: string; stop(): Promise<unknown> }>;
}

const service: Peer = {
  name: 'System Service',
  start: async (config) => {
    const folder = temporaryFolder('alerts');
    const file = join(folder, 'system-service.yaml');
    writeFileSync(file, config);
    const running = await startTestService({ env: { CONFIG_FILE: file } });
    return {
      pid: running.pid,
      url: running.url,
      stop: async () => {
        await running.stop();
        removeFolder(folder);
      },
    };
  },
};
const alertmanager: Peer = { name: 'Alertmanager', start: startAlertmanager };

/** When a label set was heard of, by its `instance`. */
const heard = new Map<string, number>();
const hook = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { alerts: { labels: { instance: string } }[] };
    for (const { labels } of body.alerts) heard.set(labels.instance, heard.get(labels.instance) ?? performance.now());
    response.end();
  });
}).listen(0, '127.0.0.1');
await once(hook, 'listening');

const CONFIG = `
route:
  receiver: none
  group_by: [alertname]
  routes:
    - {matchers: ['wait="0"'], receiver: hook, group_by: [instance], group_wait: 0s}
receivers:
  - name: none
  - name: hook
    webhook_configs: [{url: 'http://127.0.0.1:${(hook.address() as AddressInfo).port}/', send_resolved: false}]
`;

function alert(index: number, labels: Readonly<Record<string, string>> = {}) {
  const name = `Alert${index % 50}`;
  return {
    labels: { alertname: name, instance: `host-${index}`, severity: index % 5 ? 'warning' : 'critical', ...labels },
    annotations: { summary: `Instance host-${index} has a problem`, runbook_url: 'https://runbooks.example/high-cpu' },
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    generatorURL: 'http://prometheus.example/graph?g0.expr=up',
  };
}

async function measure(peer: Peer): Promise<Record<string, number>> {
  heard.clear();
  const running = await peer.start(CONFIG);
  const load = new HttpLoad(CONNECTIONS);
  const url = `${running.url}/api/v2/alerts`;
  const post = async (list: readonly object[]) => {
    const body = Buffer.from(JSON.stringify(list));
    const { status } = await load.call(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (status !== 200) throw new Error(`${peer.name} answered ${status}`);
  };
  const postAll = async () => {
    let next = 0;
    const [began, worked] = [performance.now(), processorSeconds(running.pid)];
    const client = async () => {
      while (next < alerts) {
        const from = next;
        next += BATCH;
        await post(Array.from({ length: Math.min(BATCH, alerts - from) }, (_, index) => alert(from + index)));
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, client));
    const rate = alerts / ((performance.now() - began) / 1000);
    return { rate, seconds: processorSeconds(running.pid) - worked };
  };
  const list = async (path: string) => {
    const times: number[] = [];
    for (let round = 0; round < LISTINGS; round++) times.push((await load.call(`${url}${path}`)).milliseconds);
    return median(times);
  };
  try {
    // Ours warms its queries up in the seconds after the start.
    await settle(running.pid);
    const delays: number[] = [];
    for (let index = 0; index < SINGLE_ALERTS; index++) {
      const instance = `${peer.name}-${index}`;
      const began = performance.now();
      await post([alert(index, { instance, wait: '0' })]);
      while (!heard.has(instance)) await pause(1);
      delays.push(heard.get(instance)! - began);
    }
    const first = await postAll();
    const again = await postAll();
    return {
      'first post, alerts/s': first.rate,
      'first post, processor s': first.seconds,
      'posted again, alerts/s': again.rate,
      'posted again, processor s': again.seconds,
      'list all, ms': await list(''),
      'list one name, ms': await list(`?filter=${encodeURIComponent('alertname="Alert7"')}`),
      'groups, ms': await list('/groups'),
      'post to webhook, group_wait 0, the first, ms': delays[0]!,
      'post to webhook, group_wait 0, the second, ms': delays[1]!,
      'post to webhook, group_wait 0, median ms': median(delays),
      'post to webhook, group_wait 0, 95 of 100, ms': quantile(delays, 0.95),
      'post to webhook, group_wait 0, slowest, ms': Math.max(...delays),
    };
  } finally {
    load.close();
    await running.stop();
  }
}

const peers = missingAlertmanager() === undefined ? [service, alertmanager] : [service];
const results = new Map<Peer, Record<string, number>[]>(peers.map((peer) => [peer, []]));
for (let round = 0; round < rounds; round++) {
  for (const peer of round % 2 === 0 ? peers : peers.toReversed()) {
    console.error(`round ${round + 1} of ${rounds}: ${peer.name}`);
    results.get(peer)!.push(await measure(peer));
  }
}
report();
hook.close();

function report(): void {
  const of = (peer: Peer, name: string) => (results.get(peer) ?? []).map((figures) => figures[name]!);
  const rows = Object.keys(results.get(service)![0]!).map((name) => {
    const [ours, theirs] = [of(service, name), of(alertmanager, name)];
    const ratio = theirs.length > 0 && pairedRatio(ours, theirs, name.endsWith('/s') ? 'higher' : 'lower');
    const ratios = ratio ? `${ratio.median.toFixed(2)}x (${ratio.worst.toFixed(2)}x)` : '-';
    return [name, medianAndRange(ours), medianAndRange(theirs), ratios];
  });
  console.log(`${alerts} alerts in batches of ${BATCH} over ${CONNECTIONS} connections, ${SINGLE_ALERTS} single ones.`);
  console.log(`Median (range) of ${rounds} rounds; ratio: median, and the round that was worst for us.\n`);
  console.log(markdownTable(['', service.name, alertmanager.name, 'ratio'], rows));
}
