/**
 * The pictures of the README and of `docs/`, in `docs/images`: starts the service, the example stack under load with
 * faults, what a team would have set up, and a browser. `node scripts/screenshots.ts [seconds of load]`.
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
import { setUpTeam } from './picture-data.ts';

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url));
const LOAD_SECONDS = Number(process.argv[2] ?? 240);
const REQUESTS_PER_SECOND = 5;
/** What the load fills. */
const RANGE = `?start=now-${Math.max(1, Math.floor(LOAD_SECONDS / 60))}m`;

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
  await setUpTeam(api);
  console.log(`${service.url}: ${LOAD_SECONDS} s of load`);
  await pause(LOAD_SECONDS * 400);
  await stack.setFault('simulation', 'slow', true);
  await pause(LOAD_SECONDS * 200);
  await stack.setFault('model-validation', 'errors', true);
  await pause(LOAD_SECONDS * 400);
  const slowest = await api.get('/api/traces?status=error&limit=1&sort=slowest');
  const firing = await api.get('/api/alerts?state=firing&severity=critical&limit=1');
  const incidents = await api.get('/api/incidents?limit=1');
  await take({
    trace: `/traces/${slowest.body.items[0]?.trace_id ?? ''}`,
    alert: `/alerts/${firing.body.items[0]?.id ?? ''}`,
    incident: `/incidents/${incidents.body.items[0]?.id ?? ''}`,
  });
} finally {
  await browser.close();
  load.stop();
  await stack.stop();
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function take(found: { trace: string; alert: string; incident: string }): Promise<void> {
  const pictures: Record<'dark' | 'light', Record<string, string>> = {
    dark: {
      overview: `/${RANGE}`,
      incident: found.incident,
      'service-map': `/services${RANGE}&view=map`,
      service: `/services/gateway${RANGE}`,
      alert: found.alert + RANGE,
      'alert-new': `/alerts/new${RANGE}&metric=host_memory_usage_percent`,
      metrics: `/explore${RANGE}&metric=service_latency_p95_ms`,
      'on-call': '/on-call',
      'notification-history': `/notifications/history${RANGE}`,
    },
    light: {
      trace: found.trace,
      logs: `/logs${RANGE}`,
      preferences: '/notifications/preferences',
      infrastructure: `/infrastructure${RANGE}`,
    },
  };
  for (const colorScheme of ['dark', 'light'] as const) {
    const { page, context, problems } = await visit(browser, service.url, { colorScheme });
    for (const [name, path] of Object.entries(pictures[colorScheme])) {
      await page.goto(path);
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
      await pause(400);
      await page.screenshot({ path: `${FOLDER}${name}.png` });
      console.log(`${name}.png`);
    }
    if (problems.length > 0) console.error(problems.join('\n'));
    await context.close();
  }
}
