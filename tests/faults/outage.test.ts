import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../server/src/app/free-port.ts';
import { apiOf } from '../support/api.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { eventually } from '../support/eventually.ts';
import { faultRounds } from '../support/fault-rounds.ts';
import { missingPrometheus, startPrometheus } from '../support/prometheus-server.ts';
import { startTestService } from '../support/service.ts';

/** A real Prometheus and a real OpenTelemetry SDK send to a service that is killed and stays away. */
const missing = missingPrometheus();
const OUTAGE_MS = 30_000;
const OUTAGES = faultRounds(1);
/** All that a sender has to keep. */
const LONGEST_MS = OUTAGES * (OUTAGE_MS + 10_000);
const SCRAPE_MS = 1000;
/** Twenty a second, and some. */
const MOST_ITEMS = (LONGEST_MS / 1000) * 50;
const SENDER = fileURLToPath(new URL('../support/otel-sender.ts', import.meta.url));

const prometheusConfig = (serviceUrl: string) => (address: string) =>
  `
global: {scrape_interval: ${SCRAPE_MS}ms, scrape_timeout: ${SCRAPE_MS}ms}
scrape_configs:
  - {job_name: self, static_configs: [{targets: ['${address}']}]}
remote_write:
  - {url: '${serviceUrl}/api/v1/write', queue_config: {batch_send_deadline: 500ms, max_backoff: 1s}}
`;

/** The SDK gives up a batch after about 13 s of refused connections: its queues must hold what an outage brings. */
function startSender(url: string) {
  const child = spawn(process.execPath, [SENDER], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...childEnvironment(),
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_TIMEOUT: '30000',
      OTEL_SERVICE_NAME: 'sender',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      OTEL_BSP_SCHEDULE_DELAY: String(LONGEST_MS),
      OTEL_BSP_MAX_QUEUE_SIZE: String(MOST_ITEMS),
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: String(MOST_ITEMS),
      OTEL_BLRP_SCHEDULE_DELAY: String(LONGEST_MS),
      OTEL_BLRP_MAX_QUEUE_SIZE: String(MOST_ITEMS),
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: String(MOST_ITEMS),
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

describe.skipIf(missing)('an outage of thirty seconds', () => {
  it(`leaves no gap in what Prometheus and an OpenTelemetry SDK sent, times ${OUTAGES}`, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'system-service-outage-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const env = { PORT: String(await freePort('127.0.0.1')) };
    const first = await startTestService({ dataDir, env });
    onTestFinished(() => first.kill());
    const prometheus = await startPrometheus(await freePort('127.0.0.1'), prometheusConfig(first.url));
    onTestFinished(() => prometheus.stop());
    const sender = startSender(first.url);
    await once(sender.stdout, 'data');
    const query = async (url: string, sql: string) => {
      const { body } = await apiOf(url).post('/api/query', { language: 'sql', query: sql });
      return body.rows as unknown[][];
    };
    const ups = async (url: string) =>
      (
        await query(
          url,
          "SELECT DISTINCT toUnixTimestamp64Milli(timestamp) FROM metric_samples WHERE metric = 'up' ORDER BY 1",
        )
      ).map(([time]) => Number(time));
    await eventually(async () => expect((await ups(first.url)).length).toBeGreaterThan(2));

    let service = first;
    for (let outage = 0; outage < OUTAGES; outage++) {
      await service.kill();
      const killedAt = Date.now();
      await eventually(() => expect(Date.now() - killedAt).toBeGreaterThan(OUTAGE_MS), 2 * OUTAGE_MS);
      service = await startTestService({ dataDir, env });
      const { kill } = service;
      onTestFinished(() => kill());
      const times = await eventually(async () => {
        const found = await ups(service.url);
        expect(found.at(-1)).toBeGreaterThan(killedAt + OUTAGE_MS + 3 * SCRAPE_MS);
        return found;
      }, 60_000);
      const gaps = times.slice(1).map((time, index) => time - times[index]!);
      // A scrape that came late on a busy machine is no gap.
      expect(Math.max(...gaps)).toBeLessThan(2.5 * SCRAPE_MS);
    }

    sender.stdin.end();
    const [said] = await once(sender.stdout, 'data');
    const sent = Number(String(said));
    expect(sent).toBeGreaterThan(OUTAGES * (OUTAGE_MS / 1000) * 10);
    await eventually(async () => {
      const [spans] = await query(
        service.url,
        "SELECT uniqExact(SpanName) FROM otel_traces WHERE ServiceName = 'sender'",
      );
      const [records] = await query(service.url, "SELECT uniqExact(Body) FROM otel_logs WHERE ServiceName = 'sender'");
      expect([spans, records]).toEqual([[sent], [sent]]);
    });
    await service.stop();
  });
});
