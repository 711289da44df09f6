/**
 * Pictures of every page of the console for the documentation, in `docs/images`: starts the service, the example
 * stack under load with faults, some alerts, and a browser. `node scripts/screenshots.ts [seconds of load]`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLoad } from '../examples/espice-stack/src/load.ts';
import { startStack } from '../examples/espice-stack/src/stack.ts';
import { freePort } from '../server/src/app/free-port.ts';
import { apiOf } from '../tests/support/api.ts';
import { findChromium, startBrowser, visit } from '../tests/support/browser.ts';
import { buildConsole } from '../tests/support/console-build.ts';
import { startTestService } from '../tests/support/service.ts';

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url));
const LOAD_SECONDS = Number(process.argv[2] ?? 240);
const REQUESTS_PER_SECOND = 5;
/** The pages that are shown in both themes. */
const IN_LIGHT = ['overview', 'logs', 'trace', 'alert'];

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const chromium = findChromium();
if (chromium === undefined) process.exit(1);
mkdirSync(FOLDER, { recursive: true });
buildConsole();

/** It scrapes itself, so that there is a target to show. */
const port = await freePort('127.0.0.1');
const folder = mkdtempSync(join(tmpdir(), 'screenshots-'));
const config = join(folder, 'system-service.yaml');
writeFileSync(
  config,
  `scrape_configs: [{job_name: system-service, scrape_interval: 5s, static_configs: [{targets: ['127.0.0.1:${port}']}]}]\n`,
);
const service = await startTestService({ env: { ALERT_USERS: 'local', PORT: String(port), CONFIG_FILE: config } });
const stack = await startStack(service.url);
const load = startLoad(stack.ports.gateway, REQUESTS_PER_SECOND);
const browser = await startBrowser(chromium);
try {
  const api = apiOf(service.url);
  await createAlerts();
  console.log(`${service.url}: ${LOAD_SECONDS} s of load`);
  await pause(LOAD_SECONDS * 400);
  await stack.setFault('model-validation', 'errors', true);
  await stack.setFault('simulation', 'slow', true);
  await pause(LOAD_SECONDS * 600);
  const slowest = await api.get('/api/traces?status=error&limit=1&sort=slowest');
  await take({ trace: `/traces/${slowest.body.items[0].trace_id}`, alert: await firingAlert() });

  async function createAlerts(): Promise<void> {
    const alerts = [
      { name: 'Host busy', metric: 'host_cpu_usage_percent', threshold: 20, for: '10s' },
      { name: 'Errors', severity: 'critical', metric: 'service_error_percent', threshold: 5, interval: '5s' },
      { name: 'Slow answers', metric: 'service_latency_p95_ms', threshold: 2000, interval: '5s' },
      { name: 'Disk nearly full', severity: 'error', metric: 'host_disk_usage_percent', threshold: 90 },
      { name: 'Memory of the host', metric: 'host_memory_usage_percent', threshold: 95 },
    ];
    for (const alert of alerts) {
      const { status, body } = await api.post('/api/alerts', alert);
      if (status !== 201) throw new Error(`the alert was refused: ${JSON.stringify(body)}`);
    }
    await api.post('/api/silences', { matchers: ['alertname="Slow answers"'], comment: 'a known one', duration: '2h' });
  }

  async function firingAlert(): Promise<string> {
    const { body } = await api.get('/api/alerts?state=firing&limit=1');
    return `/alerts/${body.items[0]?.id ?? ''}`;
  }
} finally {
  await browser.close();
  load.stop();
  await stack.stop();
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function take(found: { trace: string; alert: string }): Promise<void> {
  const pages: Record<string, string> = {
    overview: '/',
    services: '/services',
    service: '/services/data-processing',
    traces: '/traces',
    trace: found.trace,
    logs: '/logs',
    metrics: '/explore?metric=service_latency_p95_ms',
    alerts: '/alerts',
    alert: found.alert,
    'alert-new': '/alerts/new?metric=host_cpu_usage_percent',
    'alert-history': '/alerts/history',
    silences: '/alerts/silences',
    notifications: '/notifications',
    'notification-history': '/notifications/history',
    preferences: '/notifications/preferences',
    templates: '/notifications/templates',
    targets: '/targets',
    ingest: '/ingest',
    storage: '/storage',
    'get-started': '/get-started',
  };
  for (const colorScheme of ['dark', 'light'] as const) {
    const { page, context, problems } = await visit(browser, service.url, { colorScheme });
    const suffix = colorScheme === 'dark' ? '' : '-light';
    for (const [name, path] of Object.entries(pages)) {
      if (colorScheme === 'light' && !IN_LIGHT.includes(name)) continue;
      await page.goto(path);
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
      await pause(400);
      await page.screenshot({ path: `${FOLDER}${name}${suffix}.png` });
      console.log(`${name}${suffix}.png`);
    }
    if (problems.length > 0) console.error(problems.join('\n'));
    await context.close();
  }
}
