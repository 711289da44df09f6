import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../server/src/app/free-port.ts';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { missingPrometheus, type PrometheusServer, startPrometheus } from '../support/prometheus-server.ts';
import { startTestService, type TestService } from '../support/service.ts';

/** A real Prometheus that scrapes itself every half second and remote-writes into the started service. */
const missing = missingPrometheus();
const SCRAPE_MS = 500;

const configuration = (serviceUrl: string) => (address: string) =>
  `
global: {scrape_interval: ${SCRAPE_MS}ms, scrape_timeout: ${SCRAPE_MS}ms}
scrape_configs:
  - {job_name: self, static_configs: [{targets: ['${address}']}]}
remote_write:
  - url: ${serviceUrl}/api/v1/write
    queue_config: {batch_send_deadline: 500ms, max_backoff: 500ms}
    metadata_config: {send_interval: 1s}
`;

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function timesOfUp(service: TestService): Promise<number[]> {
  const query = "SELECT toUnixTimestamp64Milli(timestamp) AS t FROM metric_samples WHERE metric = 'up' ORDER BY t";
  const { status, body } = await apiOf(service.url).post('/api/query', { language: 'sql', query });
  expect([status, body]).toEqual([200, expect.anything()]);
  return (body.rows as unknown[][]).map(([time]) => Number(time));
}

describe.skipIf(missing)('a real Prometheus', () => {
  it('writes its samples and metadata, and nothing is refused', async () => {
    const service = await startTestService();
    stops.push(() => service.stop());
    const prometheus = await startPrometheus(await freePort('127.0.0.1'), configuration(service.url));
    stops.push(() => prometheus.stop());
    const api = apiOf(service.url);
    await eventually(async () => {
      const { status, body } = await api.get('/api/monitoring/metrics/up');
      expect([status, body]).toMatchObject([
        200,
        { series: [{ labels: { job: 'self', instance: prometheus.address }, value: 1 }] },
      ]);
    });
    await eventually(async () => {
      const { body } = await api.get('/api/monitoring/metrics/prometheus_http_request_duration_seconds_bucket');
      expect(body).toMatchObject({ type: 'histogram', help: expect.stringContaining('latencies') });
    });
    const own = await (await fetch(`${service.url}/metrics`)).text();
    expect(own).toMatch(/system_service_ingest_accepted_total\{source="remote-write",signal="samples"\} [1-9]/);
    expect(own).not.toMatch(/system_service_ingest_rejected_total\{source="remote-write"/);
  });

  it('leaves no gap when the service was killed and came back', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'system-service-'));
    stops.push(async () => rmSync(dataDir, { recursive: true, force: true }));
    const env = { PORT: String(await freePort('127.0.0.1')) };
    const first = await startTestService({ dataDir, env });
    stops.push(() => first.kill());
    const prometheus: PrometheusServer = await startPrometheus(await freePort('127.0.0.1'), configuration(first.url));
    stops.push(() => prometheus.stop());
    await eventually(async () => expect((await timesOfUp(first)).length).toBeGreaterThan(3));
    await first.kill();
    const killedAt = Date.now();
    // Several scrapes pass while nobody takes them.
    await eventually(() => expect(Date.now() - killedAt).toBeGreaterThan(6 * SCRAPE_MS));
    const second = await startTestService({ dataDir, env });
    stops.push(() => second.stop());
    const times = await eventually(async () => {
      const stored = await timesOfUp(second);
      expect(stored.at(-1)).toBeGreaterThan(killedAt + 10 * SCRAPE_MS);
      return stored;
    });
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.max(...gaps)).toBeLessThan(4 * SCRAPE_MS);
    expect(times.filter((time) => time > killedAt && time < killedAt + 6 * SCRAPE_MS).length).toBeGreaterThanOrEqual(4);
  });
});
