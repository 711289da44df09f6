import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { accessibilityFaults, findChromium, startBrowser, visit } from '../support/browser.ts';
import { buildConsole } from '../support/console-build.ts';
import { eventually } from '../support/eventually.ts';
import { startTestService, type TestService } from '../support/service.ts';

const chromium = findChromium();

describe.skipIf(chromium === undefined)('the page about storage', () => {
  let service: TestService;
  let browser: Browser;

  beforeAll(async () => {
    buildConsole();
    [service, browser] = await Promise.all([
      startTestService({ env: { DISK_BUDGET: '50GB' } }),
      startBrowser(chromium!),
    ]);
    const logs = Array.from({ length: 100 }, (_, index) => ({ service: 'gateway', message: `line ${index}` }));
    expect((await apiOf(service.url).post('/api/logs', logs)).status).toBe(202);
    await eventually(async () => {
      expect((await apiOf(service.url).get('/api/logs')).body.items.length).toBe(100);
    });
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  it('shows signals, disk and services, and changes the retention', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Storage' }).click();
    await page.getByRole('heading', { name: 'Storage', level: 1 }).waitFor();
    const logs = page.getByRole('region', { name: 'Signals' }).getByRole('row', { name: /^Logs/ });
    await logs.getByRole('cell', { name: '14d' }).waitFor();
    await page.getByRole('region', { name: 'Disk' }).getByText('50 GiB').waitFor();
    await page.getByRole('region', { name: 'Services' }).getByRole('link', { name: 'gateway' }).waitFor();
    const retention = page.getByRole('region', { name: 'Retention' });
    const save = retention.getByRole('button', { name: 'Save retention' });
    expect(await save.isDisabled()).toBe(true);
    await retention.getByRole('textbox', { name: 'Logs' }).fill('3d');
    await save.click();
    await logs.getByRole('cell', { name: '3d' }).waitFor();
    await retention.getByRole('button', { name: 'Back to the settings' }).click();
    await logs.getByRole('cell', { name: '14d' }).waitFor();
    await retention.getByRole('textbox', { name: 'Rollups of metrics' }).fill('2y');
    await save.click();
    const rollups = page.getByRole('region', { name: 'Signals' }).getByRole('row', { name: /^Rollups/ });
    await rollups.getByRole('cell', { name: '730d' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(problems).toEqual([]);
    await retention.getByRole('textbox', { name: 'Traces' }).fill('5m');
    await save.click();
    await retention.getByText('use a duration of at least 1h').waitFor();
    await context.close();
  });
});
