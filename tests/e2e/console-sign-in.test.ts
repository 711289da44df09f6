import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { accessibilityFaults, findChromium, startBrowser, visit } from '../support/browser.ts';
import { buildConsole } from '../support/console-build.ts';
import { startTestService, type TestService } from '../support/service.ts';

const chromium = findChromium();
const KEY = '0123456789/abcdef=admin';

describe.skipIf(chromium === undefined)('the console of a service with API keys', () => {
  let service: TestService;
  let browser: Browser;
  beforeAll(async () => {
    buildConsole();
    const env = { API_KEYS: `boss:admin:${KEY}` };
    [service, browser] = await Promise.all([startTestService({ env }), startBrowser(chromium!)]);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  it('asks for a key, refuses a wrong one, and works with the right one, live notifications included', async () => {
    const { page, context } = await visit(browser, service.url);
    await page.goto('/');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel('API key').fill('not/a:key');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The service does not know this key').waitFor();
    await page.getByLabel('API key').fill(KEY);
    const socket = page.waitForEvent('websocket');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const isOurs = ({ payload }: { payload: string | Buffer }) => JSON.parse(String(payload)).subject === 'With a key';
    const received = (await socket).waitForEvent('framereceived', isOurs);
    const sent = await apiOf(service.url).post(
      '/api/notifications/notify',
      { user_id: 'local', subject: 'With a key', message: 'arrived' },
      { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    );
    expect(sent.status).toBe(202);
    await received;
    await context.close();
  });
});
