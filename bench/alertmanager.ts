/**
 * Alerts posted to `/api/v2/alerts` and read back, beside Alertmanager: rate and processor time of the first post and
 * of a refresh, time of a listing, and from a post to its webhook. `npm run bench -- alertmanager [--alerts 10000]`
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
import { processorSeconds } from './measure/process-figures.ts';
import { settle } from './measure/settle.ts';
import { figure, markdownTable } from './measure/table.ts';
import { removeFolder, temporaryFolder } from './sides/temporary-folder.ts';

const CONNECTIONS = 4;
const BATCH = 100;
const SINGLE_ALERTS = 40;
const LISTINGS = 5;

const { alerts } = readOptions({ alerts: 10_000 });

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

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
const median = (values: readonly number[]) => quantile(values, 0.5);

async function measure(peer: Peer): Promise<Record<string, number>> {
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
      'post to webhook, group_wait 0, median ms': median(delays),
      'post to webhook, group_wait 0, p95 ms': quantile(delays, 0.95),
    };
  } finally {
    load.close();
    await running.stop();
  }
}

const ours = await measure(service);
const missing = missingAlertmanager();
const theirs: Record<string, number> = missing === undefined ? await measure(alertmanager) : {};
const rows = Object.entries(ours).map(([name, value]) => {
  const other = theirs[name] ?? Number.NaN;
  return [name, figure(value), figure(other), `${figure(value / other)}x`];
});
console.log(`${alerts} alerts in batches of ${BATCH} over ${CONNECTIONS} connections`);
console.log(markdownTable(['', service.name, alertmanager.name, 'ratio'], rows));
hook.close();
