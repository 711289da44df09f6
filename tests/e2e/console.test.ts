import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import {
  accessibilityFaults,
  findChromium,
  startBrowser,
  type Visit,
  type VisitOptions,
  visit,
} from '../support/browser.ts';
import { buildConsole } from '../support/console-build.ts';
import { eventually } from '../support/eventually.ts';
import { sendTrace } from '../support/sample-signals.ts';
import { startTestService, type TestService } from '../support/service.ts';

const chromium = findChromium();

describe.skipIf(chromium === undefined)('the console', () => {
  let service: TestService;
  let api: ReturnType<typeof apiOf>;
  let browser: Browser;
  let traceId: string;
  let alertId: string;

  beforeAll(async () => {
    buildConsole();
    [service, browser] = await Promise.all([startTestService(), startBrowser(chromium!)]);
    api = apiOf(service.url);
    traceId = await sendTrace(api, [
      { name: 'GET /models', service: 'gateway', startMs: 0, durationMs: 420 },
      { name: 'POST /validate', service: 'gateway', parent: 0, kind: 'client', startMs: 20, durationMs: 380 },
      {
        name: 'validate',
        service: 'model-validation',
        parent: 1,
        startMs: 30,
        durationMs: 360,
        error: 'singular matrix',
      },
    ]);
    await api.post('/api/logs', [
      { level: 'info', service: 'gateway', message: 'GET /models 200', trace_id: traceId },
      { level: 'error', service: 'model-validation', message: 'the matrix of node 42 is singular', trace_id: traceId },
      { level: 'debug', service: 'gateway', message: 'cache miss', attributes: { 'cache.key': 'model:42' } },
    ]);
    const alert = await api.post('/api/alerts', {
      name: 'Validation stuck',
      description: 'Raised by hand',
      severity: 'critical',
      service: 'model-validation',
      notify: { users: ['local'] },
    });
    expect(alert.status).toBe(201);
    alertId = alert.body.id;
    await eventually(async () => {
      const traces = await api.get('/api/traces');
      expect(traces.body.items.length).toBeGreaterThan(0);
      const logs = await api.get('/api/logs');
      expect(logs.body.items.length).toBeGreaterThanOrEqual(3);
      const metric = await api.get('/api/monitoring/metrics/host_cpu_usage_percent');
      expect(metric.status).toBe(200);
    });
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  /** Opens a page, does something there, and holds it against the bar: nothing wrong in the console, accessible. */
  async function on(path: string, act: (visit: Visit) => Promise<void>, options: VisitOptions = {}): Promise<void> {
    const visited = await visit(browser, service.url, options);
    try {
      await visited.page.goto(path);
      await act(visited);
      expect(await accessibilityFaults(visited.page)).toEqual([]);
      expect(visited.problems).toEqual([]);
    } finally {
      await visited.context.close();
    }
  }

  it.each(['dark', 'light'] as const)(
    'shows host, services, alerts, traces and logs at a glance (%s)',
    async (scheme) => {
      await on(
        '/',
        async ({ page }) => {
          await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
          await page.getByRole('img', { name: /^CPU of the host\. CPU now \d/ }).waitFor();
          await page.getByRole('img', { name: /^Memory of the host/ }).waitFor();
          const services = page.getByRole('region', { name: 'Services' });
          await services.getByRole('link', { name: 'model-validation' }).waitFor();
          await page.getByRole('region', { name: 'Alerts' }).getByRole('link', { name: 'Validation stuck' }).waitFor();
          await page
            .getByRole('region', { name: 'Newest traces' })
            .getByRole('link', { name: 'GET /models' })
            .waitFor();
          expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe(scheme);
        },
        { colorScheme: scheme },
      );
    },
  );

  it('searches logs from the overview', async () => {
    await on('/', async ({ page }) => {
      await page.getByRole('cell', { name: 'cache miss', exact: true }).waitFor();
      await page.getByRole('searchbox', { name: 'Search logs' }).fill('singular');
      await page.getByRole('region', { name: 'Matching logs' }).waitFor();
      await page.getByRole('cell', { name: 'cache miss', exact: true }).waitFor({ state: 'detached' });
      await page.getByRole('cell', { name: 'the matrix of node 42 is singular', exact: true }).waitFor();
    });
  });

  it('switches the theme and remembers it', async () => {
    await on('/', async ({ page }) => {
      await page.getByRole('button', { name: 'Switch to light theme' }).click();
      await page.reload();
      await page.getByRole('button', { name: 'Switch to dark theme' }).waitFor();
    });
  });

  it('rings the bell the moment a notification is sent, on the port of the page itself (novu#2392, #2452)', async () => {
    await on('/', async ({ page }) => {
      const bell = page.getByRole('button', { name: /^Notifications/ });
      await bell.click();
      await page.getByText('Live', { exact: true }).waitFor();
      await api.post('/api/notifications/notify', {
        user_id: 'local',
        subject: 'Simulation finished',
        message: 'In 3 s',
      });
      await page.getByRole('status').getByText('Simulation finished').waitFor();
      const dialog = page.getByRole('dialog', { name: 'Notifications' });
      await dialog.getByText('Simulation finished').waitFor();
      await dialog.getByRole('button', { name: 'Mark as read: Simulation finished' }).click();
      await dialog.getByText('Simulation finished').waitFor({ state: 'detached' });
    });
  });

  it('says that the bell is not live where a proxy lets no WebSocket through, and asks instead (novu#5074, #5353)', async () => {
    const { page, context } = await visit(browser, service.url);
    await page.routeWebSocket(/notifications\/ws/, (socket) => socket.close());
    await page.clock.install();
    await page.goto('/');
    const bell = page.getByRole('button', { name: /^Notifications/ });
    await bell.click();
    const dialog = page.getByRole('dialog', { name: 'Notifications' });
    await dialog.getByText('Polling', { exact: true }).waitFor();
    const message = { user_id: 'local', subject: 'Mesh refined', message: 'In 5 s' };
    await api.post('/api/notifications/notify', message);
    await page.clock.fastForward(31_000);
    await dialog.getByText('Mesh refined').waitFor();
    await dialog.getByRole('button', { name: 'Mark as read: Mesh refined' }).click();
    await dialog.getByText('Mesh refined').waitFor({ state: 'detached' });
    await context.close();
  });

  it('moves between pages and keeps the time range', async () => {
    await on('/', async ({ page }) => {
      await page.getByRole('button', { name: 'Time range: Last 15 minutes' }).click();
      await page.getByRole('button', { name: 'Last 3 hours' }).click();
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Logs' }).click();
      await page.getByRole('heading', { name: 'Logs', level: 1 }).waitFor();
      expect(new URL(page.url()).searchParams.get('start')).toBe('now-3h');
      await page.getByRole('button', { name: 'Time range: Last 3 hours' }).waitFor();
    });
  });

  it('goes anywhere by the keyboard', async () => {
    await on('/logs', async ({ page }) => {
      await page.getByRole('heading', { name: 'Logs', level: 1 }).waitFor();
      await page.keyboard.press('/');
      expect(await page.getByRole('searchbox', { name: 'Search logs' }).evaluate((it) => it.matches(':focus'))).toBe(
        true,
      );
      await page.keyboard.press('Control+k');
      const field = page.getByRole('combobox', { name: 'Go to' });
      await field.fill('valid');
      await page.getByRole('option', { name: /^model-validation/ }).waitFor();
      await page.getByRole('option', { name: /^Validation stuck firing/ }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await field.fill(traceId);
      await page.getByRole('option', { name: `Open the trace ${traceId}`, selected: true }).waitFor();
      await field.press('ArrowDown');
      await page.getByRole('option', { name: 'Its log lines', selected: true }).waitFor();
      await field.press('ArrowUp');
      // The field goes with the key: Playwright would wait for it.
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'GET /models', level: 1 }).waitFor();
    });
  });

  it('finds, narrows and opens log lines', async () => {
    await on('/logs', async ({ page }) => {
      await page.getByRole('searchbox', { name: 'Search logs' }).fill('matrix OR cache');
      await page.getByText('2 lines match').waitFor();
      await page.getByRole('region', { name: 'Level' }).getByRole('button', { name: /DEBUG/ }).click();
      await page
        .getByRole('cell', { name: 'the matrix of node 42 is singular', exact: true })
        .waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Open line: cache miss' }).click();
      await page.getByRole('cell', { name: 'model:42' }).waitFor();
      await page.getByRole('button', { name: 'Only with this cache.key' }).click();
      await page.waitForURL(/cache\.key/);
      await page.reload();
      await page.getByRole('cell', { name: 'cache miss', exact: true }).waitFor();
    });
  });

  it('leads from a log line to its trace, and shows where the time went', async () => {
    await on(`/logs?q=singular`, async ({ page }) => {
      await page.getByRole('button', { name: /^Open line: the matrix/ }).click();
      await page.getByRole('link', { name: 'Open trace' }).click();
      await page.getByRole('heading', { name: 'GET /models', level: 1 }).waitFor();
      await page.getByRole('button', { name: /validate model-validation/ }).click();
      const detail = page.getByRole('complementary', { name: 'Span validate' });
      await detail.getByText('singular matrix').waitFor();
      await page.getByRole('radio', { name: /^Logs \(2\)/ }).press('Space');
      await page.getByRole('cell', { name: 'GET /models 200', exact: true }).waitFor();
    });
  });

  it('searches traces', async () => {
    await on('/traces?status=error', async ({ page }) => {
      await page.getByRole('link', { name: 'GET /models' }).waitFor();
      await page.getByRole('textbox', { name: 'Operation' }).fill('no such operation');
      await page.getByRole('textbox', { name: 'Operation' }).press('Enter');
      await page.getByText('No trace matches').waitFor();
      await page.getByRole('button', { name: 'Remove all filters' }).click();
      await page.getByRole('link', { name: 'GET /models' }).waitFor();
    });
  });

  it('creates, changes, and deletes an alert', async () => {
    await on('/alerts', async ({ page }) => {
      await page.getByRole('button', { name: 'New alert' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Host busy');
      await page.getByRole('combobox', { name: 'Metric' }).fill('host_cpu_usage_percent');
      await page.getByRole('button', { name: 'Create alert' }).click();
      await page.getByText('Say from which value on').waitFor();
      await page.getByRole('textbox', { name: 'Threshold' }).fill('101');
      await page.getByRole('img', { name: /Preview of the watched value/ }).waitFor();
      await page.getByRole('status', { name: 'Backtest' }).getByText('Would not have fired').waitFor();
      await page.getByRole('button', { name: 'Create alert' }).click();
      await page.getByRole('heading', { name: 'Host busy', level: 1 }).waitFor();
      await page.getByText('> 101 % for 1m').waitFor();
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByRole('textbox', { name: 'For at least' }).fill('5m');
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText('> 101 % for 5m').waitFor();
      const versions = page.getByRole('region', { name: 'Versions' });
      await versions.getByRole('row', { name: /^1 for 60 s now 300 s/ }).waitFor();
      await versions.getByRole('button', { name: 'Restore version 1' }).click();
      await page.getByText('> 101 % for 1m').waitFor();
      await versions.getByRole('row', { name: /^3 Now/ }).waitFor();
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('button', { name: 'Delete alert' }).click();
      await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();
      await page.getByRole('link', { name: 'Host busy' }).waitFor({ state: 'detached' });
    });
  });

  it('creates alerts of other kinds, tested while they are written', async () => {
    await on('/alerts/new', async ({ page }) => {
      const choose = async (kind: string) => {
        await page.getByRole('combobox', { name: 'What to watch' }).click();
        await page.getByRole('option', { name: kind, exact: true }).click();
      };
      await page.getByRole('textbox', { name: 'Name' }).fill('Errors in logs');
      await choose('SQL');
      await page.getByRole('textbox', { name: 'SQL' }).fill('SELECT toHour(now()) AS value');
      await page.getByRole('textbox', { name: 'Threshold' }).fill('99');
      await page.getByRole('status', { name: 'Backtest' }).getByText('Would not have fired').waitFor();
      await choose('Log records');
      await page.getByRole('textbox', { name: 'Log search' }).fill('level:error "of nothing"');
      await page.getByRole('textbox', { name: 'Threshold' }).fill('3');
      await page.getByRole('status', { name: 'Backtest' }).getByText('Would not have fired').waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.getByRole('button', { name: 'Create alert' }).click();
      await page.getByRole('heading', { name: 'Errors in logs', level: 1 }).waitFor();
      await page.getByText('log records in 5m: level:error "of nothing"').waitFor();
      await page.getByText('Evaluates', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByRole('textbox', { name: 'In the last' }).fill('10m');
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText('log records in 10m').waitFor();
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('button', { name: 'Delete alert' }).click();
      await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();
    });
  });

  it('shows what the service refuses at the field itself', async () => {
    const visited = await visit(browser, service.url);
    const { page } = visited;
    await page.goto('/alerts/new?metric=host_cpu_usage_percent');
    await page.getByRole('textbox', { name: 'Name' }).fill('Wrong');
    await page.getByRole('textbox', { name: 'Threshold' }).fill('1');
    await page.getByRole('textbox', { name: 'For at least' }).fill('soon');
    await page.getByRole('button', { name: 'Create alert' }).click();
    await page.getByText(/^use a duration/).waitFor();
    expect(await page.getByRole('textbox', { name: 'For at least' }).getAttribute('aria-invalid')).toBe('true');
    await page.getByRole('status', { name: 'Backtest' }).getByText('Cannot be tried: for: use a duration').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await visited.context.close();
  });

  it('shows a firing alert, and takes its acknowledgement', async () => {
    await on(`/alerts/${alertId}`, async ({ page }) => {
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByRole('cell', { name: 'by local', exact: true }).waitFor();
      await page.getByRole('button', { name: /^Open course/ }).click();
      await page.getByText('Acknowledged').first().waitFor();
      await page.getByRole('link', { name: 'All', exact: true }).click();
      await page.getByRole('heading', { name: 'Alert history', level: 1 }).waitFor();
      await page.getByRole('rowheader', { name: /Validation stuck/ }).waitFor();
    });
  });

  it('shows a manual alert that was resolved as ended, with nothing to switch off', async () => {
    const { body } = await api.post('/api/alerts', { name: 'Model run late', notify: { users: ['local'] } });
    await on('/alerts', async ({ page }) => {
      const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'Model run late' }) });
      await row.getByText('Firing', { exact: true }).waitFor();
      await row.getByRole('link', { name: 'Model run late' }).click();
      await page.getByRole('button', { name: 'Resolve' }).click();
      await page.getByText('Ended', { exact: true }).waitFor();
      await page.getByRole('link', { name: 'Alerts' }).first().click();
      await row.getByText('Ended', { exact: true }).waitFor();
      expect(await row.getByRole('switch').count()).toBe(0);
      await api.delete(`/api/alerts/${body.id}`);
    });
  });

  it('lists services and shows one', async () => {
    await on('/services', async ({ page }) => {
      await page.getByRole('button', { name: 'p95' }).click();
      await page.getByRole('columnheader', { name: 'p95' }).and(page.locator('[aria-sort="descending"]')).waitFor();
      expect(new URL(page.url()).searchParams.get('sort')).toBe('-p95');
      await page.getByRole('link', { name: 'gateway' }).click();
      await page.getByRole('heading', { name: 'gateway', level: 1 }).waitFor();
      await page.getByRole('region', { name: 'Operations' }).getByRole('link', { name: 'GET /models' }).waitFor();
      await page
        .getByRole('region', { name: 'Dependencies' })
        .getByRole('link', { name: 'model-validation' })
        .waitFor();
      await page
        .getByRole('region', { name: 'Newest logs' })
        .getByRole('cell', { name: 'cache miss', exact: true })
        .waitFor();
      const happened = page.getByRole('region', { name: 'What happened' });
      await happened.getByRole('textbox', { name: 'Note' }).fill('Cache switched off');
      await happened.getByRole('button', { name: 'Add note' }).click();
      await page.getByRole('img', { name: /^Requests of gateway.*Annotations: Cache switched off/ }).waitFor();
      await happened.getByRole('button', { name: 'Delete: Cache switched off' }).click();
      await happened.getByText('Cache switched off').waitFor({ state: 'detached' });
    });
  });

  it('draws who calls whom, and shows the host with its containers', async () => {
    await on('/services', async ({ page }) => {
      await page.getByRole('radio', { name: 'Map' }).press('Space');
      const map = page.getByRole('list', { name: 'Services and what they need' });
      await map
        .getByRole('listitem')
        .filter({ hasText: /^gateway.*calls model-validation .* errors/ })
        .waitFor();
      await map.getByRole('link', { name: 'model-validation' }).hover();
      await page.getByText(/\/s, 360 ms$/).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Infrastructure' }).click();
      await page.getByRole('img', { name: /^CPU of the host/ }).waitFor();
      await page.getByRole('meter', { name: '/ used' }).waitFor();
      await page.getByText('No container engine found').waitFor();
    });
  });

  it('charts a metric', async () => {
    await on('/explore', async ({ page }) => {
      await page.getByRole('searchbox', { name: 'Search metrics' }).fill('host_memory_usage');
      await page.getByRole('button', { name: 'host_memory_usage_percent' }).click();
      await page.getByRole('img', { name: /^Chart of host_memory_usage_percent.* now \d/ }).waitFor();
    });
  });

  it('charts a PromQL query, and says what is wrong with one', async () => {
    const visited = await visit(browser, service.url);
    const { page } = visited;
    await page.goto('/explore?metric=host_memory_usage_percent');
    await page.getByRole('radio', { name: 'PromQL' }).press('Space');
    const box = page.getByRole('textbox', { name: 'PromQL query' });
    await box.fill('max(host_memory_usage_percent)');
    await box.press('Enter');
    await page.getByRole('img', { name: /^Result of the query.* now \d/ }).waitFor();
    expect(visited.problems).toEqual([]);
    await box.fill('sum((');
    await box.press('Enter');
    const alert = page.getByRole('alert');
    await alert.getByText(/parse error/).waitFor();
    expect(await alert.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await visited.context.close();
  });

  it('completes a query, follows it live, and says how it was computed', async () => {
    await on('/explore?query=up', async ({ page }) => {
      const box = page.getByRole('textbox', { name: 'PromQL query' });
      await box.fill('sum(host_cpu_sec');
      await page.getByRole('option', { name: 'host_cpu_seconds_total' }).click();
      await box.press('End');
      await box.pressSequentially('{mo');
      await page.getByRole('option', { name: 'mode' }).click();
      await page.getByRole('option', { name: 'idle' }).click();
      expect(await box.inputValue()).toBe('sum(host_cpu_seconds_total{mode="idle"');
      await box.press('End');
      await box.pressSequentially('})');
      await box.press('Enter');
      await page.getByRole('button', { name: 'Explain' }).click();
      const parts = page.getByRole('region', { name: 'How it was computed' });
      await parts.getByRole('row', { name: /^sum\(.* aggregation/ }).waitFor();
      await parts.getByRole('row', { name: /^host_cpu_seconds_total.* vector selector/ }).waitFor();
      await page.getByRole('button', { name: 'Live' }).click();
      await page.getByRole('status', { name: 'Live' }).getByText('Live', { exact: true }).waitFor();
      await page.getByRole('img', { name: /^Result of the query.* now \d/ }).waitFor();
      expect(new URL(page.url()).searchParams.get('live')).toBe('true');
    });
  });

  it('shows where series come from, and which metrics nobody uses', async () => {
    await on('/explore', async ({ page }) => {
      const tabs = page.getByRole('navigation', { name: 'Metrics' });
      await tabs.getByRole('link', { name: 'Cardinality' }).click();
      await page.getByRole('button', { name: 'host_cpu_seconds_total' }).click();
      await page.getByRole('button', { name: 'mode', exact: true }).click();
      const values = page.getByRole('region', { name: 'Values of mode' });
      await values.getByRole('row', { name: /^idle 1/ }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await tabs.getByRole('link', { name: 'Unused' }).click();
      await page.getByRole('row', { name: /^host_boot_time_seconds .* never/ }).waitFor();
    });
  });

  it('says once, at its field, what is wrong with a search', async () => {
    const visited = await visit(browser, service.url);
    const { page } = visited;
    await page.goto('/logs');
    const field = page.getByRole('searchbox', { name: 'Search logs' });
    await field.fill('"oops');
    await page.getByText('This search cannot be read').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByText(/position 1/).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await visited.context.close();
  });

  it('keeps the inbox and the preferences of the chosen user', async () => {
    await on('/notifications', async ({ page }) => {
      await page.getByRole('link', { name: 'Open alert' }).first().waitFor();
      await page.getByRole('link', { name: 'Preferences' }).click();
      const address = page.getByRole('textbox', { name: 'Email address' });
      await address.fill('local@example.org');
      await address.press('Enter');
      await eventually(async () => {
        const { body } = await api.get('/api/notifications/preferences/local');
        expect(body.channels.email.address).toBe('local@example.org');
      });
      await page.getByRole('link', { name: 'History' }).click();
      await page.getByRole('heading', { name: 'Notification history' }).waitFor();
      await page
        .getByRole('rowheader', { name: /Validation stuck/ })
        .first()
        .waitFor();
    });
  });

  it('shows what comes in, what is refused and what to do about it', async () => {
    const future = new Date(Date.now() + 86_400_000).toISOString();
    const lines = [`{"message":"early","service":"clockwork","timestamp":"${future}"}`, '{"message":"on time"}'];
    const headers = { 'content-type': 'application/x-ndjson' };
    const url = `${service.url}/api/logs`;
    expect((await fetch(url, { method: 'POST', headers, body: lines.join('\n') })).status).toBe(202);
    await on('/', async ({ page }) => {
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Ingest' }).click();
      await page.getByRole('heading', { name: 'Ingest', level: 1 }).waitFor();
      const sources = page.getByRole('region', { name: 'Sources' });
      await sources.getByRole('row', { name: /^json logs/ }).waitFor();
      await sources.getByRole('row', { name: /^host samples/ }).waitFor();
      const losses = page.getByRole('region', { name: 'Not stored, by reason' });
      await losses.getByRole('row', { name: /^Too far in future .* json, logs 1 .*INGEST_MAX_AHEAD/ }).waitFor();
      const newest = page.getByRole('region', { name: 'Newest refused' });
      await newest.getByRole('row', { name: /json, logs clockwork Too far in future/ }).waitFor();
      const writePath = page.getByRole('region', { name: 'Write path' });
      await writePath.getByText('Senders hear of success').waitFor();
      await page
        .getByRole('region', { name: 'Limits' })
        .getByText(/ of 500k$/)
        .waitFor();
    });
  });

  it('ticks off the first span', async () => {
    await on('/get-started', async ({ page }) => {
      await page.getByRole('link', { name: 'First span received' }).waitFor();
      await page.getByRole('radio', { name: 'curl' }).press('Space');
      await page.getByText(`${service.url}/api/logs`).first().waitFor();
    });
  });

  it('works on a narrow screen', async () => {
    await on(
      '/',
      async ({ page }) => {
        await page.getByRole('button', { name: 'Open menu' }).click();
        await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Traces' }).click();
        await page.getByRole('heading', { name: 'Traces', level: 1 }).waitFor();
        await page.getByRole('link', { name: 'GET /models' }).waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
        // What scrolls sideways can be scrolled by the keyboard.
        await page.goto('/ingest');
        await page.getByRole('row', { name: /^host samples/ }).waitFor();
        const labels = { alertname: 'Far away', service: 'a-service-of-a-name-that-is-wider-than-a-phone' };
        expect((await api.post('/api/v2/alerts', [{ labels }])).status).toBe(200);
        await page.goto('/alerts/history');
        const cell = page.getByRole('rowheader', { name: /^Far away/ });
        await cell.getByText(labels.service).waitFor();
        expect(await cell.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
      },
      { width: 390, height: 844 },
    );
  });

  it('says so where there is no such page', async () => {
    await on('/no/such/page', async ({ page }) => {
      await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    });
  });

  it('loads the overview with at most 400 KB of JavaScript', async () => {
    const { page, context } = await visit(browser, service.url);
    let bytes = 0;
    const reading: Promise<void>[] = [];
    page.on('response', (response) => {
      if (!new URL(response.url()).pathname.endsWith('.js')) return;
      reading.push(
        response.body().then((body) => {
          bytes += gzipSync(body).length;
        }),
      );
    });
    await page.goto('/');
    await page.getByRole('img', { name: /^CPU of the host/ }).waitFor();
    await Promise.all(reading);
    await context.close();
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThanOrEqual(400 * 1024);
  });
});
