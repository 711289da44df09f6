import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../server/src/app/free-port.ts';
import { amtool, missingAmtool } from '../support/alertmanager-tool.ts';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { HttpStandIn } from '../support/http-stand-in.ts';
import { missingPrometheus, startPrometheus } from '../support/prometheus-server.ts';
import { startTestService, type TestService } from '../support/service.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function start(config: string): Promise<TestService> {
  const folder = mkdtempSync(join(tmpdir(), 'alert-routing-'));
  stops.push(async () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'system-service.yaml');
  writeFileSync(file, config);
  const service = await startTestService({ env: { CONFIG_FILE: file } });
  stops.push(() => service.stop());
  return service;
}

describe.skipIf(missingAmtool())('amtool', () => {
  it('asks for alerts, silences them and asks who would hear', async () => {
    const { url } = await start(`
route:
  receiver: team
  routes:
    - {matchers: ['severity="critical"'], receiver: pager}
receivers:
  - name: team
  - name: pager
`);
    await amtool(url, 'alert', 'add', 'DiskFull', 'severity=warning', 'instance=a', '--annotation=summary=soon');
    expect(await amtool(url, 'alert', 'query')).toMatch(/DiskFull .* soon +active/);
    const id = (
      await amtool(url, 'silence', 'add', 'alertname=DiskFull', '-c', 'known', '-a', 'ann', '-d', '1h')
    ).trim();
    expect(await amtool(url, 'silence', 'query')).toMatch(new RegExp(`${id} +alertname="DiskFull" .* ann +known`));
    expect(await amtool(url, 'alert', 'query')).not.toContain('DiskFull');
    expect(await amtool(url, 'alert', 'query', '--silenced')).toContain('suppressed');
    await amtool(url, 'silence', 'update', id, '-d', '2h', '-c', 'still known');
    expect(await amtool(url, 'silence', 'query')).toContain('still known');
    await amtool(url, 'silence', 'expire', id);
    expect(await amtool(url, 'silence', 'query', '-q')).toBe('');
    expect(await amtool(url, 'alert', 'query')).toContain('DiskFull');
    expect(await amtool(url, 'config', 'routes', 'test', 'severity=critical')).toBe('pager\n');
    expect(await amtool(url, 'config', 'routes', 'test', 'severity=info')).toBe('team\n');
    expect(await amtool(url, 'cluster', 'show')).toContain('disabled');
  });
});

describe.skipIf(missingPrometheus())('a Prometheus with a rule', () => {
  it('sends its alerts: episodes, one notification in the form of Alertmanager, and the end', async () => {
    const hook = await HttpStandIn.start(() => ({ status: 200 }));
    stops.push(() => hook.stop());
    const service = await start(`
route: {receiver: hook, group_by: [alertname], group_wait: 1s}
receivers:
  - name: hook
    webhook_configs: [{url: '${hook.url}/alerts'}]
`);
    const api = apiOf(service.url);
    const rules = join(service.dataDir, 'rules.yml');
    writeFileSync(
      rules,
      `groups:
  - name: own
    interval: 500ms
    rules:
      - alert: SelfIsUp
        expr: up{job="self"} == 1
        labels: {severity: critical}
        annotations: {summary: 'it is {{ $value }}'}
`,
    );
    const prometheus = startPrometheus(
      await freePort('127.0.0.1'),
      (address) => `
global: {scrape_interval: 500ms, evaluation_interval: 500ms}
rule_files: ['${rules}']
alerting:
  alertmanagers: [{static_configs: [{targets: ['${new URL(service.url).host}']}]}]
scrape_configs:
  - {job_name: self, static_configs: [{targets: ['${address}']}]}
`,
    );
    stops.push(() => prometheus.stop());
    const episode = await eventually(async () => {
      const { body } = await api.get('/api/alerts/history');
      expect(body.items).toMatchObject([{ alert_name: 'SelfIsUp', severity: 'critical', state: 'firing' }]);
      return body.items[0];
    });
    expect(episode.labels).toMatchObject({ alertname: 'SelfIsUp', instance: prometheus.address, job: 'self' });
    const [request] = await eventually(() => {
      expect(hook.requests).toHaveLength(1);
      return hook.requests;
    });
    expect(JSON.parse(request!.body)).toMatchObject({
      version: '4',
      status: 'firing',
      receiver: 'hook',
      groupKey: '{}:{alertname="SelfIsUp"}',
      groupLabels: { alertname: 'SelfIsUp' },
      commonAnnotations: { summary: 'it is 1' },
      alerts: [{ status: 'firing', endsAt: '0001-01-01T00:00:00Z', generatorURL: expect.stringContaining('/graph?') }],
    });
    const listed = await api.get('/api/v2/alerts');
    expect(listed.body).toMatchObject([{ labels: { alertname: 'SelfIsUp' }, receivers: [{ name: 'hook' }] }]);
    // Whoever sent it says that it is over.
    const over = [{ labels: listed.body[0].labels, endsAt: new Date().toISOString() }];
    await prometheus.stop();
    expect((await api.post('/api/v2/alerts', over)).status).toBe(200);
    await eventually(() => expect(hook.requests).toHaveLength(2));
    expect(JSON.parse(hook.requests[1]!.body)).toMatchObject({ status: 'resolved', alerts: [{ status: 'resolved' }] });
  });
});
