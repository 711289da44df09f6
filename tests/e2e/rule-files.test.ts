import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { startTestService } from '../support/service.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const RULES = `groups:
  - name: queues
    interval: 1s
    rules:
      - record: queue:jobs_waiting:max
        expr: max by (queue) (jobs_waiting)
      - alert: QueueFull
        expr: queue:jobs_waiting:max > 10
        for: 2s
        labels: {severity: critical, team: 'team-{{ $labels.queue }}'}
        annotations:
          summary: '{{ $value | humanize }} jobs wait in {{ $labels.queue }}'
          all: '{{ range query "sum(jobs_waiting)" }}{{ .Value }}{{ end }}'
      - alert: Overload
        expr: count(ALERTS{alertname="QueueFull", alertstate="firing"}) >= 2
`;

const LABELLED = RULES.replace('interval: 1s', 'interval: 1s\n    labels: {origin: file}');

interface ListedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
  readonly activeAt: string;
}

/** Alerts by their labels. */
async function alertsAt(url: string): Promise<Map<string, ListedAlert>> {
  const { body } = await apiOf(url).get('/api/v1/alerts');
  const sorted = (labels: object) => JSON.stringify(Object.entries(labels).sort());
  return new Map(body.data.alerts.map((alert: ListedAlert) => [sorted(alert.labels), alert]));
}

const firing = (alerts: Map<string, ListedAlert>) =>
  [...alerts]
    .filter(([, { state }]) => state === 'firing')
    .map(([key]) => key)
    .sort();

function workplace(rules: string) {
  const folder = mkdtempSync(join(tmpdir(), 'rule-files-'));
  stops.push(() => rmSync(folder, { recursive: true, force: true }));
  const [dataDir, ruleFile] = [join(folder, 'data'), join(folder, 'rules.yml')];
  mkdirSync(dataDir);
  writeFileSync(ruleFile, rules);
  return { dataDir, ruleFile, config: join(folder, 'system-service.yaml') };
}

describe('a rule file over what is scraped', () => {
  it('fires, and goes on over a kill', async () => {
    const waiting = { a: 0, b: 0 };
    const target = http.createServer((_, response) => {
      const lines = Object.entries(waiting).map(([queue, count]) => `jobs_waiting{queue="${queue}"} ${count}\n`);
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(lines.join(''));
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    stops.push(() => {
      target.closeAllConnections();
      target.close();
    });
    const address = `127.0.0.1:${(target.address() as AddressInfo).port}`;
    const { dataDir, ruleFile, config } = workplace(RULES);
    const configuration = `
global: {scrape_interval: 500ms, evaluation_interval: 1s}
rule_files: ['${ruleFile}']
scrape_configs:
  - {job_name: queues, static_configs: [{targets: ['${address}']}]}
`;
    writeFileSync(config, configuration);
    const start = () => startTestService({ dataDir, env: { CONFIG_FILE: config } });
    let service = await start();
    stops.push(() => service.stop());

    Object.assign(waiting, { a: 1500, b: 20 });
    const before = await eventually(async () => {
      const alerts = await alertsAt(service.url);
      expect(firing(alerts)).toHaveLength(3);
      return alerts;
    });
    const { body: history } = await apiOf(service.url).get('/api/alerts/history');
    expect(history.items).toHaveLength(3);

    waiting.b = 1;
    await eventually(async () => expect([...(await alertsAt(service.url)).keys()]).toHaveLength(1));

    await service.kill();
    service = await start();
    await eventually(async () => {
      const [[key, { activeAt }], ...others] = [...(await alertsAt(service.url))] as [[string, ListedAlert]];
      expect(activeAt).toBe(before.get(key)!.activeAt);
      expect(others).toEqual([]);
    });
    const { body: after } = await apiOf(service.url).get('/api/alerts/history');
    expect(after.items).toHaveLength(3);
    expect(after.items.filter(({ state }: { state: string }) => state === 'firing')).toHaveLength(1);
  });
});

describe('importing rule files', () => {
  it('tells every mistake with its line, keeps what is good, and takes it away again', async () => {
    const { dataDir, config } = workplace('');
    writeFileSync(config, '');
    const start = () => startTestService({ dataDir, env: { CONFIG_FILE: config } });
    let service = await start();
    stops.push(() => service.stop());
    const yaml = { 'content-type': 'application/yaml' };
    const send = (text: string, file = 'queues') =>
      fetch(`${service.url}/api/alerts/import?file=${file}`, { method: 'POST', headers: yaml, body: text });

    const broken = LABELLED.replace('max by (queue)', 'max by queue').replace('{{ $value |', '{{ $valu |');
    const refused = await send(broken);
    expect(refused.status).toBe(422);
    const { errors } = (await refused.json()) as { errors: { path: string; message: string }[] };
    expect(errors).toEqual([
      { path: 'line 7:15', message: expect.stringContaining('could not parse expression') },
      { path: 'line 13:20', message: expect.stringContaining('undefined variable "$valu"') },
    ]);

    const imported = await send(LABELLED);
    expect(await imported.json()).toMatchObject({ file: 'queues', created: ['QueueFull', 'Overload'], removed: [] });
    const api = apiOf(service.url);
    await api.post('/api/monitoring/metrics', { name: 'jobs_waiting', value: 30, labels: { queue: 'a' } });
    await eventually(async () => expect(firing(await alertsAt(service.url))).toHaveLength(1));
    const { body } = await api.get('/api/v1/query?query=queue:jobs_waiting:max');
    expect(body.data.result).toMatchObject([
      { metric: { queue: 'a', origin: 'file' }, value: [expect.any(Number), '30'] },
    ]);

    const { body: rules } = await api.get('/api/v1/rules?type=alert&rule_name[]=QueueFull');
    expect(rules.data.groups).toMatchObject([
      { name: 'queues', file: 'queues', interval: 1, rules: [{ name: 'QueueFull', state: 'firing', duration: 2 }] },
    ]);
    expect((await api.get('/api/v1/rules?type=nothing')).status).toBe(400);

    const { body: listed } = await api.get('/api/alerts?search=QueueFull');
    const [alert] = listed.items;
    expect((await api.delete(`/api/alerts/${alert.id}`)).status).toBe(409);
    expect((await api.put(`/api/alerts/${alert.id}`, { for: '1m' })).status).toBe(422);
    expect((await api.put(`/api/alerts/${alert.id}`, { notify: { users: ['ann'] } })).status).toBe(200);

    // Kept over a restart; the next import of the name changes what it changes, and nothing else.
    await service.kill();
    service = await start();
    const changed = await send(LABELLED.replace('for: 2s', 'for: 3s'));
    expect(await changed.json()).toMatchObject({ created: [], updated: ['QueueFull'], unchanged: ['Overload'] });
    const { body: kept } = await apiOf(service.url).get(`/api/alerts/${alert.id}`);
    expect(kept).toMatchObject({ for: '3s', notify: { users: ['ann'] }, version: 3 });

    expect((await apiOf(service.url).delete('/api/alerts/rule-files/queues')).status).toBe(204);
    expect((await apiOf(service.url).get('/api/alerts')).body.items).toEqual([]);
    expect((await apiOf(service.url).delete('/api/alerts/rule-files/queues')).status).toBe(404);
  });
});
