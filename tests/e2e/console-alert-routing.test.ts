import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { accessibilityFaults, findChromium, startBrowser, visit } from '../support/browser.ts';
import { buildConsole } from '../support/console-build.ts';
import { startTestService, type TestService } from '../support/service.ts';

const chromium = findChromium();

const ALERTMANAGER_YML = `
route:
  receiver: team
  routes:
    - matchers: [severity="critical"]
      receiver: pager
receivers:
  - name: team
  - name: pager
    webhook_configs: [{url: 'https://hooks.example.org/secret'}]
`;
const RULES = `
groups:
  - name: host
    interval: 1s
    rules:
      - record: host:cores
        expr: host_cpu_cores
      - alert: Twice
        expr: host_cpu_cores + on () host_cpu_seconds_total > 0
`;

describe.skipIf(chromium === undefined)('who hears of alerts, in the console', () => {
  let service: TestService;
  let browser: Browser;

  beforeAll(async () => {
    buildConsole();
    [service, browser] = await Promise.all([startTestService(), startBrowser(chromium!)]);
    const alerts = ['a', 'b', 'c'].map((host) => ({ labels: { alertname: 'DiskFull', host } }));
    expect((await apiOf(service.url).post('/api/v2/alerts', alerts)).status).toBe(200);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  it('silences: made with a live count of what they silence, listed, and ended', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/alerts');
    await page.getByRole('navigation', { name: 'Alerts' }).getByRole('link', { name: 'Silences' }).click();
    await page.getByRole('heading', { name: 'Silences', level: 1 }).waitFor();
    await page.getByText('Nothing is silenced').waitFor();
    await page.getByRole('button', { name: 'New silence' }).click();
    const form = page.getByRole('region', { name: 'New silence' });
    await form.getByRole('textbox', { name: 'Alerts with these labels' }).fill('alertname="DiskFull"');
    await form.getByText('Silences 3 alerts now: DiskFull').waitFor();
    await form.getByRole('textbox', { name: 'Alerts with these labels' }).fill('alertname="DiskFull", host=~"a|b"');
    await form.getByText('Silences 2 alerts now: DiskFull').waitFor();
    await form.getByRole('textbox', { name: 'Why' }).fill('replaced on Tuesday');
    expect(await accessibilityFaults(page)).toEqual([]);
    await form.getByRole('button', { name: 'Silence', exact: true }).click();
    const row = page.getByRole('row', { name: /Active .*DiskFull.* replaced on Tuesday 2 local/ });
    await row.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await row.getByRole('button', { name: /^Extend: / }).click();
    await page.getByRole('menuitem', { name: '1 day more' }).click();
    await page.getByText('Silence extended').waitFor();
    await row.getByRole('button', { name: /^Extend: / }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    const change = page.getByRole('region', { name: 'Change the silence' });
    await change.getByText('Silences 2 alerts now: DiskFull').waitFor();
    await change.getByRole('textbox', { name: 'Why' }).fill('replaced on Friday');
    await change.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /replaced on Friday/ }).waitFor();
    await page.getByRole('button', { name: /^End now: / }).click();
    await page.getByText('Nothing is silenced').waitFor();
    await page.getByText('Expired', { exact: true }).click();
    await page.getByRole('row', { name: /Expired .*DiskFull/ }).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it('incidents: listed, taken in hand, written about, split and snoozed', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Incidents' }).click();
    const row = page.getByRole('row', { name: /^Open DiskFull Warning .*3 of 3/ });
    await row.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await row.getByRole('link', { name: 'DiskFull' }).click();
    await page.getByRole('heading', { name: 'DiskFull', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    const timeline = page.getByRole('region', { name: 'Timeline' });
    await timeline.getByText('local acknowledged the incident').waitFor();
    await timeline.getByRole('textbox', { name: 'Note' }).fill('the nightly dump fills it');
    await timeline.getByRole('button', { name: 'Add note' }).click();
    await timeline.getByText('local: the nightly dump fills it').waitFor();
    await page.getByRole('button', { name: 'Assign' }).click();
    await page.getByRole('button', { name: 'To me (local)' }).click();
    await timeline.getByText('local assigned it to local').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('checkbox', { name: 'Choose DiskFull' }).first().check();
    await page.getByRole('button', { name: 'Split 1 off' }).click();
    await timeline.getByText('local split it from DiskFull').waitFor();
    await page.getByRole('button', { name: 'Snooze' }).click();
    await page.getByRole('menuitem', { name: '1 hour' }).click();
    await timeline.getByText(/local snoozed the incident until/).waitFor();
    await page.getByText('Snoozed', { exact: true }).first().waitFor();
    const id = page.url().split('/').at(-1)!;
    const report = await fetch(`${service.url}/api/incidents/${id}/export`);
    expect(report.headers.get('content-type')).toContain('text/markdown');
    expect(await report.text()).toContain('# DiskFull');
    await page.goto('/alerts');
    await page.getByRole('checkbox', { name: 'Choose DiskFull' }).check();
    await page.getByRole('toolbar', { name: 'Chosen alerts' }).getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('1 of 1 alerts').waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it('silences: say at the field what is wrong', async () => {
    const { page, context } = await visit(browser, service.url);
    await page.goto('/alerts/silences');
    await page.getByRole('button', { name: 'New silence' }).click();
    const matchers = page.getByRole('textbox', { name: 'Alerts with these labels' });
    await matchers.fill('host=~"("');
    await page.getByText(/is no regular expression/).waitFor();
    await matchers.fill('host="a"');
    await page.getByRole('button', { name: 'Silence', exact: true }).click();
    await page.getByText('say why').waitFor();
    await context.close();
  });

  it('routing: imported, tested, and changed without losing where receivers send to', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Routing' }).click();
    await page.getByText('built in: everything goes to the default recipients').waitFor();
    await page.getByRole('button', { name: 'Edit or import' }).click();
    await page.locator('input[type=file]').setInputFiles({
      name: 'alertmanager.yml',
      mimeType: 'application/yaml',
      buffer: Buffer.from(ALERTMANAGER_YML),
    });
    await page.getByText('Understood: 2 receivers, 0 inhibit rules').waitFor();
    await page.getByRole('button', { name: 'Save and use' }).click();
    await page.getByText('set here or by the API').waitFor();
    await page.getByRole('textbox', { name: 'An alert with these labels' }).fill('severity=critical, host=a');
    const way = page.getByRole('article', { name: 'To pager' });
    await way.getByText('hooks.example.org').waitFor();
    await way.getByText('at once').waitFor();
    await page.getByRole('list', { name: 'Routes' }).getByText('goes here').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Edit or import' }).click();
    const yaml = page.getByRole('textbox', { name: 'Routing as YAML' });
    const shown = await yaml.inputValue();
    expect(shown).not.toContain('hooks.example.org');
    expect(problems).toEqual([]);
    await yaml.fill(shown.replace('receiver: pager', 'receiver: nobody'));
    await page.getByText('undefined receiver "nobody" used in route').first().waitFor();
    await yaml.fill(shown.replace('severity="critical"', 'severity=~"critical|error"'));
    await page.getByText('Understood: 2 receivers').waitFor();
    await page.getByRole('button', { name: 'Save and use' }).click();
    await page.getByText('severity=~"critical|error"').first().waitFor();
    await page
      .getByRole('region', { name: 'Receivers' })
      .getByRole('row', { name: /pager Webhook: hooks\.example\.org/ })
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await context.close();
  });

  it('maintenance: planned with its next times by the clocks of a zone, changed, and removed', async () => {
    const { page, context, problems } = await visit(browser, service.url, { width: 390, height: 844 });
    await page.goto('/alerts/maintenance');
    await page.getByRole('button', { name: 'New window' }).click();
    const form = page.getByRole('region', { name: 'New maintenance window' });
    await form.getByRole('textbox', { name: 'Name' }).fill('Backup');
    await form.getByRole('textbox', { name: 'Alerts with these labels' }).fill('host="a"');
    await form.getByText('Silences 1 alert now').waitFor();
    await form.getByLabel('Begins').fill('2036-01-01T02:30');
    await form.getByRole('combobox', { name: 'By the clocks of' }).fill('America/New_York');
    await form.getByRole('combobox', { name: 'Comes again' }).click();
    await page.getByRole('option', { name: 'Every week' }).click();
    await form.getByText('Sun', { exact: true }).click();
    const next = form.getByRole('region', { name: 'Next occurrences' });
    await next.getByText('Sun 06 Jan').or(next.getByText('Sun, 06 Jan')).first().waitFor();
    await next.getByText('02:30 – 03:30').first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await form.getByRole('button', { name: 'Plan it' }).click();
    await page.getByRole('row', { name: /Planned Backup host="a"/ }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Remove: Backup' }).click();
    await page.getByText('No maintenance is planned').waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it('groups and rule files: what is told together, and which rules are well', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/alerts/rule-files');
    await page.getByText('No rule file').waitFor();
    await page.locator('input[type=file]').setInputFiles({
      name: 'host rules.yml',
      mimeType: 'application/yaml',
      buffer: Buffer.from(RULES),
    });
    const file = page.getByRole('region', { name: 'host-rules.yml' });
    const group = file.getByRole('region', { name: 'Group host' });
    await group.getByRole('row', { name: /^OK host:cores host_cpu_cores recorded/ }).waitFor();
    await group.getByRole('row', { name: /^Fails Twice .*many-to-many/ }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('navigation', { name: 'Alerts' }).getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('cell', { name: 'Firing' }).first().waitFor();
    await page.getByRole('rowheader', { name: 'DiskFull host=a' }).first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.goto('/alerts/rule-files');
    await file.getByRole('button', { name: 'Remove' }).click();
    await file.getByRole('button', { name: 'Remove it and end its alerts' }).click();
    await page.getByText('No rule file').waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it('on call: a schedule, its calendar, and an override', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/on-call');
    await page.getByText('No on-call schedules').waitFor();
    await page.getByRole('button', { name: 'New schedule' }).click();
    const form = page.getByRole('region', { name: 'New schedule' });
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill('web');
    const people = form.getByLabel('Who takes turns in layer 1');
    for (const name of ['anna', 'ben']) {
      await people.fill(name);
      await people.press('Enter');
    }
    await form.getByLabel('First handoff').fill('2026-01-05T09:00');
    await form.getByRole('button', { name: 'Save' }).click();
    const web = page.getByRole('region', { name: 'web' });
    await web.getByText(/is on call until/).waitFor();
    expect(await web.getByRole('list', { name: /^Shifts from / }).count()).toBe(4);
    expect(await accessibilityFaults(page)).toEqual([]);
    await web.getByRole('button', { name: 'Override web' }).click();
    await web.getByRole('textbox', { name: 'Who stands in' }).fill('cem');
    await web.getByRole('button', { name: 'Stand in' }).click();
    await web.getByRole('list', { name: 'Overrides of web' }).getByText('cem').waitFor();
    await web.getByText('cem', { exact: true }).first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });

  it('escalation: a policy with what may keep it from reaching somebody', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/escalation');
    await page.getByText('No escalation policies').waitFor();
    await page.getByRole('button', { name: 'New policy' }).click();
    const form = page.getByRole('region', { name: 'New escalation policy' });
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill('web');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('name at least one target').waitFor();
    const tell = form.getByLabel('Tell in step 1');
    for (const target of ['schedule:web', 'slack']) {
      await tell.fill(target);
      await tell.press('Enter');
    }
    await form.getByRole('button', { name: 'Save' }).click();
    const web = page.getByRole('region', { name: 'web' });
    await web.getByRole('list', { name: 'Steps of web' }).getByText('schedule:web').waitFor();
    await web
      .getByRole('list', { name: /^What may keep web/ })
      .getByText(/SLACK|[Ss]lack/)
      .first()
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await web.getByRole('button', { name: 'Edit web' }).click();
    const edit = page.getByRole('region', { name: 'Change web' });
    await edit.getByRole('button', { name: 'Only at certain hours in step 1' }).click();
    await edit.getByRole('button', { name: 'More hours for step 1' }).click();
    const evenings = edit.getByRole('group', { name: 'Hours 2 of step 1' });
    await evenings.getByLabel('Only from').fill('19:00');
    await evenings.getByLabel('Until').fill('22:30');
    await evenings.getByText('Sat').click();
    await edit.getByRole('textbox', { name: 'Only after firing' }).fill('2');
    await edit.getByRole('button', { name: 'Save' }).click();
    await web.getByText(/Mon, Tue, Wed, Thu, Fri 09:00 to 17:00, .*Sat 19:00 to 22:30 UTC · after 2 in 1h/).waitFor();
    await web.getByRole('button', { name: 'Edit web' }).click();
    await edit.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await edit.getByRole('button', { name: 'Remove hours 1 of step 1' }).click();
    await edit.getByRole('button', { name: 'Save' }).click();
    await web.getByText(/^(?!.*09:00).*Sat 19:00 to 22:30 UTC/).waitFor();
    expect(problems.filter((text) => !text.includes('422'))).toEqual([]);
    await context.close();
  });

  it('incidents: a correlation rule tried while it is written, and what is done on the page of an alert', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/incidents');
    await page.getByRole('navigation', { name: 'Incidents' }).getByRole('link', { name: 'Correlation' }).click();
    await page.getByText('No correlation rules').waitFor();
    await page.getByRole('button', { name: 'New rule' }).click();
    const form = page.getByRole('region', { name: 'New correlation rule' });
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill('disks');
    await form.getByRole('textbox', { name: 'Alerts with these labels' }).fill('alertname="DiskFull"');
    await form.getByText(/it matches 3 and would have made 1 incident of 3/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /On disks/ }).waitFor();
    await page.getByRole('button', { name: 'Switch disks off' }).click();
    await page.getByRole('row', { name: /Off disks/ }).waitFor();
    await page.getByRole('navigation', { name: 'Incidents' }).getByRole('link', { name: 'Incidents' }).click();
    await page.getByRole('link', { name: 'DiskFull' }).first().click();
    await page.getByRole('region', { name: 'Alerts' }).getByRole('link', { name: 'DiskFull' }).first().click();
    const incident = page.getByRole('region', { name: 'Incident' }).first();
    await incident.getByRole('textbox', { name: 'Note' }).fill('cleaned up');
    await incident.getByRole('button', { name: 'Add note' }).click();
    await incident.getByRole('button', { name: 'Assign' }).click();
    await page.getByRole('textbox', { name: 'User' }).fill('anna');
    await page.getByRole('dialog').getByRole('button', { name: 'Assign', exact: true }).click();
    await incident.getByText('assigned to anna').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await incident.getByRole('link', { name: 'DiskFull' }).click();
    await page.getByText(/cleaned up/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(problems.filter((text) => !text.includes('422'))).toEqual([]);
    await context.close();
  });

  it('heartbeats: made, heard of, paused', async () => {
    const { page, context, problems } = await visit(browser, service.url);
    await page.goto('/heartbeats');
    await page.getByText('No heartbeats').waitFor();
    await page.getByRole('button', { name: 'New heartbeat' }).click();
    const form = page.getByRole('region', { name: 'New heartbeat' });
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill('backup');
    await form.getByRole('button', { name: 'Make heartbeat' }).click();
    await page.getByRole('row', { name: /Waiting backup/ }).waitFor();
    const { body } = await apiOf(service.url).get('/api/heartbeats');
    const { items } = body as { items: { ping_path: string }[] };
    expect((await apiOf(service.url).get(items[0]!.ping_path)).status).toBe(200);
    await page.reload();
    await page.getByRole('row', { name: /Up backup/ }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Pause backup' }).click();
    await page.getByRole('row', { name: /Paused backup/ }).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
});
