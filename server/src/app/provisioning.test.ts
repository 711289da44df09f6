import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertingBench } from '../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../tests/support/control-stores.ts';
import { type Config, loadConfig } from '../config/index.ts';
import { systemClock } from '../model/clock.ts';
import { configuredAlertForms } from './alert-forms.ts';
import { configDrift } from './config-drift.ts';
import { ConfigReload } from './config-reload.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const CPU = '  - {name: High CPU, service: api, threshold: 90, for: 30s}';
const DISK = '  - {name: Disk full, query: host_disk_usage_percent, threshold: 95, labels: {team: core}}';

describe('alerts of the configuration file', () => {
  let bench: AlertingBench;
  let folder: string;
  let reload: ConfigReload;

  function write(...lines: readonly string[]): void {
    writeFileSync(join(folder, 'system-service.yaml'), `${lines.join('\n')}\n`);
  }
  const load = (): Config => loadConfig({}, folder);
  const configure = async (config: Config) =>
    await bench.alerting.configuration.configure({
      ...config,
      forms: configuredAlertForms(config, bench.clock.now()),
    });
  async function begin(): Promise<void> {
    const config = load();
    await configure(config);
    reload = new ConfigReload({ config, load, apply: configure, clock: systemClock, logger: silent });
  }
  const rules = () => bench.alerting.list().map(({ rule }) => rule);
  const names = () =>
    rules()
      .map(({ name }) => name)
      .sort();
  const rule = (name: string) => rules().find((each) => each.name === name)!;
  const drift = () => configDrift(reload, bench.alerting);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'provisioning-'));
    bench = await AlertingBench.create(controlBackends()[0]!);
  });
  afterEach(async () => {
    await bench.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are made, changed and taken away with it; what is the same stays, with its state, over a restart', async () => {
    bench.figures.set('host_disk_usage_percent', 99);
    write('alerts:', CPU, DISK);
    await begin();
    const byHand = await bench.create({ name: 'By hand', query: 'up', threshold: 0, operator: '<' });
    expect(names()).toEqual(['By hand', 'Disk full', 'High CPU']);
    expect(rule('High CPU')).toMatchObject({ provisioned: true, forMs: 30_000, version: 1, service: 'api' });
    await bench.pass(20);
    expect(bench.states(rule('Disk full').id)).toEqual(['firing']);

    await bench.kill();
    await configure(load());
    expect(bench.states(rule('Disk full').id)).toEqual(['firing']);
    expect(rule('Disk full').version).toBe(1);

    write('alerts:', DISK.replace('95', '97'));
    await reload.reload();
    expect(names()).toEqual(['By hand', 'Disk full']);
    expect(rule('Disk full')).toMatchObject({ threshold: 97, version: 2 });
    expect(rule('By hand').id).toBe(byHand);
  });

  it('cannot be changed by the API, only paused', async () => {
    write('alerts:', CPU);
    await begin();
    const { id } = rule('High CPU');
    await expect(bench.alerting.update(id, { threshold: 80 }, 'anna')).rejects.toThrow(
      'threshold: the configuration file sets it: change it there; here only enabled can be changed',
    );
    await expect(bench.alerting.remove(id, 'anna')).rejects.toThrow(
      'the configuration file has this alert: take it away there',
    );
    await bench.alerting.update(id, { enabled: false }, 'anna');
    await reload.reload();
    expect(rule('High CPU')).toMatchObject({ enabled: false, threshold: 90 });
    expect(drift()).toEqual({
      in_sync: false,
      problems: [],
      items: [{ kind: 'alert', name: 'High CPU', state: 'paused_here', takes_effect: null }],
    });
  });

  it('are compared with what runs, like everything that the file decides', async () => {
    const policy = 'escalation_policies:\n  - {name: core, description: Core, steps: [{targets: [{user: anna}]}]}';
    write('alerts:', CPU, DISK, policy, 'log_level: info');
    await begin();
    expect(drift()).toEqual({ in_sync: true, problems: [], items: [] });
    write(
      'alerts:',
      CPU.replace('90', '80'),
      '  - {name: New, query: up, threshold: 1}',
      policy.replace('Core', 'All'),
      'route: {receiver: nobody}',
      'receivers: [{name: nobody}]',
      'log_level: debug',
    );
    const changed = (kind: string, name: string, state: string, takes_effect: string) => ({
      kind,
      name,
      state,
      takes_effect,
    });
    expect(drift().items).toEqual([
      changed('alert', 'High CPU', 'changed_in_file', 'reload'),
      changed('alert', 'Disk full', 'removed_in_file', 'reload'),
      changed('alert', 'New', 'new_in_file', 'reload'),
      changed('escalation_policy', 'core', 'changed_in_file', 'reload'),
      changed('routing', 'routing', 'new_in_file', 'reload'),
      changed('setting', 'logLevel', 'changed_in_file', 'restart'),
    ]);
    await reload.reload();
    expect(drift().items.map(({ takes_effect }) => takes_effect)).toEqual(['restart']);
  });

  it('are compared where the file has relabelling, redaction and targets, too', async () => {
    const pipelines = (metrics: string, email: string) =>
      `pipelines:
  metrics: {metric_relabel_configs: [{source_labels: [__name__], regex: "${metrics}", action: drop}]}
  logs: {redact: [{values: ["${email}"]}], drop: [{service: "${email}"}]}`;
    const scrape = (regex: string) =>
      `scrape_configs:
  - {job_name: node, static_configs: [{targets: ['a:9100']}], relabel_configs: [{regex: "${regex}", action: labeldrop}]}`;
    write(pipelines('go_.*', 'a@b'), scrape('x'));
    await begin();
    expect(drift()).toEqual({ in_sync: true, problems: [], items: [] });
    const changed = async (...lines: string[]) => {
      write(...lines);
      return drift().items.map(({ name }) => name);
    };
    expect(await changed(pipelines('go_.*', 'a@b'), scrape('y'))).toEqual(['node']);
    expect(await changed(pipelines('go_x.*', 'a@b'), scrape('x'))).toEqual(['pipelines']);
    expect(await changed(pipelines('go_.*', 'c@d'), scrape('x'))).toEqual(['pipelines']);
    expect((await reload.reload()).map(({ name }) => name)).toEqual(['pipelines']);
  });

  it('with mistakes change nothing, and every mistake is told', async () => {
    write('alerts:', CPU);
    await begin();
    write('alerts:', '  - {name: A, query: up, threshold: high}', '  - {name: B, thresold: 1}', '  - {name: A}');
    expect(drift()).toMatchObject({ in_sync: false, problems: [expect.stringContaining('"A" is taken')], items: [] });
    write('alerts:', '  - {name: A, query: up, threshold: high}', '  - {name: B, thresold: 1}');
    await expect(reload.reload()).rejects.toThrow(/alerts\["A"\]\.threshold: must be a number[\s\S]*alerts\["B"\]/);
    write('alerts:', '  - {name: A, query: up, metric: up, threshold: 1}');
    await expect(reload.reload()).rejects.toThrow('alerts["A"].metric: give either metric or query');
    write('alerts:', '  - {name: A, qery: up, threshold: 1}', '  - {name: B, query: "up ==", threshold: 1}');
    await expect(reload.reload()).rejects.toThrow('alerts["A"].qery: unknown field; did you mean query?');
    // Found without a service, as `--check-config` does.
    expect(() => configuredAlertForms(load(), 0)).toThrow('alerts["B"].query: 1:6: parse error');
    expect(names()).toEqual(['High CPU']);
  });

  it('come with routing, escalation policies and correlation, all taken while alerts fire', async () => {
    write('alerts:', DISK);
    await begin();
    bench.figures.set('host_disk_usage_percent', 99);
    await bench.pass(20);
    expect(await bench.inbox()).toHaveLength(1);
    write(
      'alerts:',
      DISK,
      'escalation_policies: [{name: core, steps: [{targets: [{user: bob}]}]}]',
      'route: {receiver: ann}',
      'receivers: [{name: ann, in_app_configs: [{user: anna}], escalation_policy: core}]',
      'correlation: {window: 10m, rules: [{name: By rack, keys: [rack]}]}',
    );
    const changes = await reload.reload();
    expect(changes.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'escalation_policy new_in_file',
      'routing new_in_file',
      'correlation changed_in_file',
    ]);
    expect(reload.last).toEqual({ at: expect.any(Number), problems: [], changes });
    expect(drift().in_sync).toBe(true);
    const { routing, incidents, escalationPolicies } = bench.alerting;
    expect(routing.origin).toBe('file');
    expect(incidents.rules.list().map(({ name }) => name)).toEqual(['By rack']);
    expect(incidents.settings.windowMs).toBe(600_000);
    await bench.pass(60);
    expect(await bench.inbox('anna')).toHaveLength(1);
    bench.figures.set('host_disk_usage_percent', 1);
    await bench.pass(20);
    expect((await bench.inbox()).at(-1)).toMatch(/resolved/i);
    expect((await bench.inbox('anna')).at(-1)).toMatch(/resolved/i);

    write('alerts:', DISK);
    await reload.reload();
    expect([routing.origin, escalationPolicies.list()]).toEqual(['built_in', []]);
  });

  it('are not taken where a receiver or an alert names what is not there; nothing else is taken then', async () => {
    write('alerts:', DISK);
    await begin();
    write(
      'alerts:',
      CPU.replace('}', ', notify: {receiver: nobody}}'),
      '  - {name: Both, query_language: alerts, query: \'"High CPU" and "Gone"\'}',
      'escalation_policies: [{name: core, steps: [{targets: [{user: bob}]}]}]',
      'route: {receiver: ann}',
      'receivers: [{name: ann, in_app_configs: [{user: anna}], escalation_policy: cor}]',
    );
    await expect(reload.reload()).rejects.toThrow();
    expect(reload.last?.problems).toEqual([
      'receivers[0].escalation_policy: there is no escalation policy "cor" (receiver "ann")',
      'alerts["High CPU"].notify.receiver: there is no receiver "nobody"; there are ann',
      'alerts["Both"].query: there is no alert "Gone"',
    ]);
    expect(reload.state.succeeded).toBe(false);
    expect(names()).toEqual(['Disk full']);
    expect([bench.alerting.routing.origin, bench.alerting.escalationPolicies.list()]).toEqual(['built_in', []]);
  });
});
