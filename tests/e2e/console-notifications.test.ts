import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { accessibilityFaults, findChromium, startBrowser, visit } from '../support/browser.ts';
import { buildConsole } from '../support/console-build.ts';
import { eventually } from '../support/eventually.ts';
import { HttpStandIn } from '../support/http-stand-in.ts';
import { startTestService, type TestService } from '../support/service.ts';

const chromium = findChromium();

describe.skipIf(chromium === undefined)('notifications in the console', () => {
  let service: TestService;
  let target: HttpStandIn;
  let browser: Browser;
  let api: ReturnType<typeof apiOf>;

  beforeAll(async () => {
    buildConsole();
    target = await HttpStandIn.start();
    const env = { WEBHOOK_ALLOW: `127.0.0.1:${target.port}`, WEBHOOK_URL: `${target.url}/default` };
    [service, browser] = await Promise.all([startTestService({ env }), startBrowser(chromium!)]);
    api = apiOf(service.url);
    for (const subject of ['First', 'Second', 'Third']) {
      await api.post('/api/notifications/notify', {
        ...{ user_id: 'local', type: 'validation', subject, message: `${subject} message`, data: { model: subject } },
        channel: ['in_app', 'email'],
      });
    }
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
    await target?.stop();
  });

  it('are archived, snoozed, and changed several at once, in every tab', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    const other = await context.newPage();
    await other.goto('/notifications');
    await page.goto('/notifications');
    await page.getByRole('button', { name: 'Archive: First' }).click();
    for (const tab of [page, other]) await tab.getByText('First message').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Snooze: Second' }).click();
    await page.getByRole('menuitem', { name: 'For 1 hour' }).click();
    await page.getByText('Second message').waitFor({ state: 'detached' });
    await page.getByText('Snoozed', { exact: true }).click();
    await page.getByText('snoozed until').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByText('Archived', { exact: true }).click();
    await page.getByRole('checkbox', { name: 'Choose: First' }).check();
    await page.getByText('1 chosen').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back to the inbox', exact: true }).click();
    await page.getByText('Nothing is archived').waitFor();
    await other.getByText('First message').waitFor();
    await eventually(async () => {
      expect((await api.get('/api/notifications/counts/local')).body).toMatchObject({ unread: 2 });
    });
    expect(problems).toEqual([]);
    await context.close();
  });

  it('show why they were sent where, or not', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    const later = { user_id: 'local', message: 'Later', send_at: 'now+1h' };
    await api.post('/api/notifications/notify', later);
    await page.goto('/notifications/history');
    await page.getByRole('region', { name: 'In figures' }).getByText('channel not configured').waitFor();
    await page.getByRole('button', { name: 'Open the decisions about Later' }).click();
    await page.getByRole('button', { name: 'Do not send' }).click();
    await page.getByText('canceled by local').waitFor();
    await page.getByRole('button', { name: 'Open the decisions about Third' }).click();
    const mail = page.getByRole('region', { name: 'Email to local' });
    await mail.getByText('Channel configured: no').waitFor();
    await mail.getByText(/Held back: channel not configured\. .*SMTP_URL/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });

  it('stand beside what happened: deploys are on the charts', async () => {
    const deploy = { kind: 'deploy', service: 'shop', version: '1.4', time: 'now-5m' };
    await api.post('/api/annotations', deploy);
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/');
    await page.getByRole('img', { name: /^CPU.*Annotations: Deploy of shop 1\.4/ }).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it('come when their reader wants them', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/notifications/preferences');
    const address = page.getByRole('textbox', { name: 'Email address' });
    await address.fill('local@example.org');
    await address.press('Enter');
    await page.getByRole('cell', { name: 'Verified' }).waitFor();
    await page.getByRole('button', { name: 'Add quiet hours' }).click();
    await page.getByRole('group', { name: 'Quiet hours 1' }).waitFor();
    await page.getByLabel('Type or category').fill('alert.*');
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('rowheader', { name: 'alert.*' }).waitFor();
    const mail = page.getByRole('region', { name: 'Email to local@example.org' });
    await mail.getByText('Preference for the category alert.*: off').waitFor();
    await page.getByRole('button', { name: 'Forget alert.* on email' }).click();
    await page.getByText('Every type goes where its channel says.').waitFor();
    const { body } = await api.get('/api/notifications/preferences/local');
    expect(body).toMatchObject({
      quiet_hours: { windows: [{ start: '22:00', end: '07:00' }] },
      channels: { email: { address: 'local@example.org', verified: true } },
    });
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });

  it('are written by templates, with preview and mistakes at their place', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/notifications/templates');
    await page.getByRole('button', { name: 'alert.firing', exact: true }).click();
    await page.getByText('Copy of alert.firing').waitFor();
    await page.getByRole('button', { name: 'New template' }).click();
    await page.getByRole('textbox', { name: 'Id' }).fill('validated');
    await page.getByRole('textbox', { name: 'For types of notifications' }).fill('validation');
    await page.getByRole('textbox', { name: 'Subject', exact: true }).fill('Model {{ model }}');
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Done\n{{ model | shout }}');
    const preview = page.getByRole('region', { name: 'Preview' });
    await preview.getByText('message, line 2, column 1: undefined filter: shout').waitFor();
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Done with {{ model }}');
    await preview.getByText('Done with Third').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('row', { name: /validated .* own validation 1/ }).waitFor();
    expect((await api.get('/api/notifications/templates/validated')).body.message).toBe('Done with {{ model }}');
    await page.getByRole('button', { name: 'Add a variant' }).click();
    const variant = page.getByRole('region', { name: 'Variant 1' });
    await variant.getByRole('combobox', { name: 'In the language' }).fill('de');
    await variant.getByRole('textbox', { name: 'Its subject' }).fill('Modell {{ model }}');
    await preview.getByRole('combobox', { name: 'Variant to show' }).click();
    await page.getByRole('option', { name: 'de', exact: true }).last().click();
    await preview.getByText('Modell Third').waitFor();
    await page.getByRole('button', { name: 'Save new version' }).click();
    const versions = page.getByRole('region', { name: 'Versions' });
    await versions.getByText('by local, now').waitFor();
    await page.getByRole('row', { name: /validated .* own validation 2/ }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await versions.getByRole('button', { name: 'Restore version 1' }).click();
    await page.getByRole('row', { name: /validated .* own validation 3/ }).waitFor();
    expect((await api.get('/api/notifications/templates/validated')).body.variants ?? []).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });

  it('are said by the calendar, by topics, and under conditions', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/notifications/scheduled');
    await page.getByText('Nothing is scheduled').waitFor();
    await page.getByRole('button', { name: 'New schedule' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Weekly report');
    await page.getByRole('textbox', { name: 'Subject' }).fill('The week in figures');
    await page.getByRole('textbox', { name: 'First on' }).fill('2040-01-02T08:00');
    await page.getByRole('combobox', { name: 'Comes again' }).click();
    await page.getByRole('option', { name: 'Every week' }).click();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Schedule it' }).click();
    const schedule = page.getByRole('row', { name: /^Weekly report.* local every week, 08:00/ });
    await schedule.getByText('2 Jan 2040').waitFor();
    await schedule.getByRole('button', { name: 'Pause: Weekly report' }).click();
    await schedule.getByText('paused').waitFor();
    await schedule.getByRole('button', { name: 'Stop: Weekly report' }).click();
    await schedule.waitFor({ state: 'detached' });
    await api.post('/api/notifications/notify', { user_id: 'local', subject: 'Not yet', delay: '1h' });
    await page.reload();
    const waiting = page.getByRole('region', { name: 'Waiting now' });
    await waiting.getByRole('button', { name: 'Cancel: Not yet' }).first().click();
    await waiting
      .getByRole('rowheader', { name: /^Not yet/ })
      .first()
      .waitFor({ state: 'detached' });

    await page.getByRole('navigation', { name: 'Notifications' }).getByRole('link', { name: 'Topics' }).click();
    await page.getByRole('button', { name: 'New topic' }).click();
    await page.getByRole('textbox', { name: 'Id' }).fill('deployments');
    await page.getByRole('combobox', { name: 'Types of events' }).fill('com.example.deploy.*');
    await page.getByRole('combobox', { name: 'Types of events' }).press('Enter');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('row', { name: /^deployments/ }).waitFor();
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByRole('combobox', { name: 'Topic, or type of events' }).fill('deployments');
    await page.getByRole('button', { name: 'Add a condition' }).click();
    await page.getByRole('textbox', { name: 'Where' }).fill('data.environment');
    await page.getByRole('textbox', { name: 'Value' }).fill('production');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.locator('form').getByRole('button', { name: 'Subscribe' }).click();
    await page.getByRole('row', { name: /^local .* deployments data.environment is production any/ }).waitFor();
    const event = { specversion: '1.0', id: '7', source: '/ci', type: 'com.example.deploy.done', data: {} };
    expect((await api.post('/api/events', event)).status).toBe(202);
    await page.reload();
    await page.getByRole('row', { name: /^com.example.deploy.done .* local \(its filter\)/ }).waitFor();

    await api.post('/api/notifications/preferences', { user_id: 'local', channel: 'email', address: 'a@example.org' });
    await page.getByRole('navigation', { name: 'Notifications' }).getByRole('link', { name: 'Preferences' }).click();
    const matchers = page.getByRole('textbox', { name: 'Email only with these labels' });
    await matchers.fill('service="shop", severity=~"error,critical"');
    await matchers.press('Enter');
    await page.getByRole('textbox', { name: 'Email not if seen in the inbox within' }).fill('10m');
    await page.getByRole('combobox', { name: 'One after the other' }).click();
    for (const name of ['Email', 'SMS']) await page.getByRole('option', { name, exact: true }).click();
    await expect
      .poll(async () => (await api.get('/api/notifications/preferences/local')).body)
      .toMatchObject({
        fallback: { channels: ['email', 'sms'] },
        channels: { email: { matchers: ['service="shop"', 'severity=~"error,critical"'], unless_seen_within: '10m' } },
      });
    await page.keyboard.press('Escape');
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });

  it('leave by channels that are set up, tested and changed on their page', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/channels');
    await page.getByRole('row', { name: /default webhook .* settings/ }).waitFor();
    await page.getByRole('button', { name: 'New channel' }).click();
    await page.getByRole('combobox', { name: 'Kind' }).click();
    await page.getByRole('option', { name: 'Webhook' }).click();
    await page.getByRole('textbox', { name: 'Id' }).fill('ops');
    await page.getByRole('textbox', { name: 'Name' }).fill('Operations');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('is missing: http or https').waitFor();
    await page.getByRole('textbox', { name: 'URL', exact: true }).fill(`${target.url}/secret`);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const row = page.getByRole('row', { name: /^Operations/ });
    await row.getByText('Ready').waitFor();
    await row.getByRole('button', { name: 'Test Operations' }).click();
    await row.getByText(/^Sent to Operations: answered 200/).waitFor();
    target.behave = () => ({ status: 410 });
    await row.getByRole('button', { name: 'Test Operations' }).click();
    await row.getByText(/^Not sent: answered 410/).waitFor();
    await page.getByRole('button', { name: 'Test the bell' }).click();
    await page
      .getByRole('status', { name: 'Test of the bell' })
      .getByText(/^Works Arrived live after \d+ ms$/)
      .waitFor();
    await row.getByRole('button', { name: 'Edit Operations' }).click();
    await page.getByPlaceholder('set; leave empty to keep it').first().waitFor();
    await page.getByRole('checkbox', { name: /On/ }).uncheck();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await row.getByText('Off').waitFor();
    expect((await api.get('/api/notifications/channels/ops')).body).toMatchObject({ enabled: false, secrets: ['url'] });
    await row.getByRole('button', { name: 'Delete Operations' }).click();
    await row.getByRole('button', { name: 'Really delete Operations' }).click();
    await row.waitFor({ state: 'detached' });
    expect(target.requests.map(({ path }) => path)).toEqual(['/secret', '/secret']);
    // The console reports every refused request: a missing field is one.
    expect(problems.filter((problem) => !/422/.test(problem))).toEqual([]);
    await context.close();
  });
});
