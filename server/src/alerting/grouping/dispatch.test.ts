import { afterEach, describe, expect, it } from 'vitest';
import { AlertingBench, type BenchOptions } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';

const RECEIVERS = `
receivers:
  - name: ops
    in_app_configs: [{user: ops}]
  - name: quiet
    in_app_configs: [{user: ops, send_resolved: false}]
  - name: pager
    in_app_configs: [{user: pager}]
`;
const ROUTE = `
route:
  receiver: ops
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
${RECEIVERS}`;
const DAY = 86_400;

const byId = (a: { id?: string; alertId?: string }, b: { id?: string; alertId?: string }) =>
  `${a.id}${a.alertId}` < `${b.id}${b.alertId}` ? -1 : 1;

describe.each(controlBackends())('groups on $name', (backend) => {
  let bench: AlertingBench;
  afterEach(() => bench.drop());
  const open = async (options: BenchOptions = {}) => {
    bench = await AlertingBench.create(backend, options);
  };
  /** The alert is told of every minute, as Prometheus does, for so many seconds. */
  async function fire(labels: Record<string, string>[], seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 60) {
      await bench.post(labels, 240);
      await bench.pass(Math.min(60, seconds - passed), 10);
    }
  }
  const silence = (matcher: { name: string; value: string }, seconds: number, startsIn = 0) => {
    const now = bench.clock.now();
    const times = { startsAt: now + startsIn * 1000, endsAt: now + (startsIn + seconds) * 1000 };
    const form = { matchers: [{ ...matcher, operator: '=' as const }], createdBy: 'ann', comment: 'known', ...times };
    return bench.alerting.silences.create(form, now);
  };

  describe('without a configuration', () => {
    it('tells of 500 label sets once', async () => {
      await open({ maxInstances: 500 });
      for (let host = 0; host < 500; host++) bench.figures.set('load', 9, { host: `${host}` });
      const id = await bench.create({ name: 'Busy', metric: 'load', threshold: 5 });
      expect(bench.states(id)).toHaveLength(500);
      expect(await bench.inbox()).toEqual(['[warning] Busy (500 firing)']);
      for (let host = 0; host < 500; host++) bench.figures.set('load', 1, { host: `${host}` });
      await bench.pass(10);
      expect(await bench.inbox()).toEqual(['[warning] Busy (500 firing)', '[resolved] Busy (500)']);
      const records = await bench.alerting.history({ limit: 500 });
      const kinds = records.map(({ events }) => events.map(({ kind }) => kind).join());
      expect(new Set(kinds)).toEqual(new Set(['fired,notified,resolved,notified']));
      expect(records[0]!.notifications).toHaveLength(2);
    });

    it('tells of one alert and of its end at once, and of what follows within the minute', async () => {
      await open();
      await bench.post([{ alertname: 'A', host: '1' }], 600);
      expect(await bench.inbox()).toEqual(['[warning] A']);
      await bench.pass(10);
      await bench.post([{ alertname: 'A', host: '2' }], 600);
      expect(await bench.inbox()).toHaveLength(1);
      await bench.pass(50);
      expect((await bench.inbox()).slice(1)).toEqual(['[warning] A (2 firing)']);
      await bench.post(
        [
          { alertname: 'A', host: '1' },
          { alertname: 'A', host: '2' },
        ],
        0,
      );
      expect((await bench.inbox()).slice(2)).toEqual(['[resolved] A (2)']);
    });

    it('does not repeat, however long it fires', async () => {
      await open();
      await bench.post([{ alertname: 'A' }], 20 * DAY);
      await bench.pass(7200, 60);
      await bench.kill(6 * DAY);
      await bench.pass(7200, 60);
      expect(await bench.inbox()).toEqual(['[warning] A']);
    });

    it('keeps alerts of the same name apart where two rules have it', async () => {
      await open();
      bench.figures.set('host_cpu_usage_percent', 95);
      await bench.create({ threshold: 90 });
      await bench.create({ threshold: 91 });
      expect(await bench.inbox()).toHaveLength(2);
      expect(bench.alerting.dispatcher.table.groups.size).toBe(2);
    });
  });

  describe('in time', () => {
    it('waits, then goes by the interval, then repeats', async () => {
      await open({ routing: ROUTE });
      await bench.post([{ alertname: 'A', host: '1' }], 10 * DAY);
      await bench.pass(29);
      expect(await bench.inbox()).toEqual([]);
      await bench.post([{ alertname: 'A', host: '2' }], 10 * DAY);
      await bench.pass(1);
      expect(await bench.inbox()).toEqual(['[warning] A (2 firing)']);
      await bench.pass(10);
      await bench.post([{ alertname: 'A', host: '3' }], 10 * DAY);
      await bench.pass(289);
      expect(await bench.inbox()).toHaveLength(1);
      await bench.pass(1);
      expect((await bench.inbox()).slice(1)).toEqual(['[warning] A (3 firing)']);
      await bench.pass(4 * 3600 - 60, 60);
      expect(await bench.inbox()).toHaveLength(2);
      await bench.pass(60);
      expect((await bench.inbox()).slice(2)).toEqual(['[warning] A (3 firing)']);
    });

    it('forgets what was over before anybody was told', async () => {
      await open({ routing: ROUTE });
      await bench.post([{ alertname: 'A' }], 600);
      await bench.pass(20);
      await bench.post([{ alertname: 'A' }], 0);
      await bench.pass(600, 30);
      expect(await bench.inbox()).toEqual([]);
      expect(bench.alerting.dispatcher.table.alerts.size).toBe(0);
    });

    it('does not let what is critical wait', async () => {
      await open({ routing: ROUTE.replace('  group_wait: 30s\n', '') });
      await bench.post([{ alertname: 'A', severity: 'critical' }], 600);
      await bench.post([{ alertname: 'B', severity: 'warning' }], 600);
      expect(await bench.inbox()).toEqual(['[critical] A']);
      await bench.pass(30);
      expect(await bench.inbox()).toEqual(['[critical] A', '[warning] B']);
    });

    it('tells of the end at once when all is over, of some at the interval (alertmanager#1510)', async () => {
      await open({ routing: ROUTE });
      await bench.post(
        [
          { alertname: 'A', host: '1' },
          { alertname: 'A', host: '2' },
        ],
        10 * DAY,
      );
      await bench.pass(60);
      await bench.post([{ alertname: 'A', host: '1' }], 0);
      await bench.pass(269);
      expect(await bench.inbox()).toHaveLength(1);
      await bench.pass(1);
      expect((await bench.inbox()).slice(1)).toEqual(['[warning] A (1 firing, 1 resolved)']);
      await bench.post([{ alertname: 'A', host: '2' }], 0);
      expect((await bench.inbox()).slice(2)).toEqual(['[resolved] A']);
      await bench.pass(DAY, 3600);
      expect(await bench.inbox()).toHaveLength(3);
    });

    it('tells of a severity that rises at once', async () => {
      await open({ routing: ROUTE });
      const thresholds = [
        { severity: 'warning', threshold: 80 },
        { severity: 'critical', threshold: 95 },
      ] as const;
      bench.figures.set('host_cpu_usage_percent', 85);
      await bench.create({ thresholds });
      await bench.pass(31);
      bench.figures.set('host_cpu_usage_percent', 99);
      await bench.pass(10);
      expect(await bench.inbox()).toEqual(['[warning] High CPU usage', '[critical] High CPU usage']);
    });

    it('does not remind of what somebody has in hand (grafana#13364)', async () => {
      await open({ routing: ROUTE });
      await bench.post([{ alertname: 'A' }], 10 * DAY);
      await bench.pass(30);
      const [live] = bench.alerting.list();
      await bench.alerting.acknowledge(live!.rule.id, { by: 'ann', until: null });
      await bench.pass(20_000, 600);
      expect(await bench.inbox()).toEqual(['[warning] A']);
      await bench.kill();
      await bench.pass(20_000, 600);
      expect(await bench.inbox()).toEqual(['[warning] A']);
    });
  });

  describe('routed', () => {
    const TREE = `
route:
  receiver: ops
  group_by: [alertname]
  group_wait: 0s
  routes:
    - matchers: [severity="critical"]
      receiver: pager
      continue: true
    - matchers: [team="web"]
      receiver: quiet
${RECEIVERS}`;

    it('goes every way that matches, and tells those of the end who want it', async () => {
      await open({ routing: TREE });
      await bench.post([{ alertname: 'A', severity: 'critical', team: 'web' }], 600);
      expect([await bench.inbox('pager'), await bench.inbox()]).toEqual([['[critical] A'], ['[critical] A']]);
      await bench.post([{ alertname: 'A', severity: 'critical', team: 'web' }], 0);
      expect(await bench.inbox('pager')).toEqual(['[critical] A', '[resolved] A']);
      expect(await bench.inbox()).toEqual(['[critical] A']);
    });

    it('keeps the ways apart: each is told once of each thing', async () => {
      await open({ routing: TREE.replace('receiver: quiet', 'receiver: ops') });
      const both = { alertname: 'A', severity: 'critical', team: 'web' };
      await bench.post([both], 600);
      await bench.post([both], 0);
      for (const user of ['ops', 'pager']) expect(await bench.inbox(user)).toEqual(['[critical] A', '[resolved] A']);
    });

    it('joins the pager when the severity rises, and leaves nobody without the end', async () => {
      await open({ routing: TREE });
      const thresholds = [
        { severity: 'warning', threshold: 80 },
        { severity: 'critical', threshold: 95 },
      ] as const;
      bench.figures.set('host_cpu_usage_percent', 85);
      await bench.create({ thresholds });
      bench.figures.set('host_cpu_usage_percent', 99);
      await bench.pass(10);
      expect(await bench.inbox('pager')).toEqual(['[critical] High CPU usage']);
      bench.figures.set('host_cpu_usage_percent', 1);
      await bench.pass(10);
      expect((await bench.inbox('pager')).at(-1)).toBe('[resolved] High CPU usage');
      expect((await bench.inbox()).at(-1)).toBe('[resolved] High CPU usage');
    });

    it('goes past the tree where the rule names its recipients', async () => {
      await open({ routing: TREE });
      bench.figures.set('host_cpu_usage_percent', 99);
      await bench.create({ threshold: 90, notify: { users: ['bob'], channels: null } });
      expect([await bench.inbox('bob'), await bench.inbox()]).toEqual([['[warning] High CPU usage'], []]);
      bench.figures.set('host_cpu_usage_percent', 9);
      await bench.kill();
      await bench.pass(20);
      expect(await bench.inbox('bob')).toEqual(['[warning] High CPU usage', '[resolved] High CPU usage']);
    });

    it('goes straight to the receiver that the rule names', async () => {
      await open({ routing: TREE });
      bench.figures.set('host_cpu_usage_percent', 99);
      await bench.create({ threshold: 90, notify: { users: [], channels: null, receiver: 'pager' } });
      bench.figures.set('host_cpu_usage_percent', 9);
      await bench.kill();
      await bench.pass(20);
      expect([await bench.inbox('pager'), await bench.inbox()]).toEqual([
        ['[warning] High CPU usage', '[resolved] High CPU usage'],
        [],
      ]);
      const unknown = bench.create({ threshold: 90, notify: { users: [], channels: null, receiver: 'nobody' } });
      await expect(unknown).rejects.toThrow(
        'notify.receiver: there is no receiver "nobody"; there are ops, quiet, pager',
      );
    });

    it('tells nobody twice when the routing changes, and everybody of the end', async () => {
      await open({ routing: TREE });
      await bench.post(
        [
          { alertname: 'A', team: 'db' },
          { alertname: 'B', severity: 'critical' },
        ],
        10 * DAY,
      );
      expect([await bench.inbox(), await bench.inbox('pager')]).toEqual([['[warning] A'], ['[critical] B']]);
      await bench.kill(1, `route: {receiver: ops, group_by: [team], group_wait: 0s}\n${RECEIVERS}`);
      await bench.pass(600, 10);
      expect(await bench.inbox('pager')).toEqual(['[critical] B']);
      expect(await bench.inbox()).toEqual(['[warning] A', '[critical] B']);
      await bench.post(
        [
          { alertname: 'A', team: 'db' },
          { alertname: 'B', severity: 'critical' },
        ],
        0,
      );
      await bench.pass(600, 10);
      expect(await bench.inbox('pager')).toEqual(['[critical] B', '[resolved] B']);
      expect((await bench.inbox()).sort()).toEqual(['[critical] B', '[resolved] A', '[resolved] B', '[warning] A']);
      expect(bench.alerting.dispatcher.table.groups.size).toBe(0);
    });

    it('takes a routing by the API, over restarts, and gives it back', async () => {
      await open();
      await bench.alerting.setRouting(TREE.replace('group_by: [alertname]', "group_by: ['...']"), 'ann');
      await bench.kill();
      await bench.post(
        [
          { alertname: 'A', host: '1' },
          { alertname: 'A', host: '2' },
        ],
        10 * DAY,
      );
      expect(await bench.inbox()).toEqual(['[warning] A', '[warning] A']);
      await bench.alerting.resetRouting();
      await bench.pass(600, 10);
      expect(bench.alerting.routing.origin).toBe('built_in');
      await expect(bench.alerting.setRouting('route: {receiver: nobody}', 'ann')).rejects.toThrow(/undefined receiver/);
    });
  });

  describe('silenced', () => {
    it('is not told, with the reason kept; is told when the silence is over', async () => {
      await open();
      const { id } = await silence({ name: 'alertname', value: 'A' }, 3600);
      await bench.post([{ alertname: 'A' }], 10 * DAY);
      await bench.pass(600, 60);
      expect(await bench.inbox()).toEqual([]);
      expect(await bench.suppressed()).toEqual(['[warning] A: silenced']);
      const [record] = await bench.alerting.history({ limit: 1 });
      expect(record!.events.map(({ kind }) => kind)).toEqual(['fired', 'suppressed']);
      expect(JSON.parse(record!.events[1]!.detail)).toMatchObject({ suppressed_by: [`silence:${id}`] });
      expect(bench.alerting.suppressedBy(record!.episode.id)).toEqual([`silence:${id}`]);
      await bench.pass(3000, 60);
      expect(await bench.inbox()).toEqual(['[warning] A']);
      expect(bench.alerting.suppressedBy(record!.episode.id)).toEqual([]);
    });

    it('still tells of the end of what was told before', async () => {
      await open();
      await bench.post([{ alertname: 'A' }, { alertname: 'B' }], 10 * DAY);
      await silence({ name: 'alertname', value: 'A' }, 3600);
      await bench.post([{ alertname: 'A' }], 0);
      expect((await bench.inbox()).slice(2)).toEqual(['[resolved] A']);
    });

    it('tells nothing of the end of what nobody was told of', async () => {
      await open();
      await silence({ name: 'alertname', value: 'A' }, 3600);
      await bench.post([{ alertname: 'A' }], 10 * DAY);
      await bench.post([{ alertname: 'A' }], 0);
      await bench.pass(7200, 60);
      expect(await bench.inbox()).toEqual([]);
    });

    it('is announced once more when the silence is over, by itself or by hand, also after a kill', async () => {
      await open();
      await bench.post([{ alertname: 'A' }], 10 * DAY);
      await silence({ name: 'alertname', value: 'A' }, 3600);
      await bench.pass(10);
      await bench.kill();
      await bench.pass(3600, 60);
      expect(await bench.inbox()).toEqual(['[warning] A', '[warning] A']);
      const again = await silence({ name: 'alertname', value: 'A' }, 3600);
      await bench.pass(60, 10);
      await bench.alerting.silences.expire(again.id, bench.clock.now());
      await bench.pass(7200, 60);
      expect(await bench.inbox()).toEqual(['[warning] A', '[warning] A', '[warning] A']);
    });

    it('reminds its owner once that it is about to end, where it is still needed', async () => {
      await open();
      await silence({ name: 'alertname', value: 'A' }, 7200);
      await silence({ name: 'alertname', value: 'B' }, 7200);
      await bench.post([{ alertname: 'A' }], 10 * DAY);
      await bench.pass(6200, 60);
      expect(await bench.inbox('ann')).toEqual([]);
      await bench.pass(300, 60);
      await bench.kill();
      await bench.pass(300, 60);
      expect(await bench.inbox('ann')).toEqual(['Your silence of {alertname="A"} ends soon']);
    });

    it('begins at its time, and survives a kill', async () => {
      await open();
      await silence({ name: 'alertname', value: 'A' }, 600, 300);
      await bench.kill();
      await bench.pass(310, 10);
      await bench.post([{ alertname: 'A' }], 10 * DAY);
      await bench.pass(60, 10);
      expect([await bench.inbox(), await bench.suppressed()]).toEqual([[], ['[warning] A: silenced']]);
    });

    it('changes in place what does not rewrite the past, and replaces what would', async () => {
      await open();
      const { silences } = bench.alerting;
      const first = await silence({ name: 'alertname', value: 'A' }, 600);
      await bench.pass(60, 10);
      const now = bench.clock.now();
      const matchers = [{ name: 'alertname', operator: '=', value: 'A' }] as const;
      const form = { matchers, startsAt: first.startsAt, endsAt: now + 900_000, createdBy: 'ann', comment: 'longer' };
      expect((await silences.update(first.id, form, now)).id).toBe(first.id);
      const other = { ...form, matchers: [{ name: 'alertname', operator: '=', value: 'B' }] as const };
      const second = await silences.update(first.id, other, now);
      expect(second.id).not.toBe(first.id);
      expect([silences.get(first.id).endsAt, second.startsAt]).toEqual([now, now]);
      await expect(silences.expire(first.id, now)).rejects.toMatchObject({ code: 'conflict' });
      await expect(silences.update('none', form, now)).rejects.toMatchObject({ code: 'not_found' });
      const empty = { ...form, matchers: [{ name: 'a', operator: '=~', value: '.*' }] as const };
      await expect(silences.create(empty, now)).rejects.toThrow(/must not match the empty string/);
      await expect(silences.create({ ...form, endsAt: now - 1 }, now)).rejects.toMatchObject({ code: 'invalid' });
    });
  });

  it('holds back during maintenance, in the night of a change of clocks, and tells afterwards (alertmanager#517, #954)', async () => {
    // Paris goes from 02:00 to 03:00 on 29 March 2026: the window of 01:30 for two hours ends at 04:30 of the new time, 02:30 UTC.
    await open({ time: Date.parse('2026-03-28T23:00:00Z') });
    const form = {
      name: 'nightly',
      matchers: [{ name: 'service', operator: '=', value: 'db' }] as const,
      start: '2026-03-01T01:30',
      durationMs: 7_200_000,
      rrule: 'FREQ=DAILY',
      timeZone: 'Europe/Paris',
      comment: '',
      createdBy: 'ann',
      enabled: true,
    };
    await bench.alerting.maintenance.create(form, bench.clock.now());
    await bench.pass(5460, 60);
    await bench.post(
      [
        { alertname: 'A', service: 'db' },
        { alertname: 'B', service: 'web' },
      ],
      10 * DAY,
    );
    expect([await bench.inbox(), await bench.suppressed()]).toEqual([
      ['[warning] B on web'],
      ['[warning] A on db: maintenance'],
    ]);
    await bench.kill();
    await bench.pass(7080, 60);
    expect(await bench.inbox()).toHaveLength(1);
    await bench.pass(120, 60);
    expect((await bench.inbox()).slice(1)).toEqual(['[warning] A on db']);
  });

  it('keeps a route quiet outside of its times, and tells when they begin', async () => {
    const routing = `
route:
  receiver: ops
  group_wait: 0s
  routes:
    - matchers: [severity="info"]
      active_time_intervals: [office]
time_intervals:
  - name: office
    time_intervals: [{times: [{start_time: '09:00', end_time: '17:00'}], location: America/New_York}]
${RECEIVERS}`;
    await open({ routing, time: Date.parse('2026-11-02T13:50:00Z') });
    await bench.post([{ alertname: 'A', severity: 'info' }], 10 * DAY);
    await bench.pass(540, 60);
    expect([await bench.inbox(), await bench.suppressed()]).toEqual([[], ['[info] A: muted']]);
    await bench.pass(120, 60);
    expect(await bench.inbox()).toEqual(['[info] A']);
  });

  describe('inhibited', () => {
    const INHIBIT = `
route: {receiver: ops, group_by: [alertname, severity], group_wait: 10s}
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [host]
${RECEIVERS}`;

    it('is not told while its cause fires, whichever came first, and is when only the cause is over', async () => {
      await open({ routing: INHIBIT });
      await bench.pass(61, 10);
      await bench.post(
        [
          { alertname: 'Slow', severity: 'warning', host: 'a' },
          { alertname: 'Slow', severity: 'warning', host: 'b' },
        ],
        10 * DAY,
      );
      await bench.post([{ alertname: 'Down', severity: 'critical', host: 'a' }], 10 * DAY);
      await bench.pass(600, 10);
      expect(await bench.inbox()).toEqual(['[critical] Down', '[warning] Slow']);
      expect(await bench.suppressed()).toEqual(['[warning] Slow: inhibited']);
      await bench.post([{ alertname: 'Down', severity: 'critical', host: 'a' }], 0);
      await bench.pass(600, 10);
      expect((await bench.inbox()).slice(2)).toEqual(['[resolved] Down', '[warning] Slow (2 firing)']);
    });

    it('waits for all of several sources, each with its own labels in common', async () => {
      const routing = `
route: {receiver: ops, group_by: [alertname], group_wait: 10s}
inhibit_rules:
  - sources: [{matchers: [alertname="NoPower"], equal: [site]}, {matchers: [alertname="NoBackup"]}]
    target_matchers: [severity="warning"]
${RECEIVERS}`;
      await open({ routing });
      await bench.pass(61, 10);
      await bench.post([{ alertname: 'NoPower', severity: 'critical', site: 'x' }], 10 * DAY);
      await bench.post([{ alertname: 'Slow', severity: 'warning', site: 'x' }], 10 * DAY);
      await bench.pass(60, 10);
      expect((await bench.inbox()).sort()).toEqual(['[critical] NoPower', '[warning] Slow']);
      await bench.post([{ alertname: 'NoBackup', severity: 'critical' }], 10 * DAY);
      await bench.post(
        [
          { alertname: 'Late', severity: 'warning', site: 'x' },
          { alertname: 'Late', severity: 'warning', site: 'y' },
        ],
        10 * DAY,
      );
      await bench.pass(60, 10);
      expect((await bench.inbox()).slice(2).sort()).toEqual(['[critical] NoBackup', '[warning] Late']);
      expect(await bench.suppressed()).toEqual(['[warning] Late: inhibited']);
    });

    it('does not leak after a restart before its cause was looked at (alertmanager#4064, #2229, #2628)', async () => {
      await open({ routing: INHIBIT });
      bench.figures.set('up', 0, { host: 'a' });
      await bench.create({ name: 'Down', query: 'up == 0', severity: 'critical', intervalMs: 30_000 });
      await bench.pass(90, 10);
      expect(await bench.inbox()).toEqual(['[critical] Down']);
      await bench.kill();
      await bench.post([{ alertname: 'Slow', severity: 'warning', host: 'a' }], 10 * DAY);
      await bench.pass(600, 10);
      expect(await bench.inbox()).toEqual(['[critical] Down']);
    });
  });

  describe('over a kill', () => {
    it.each([1, 29, 31, 400])('tells once of everything, killed after %i s (signoz#8506)', async (seconds) => {
      await open({ routing: ROUTE });
      await bench.post(
        [
          { alertname: 'A', host: '1' },
          { alertname: 'B', host: '1' },
        ],
        10 * DAY,
      );
      await bench.pass(10, 5);
      await bench.post([{ alertname: 'A', host: '2' }], 10 * DAY);
      await bench.pass(seconds);
      await bench.kill();
      await bench.pass(1200, 10);
      expect((await bench.inbox()).sort()).toEqual(['[warning] A (2 firing)', '[warning] B']);
      await bench.post(
        [
          { alertname: 'A', host: '1' },
          { alertname: 'A', host: '2' },
          { alertname: 'B', host: '1' },
        ],
        0,
      );
      await bench.kill();
      await bench.pass(1200, 10);
      expect((await bench.inbox()).slice(2).sort()).toEqual(['[resolved] A (2)', '[resolved] B']);
      for (const table of ['routed_alerts', 'alert_groups', 'group_members'] as const) {
        expect(await bench.store.db.selectFrom(table).selectAll().execute()).toEqual([]);
      }
    });

    it('has every alert in the groups in which it was, told, waiting or held back, also where its way has changed', async () => {
      const dump = () =>
        [...bench.alerting.dispatcher.table.groups.values()]
          .map(({ id, labels, members }) => ({ id, labels, members: [...members.values()].sort(byId) }))
          .sort(byId);
      await open();
      await bench.alerting.setRouting(ROUTE, 'ann');
      await silence({ name: 'alertname', value: 'Silenced' }, DAY);
      await bench.post([{ alertname: 'Told', host: '1' }, { alertname: 'Silenced' }], 10 * DAY);
      await bench.pass(40);
      await bench.post([{ alertname: 'Told', host: '2' }, { alertname: 'Waiting' }], 10 * DAY);
      const before = dump();
      expect(before.flatMap(({ members }) => members.map(({ sentAt }) => sentAt !== null)).sort()).toEqual([
        ...[false, false, false, true],
      ]);
      await bench.kill(0);
      expect(dump()).toEqual(before);
      const other = `routes: [{receiver: pager, matchers: ['host="2"'], group_wait: 1h}]`;
      await bench.alerting.setRouting(ROUTE.replace(RECEIVERS, `  ${other}${RECEIVERS}`), 'ann');
      const rerouted = dump();
      expect(rerouted.map(({ members }) => members.length).sort()).toEqual([1, 1, 1, 2]);
      await bench.kill(0);
      expect(dump()).toEqual(rerouted);
    });
  });

  describe('raised by others', () => {
    it('is an alert with episodes, and ends when nobody speaks of it', async () => {
      await open();
      await fire([{ alertname: 'A', service: 'web', severity: 'page', empty: '' }], 600);
      const [live, ...rest] = bench.alerting.list();
      expect(rest).toEqual([]);
      expect(live!.rule).toMatchObject({ name: 'A', severity: 'critical', condition: { kind: 'external' } });
      expect(bench.states(live!.rule.id)).toEqual(['A,web,page firing']);
      await bench.pass(240, 10);
      const [record, ...others] = await bench.alerting.history({ limit: 10 });
      expect(others).toEqual([]);
      expect(record!.episode).toMatchObject({
        service: 'web',
        severity: 'critical',
        state: 'resolved',
        resolve_reason: 'ended',
      });
      expect(record!.events.map(({ kind }) => kind)).toEqual(['fired', 'notified', 'resolved', 'notified']);
      expect(await bench.inbox()).toEqual(['[critical] A on web', '[resolved] A on web']);
    });

    it('ends also where one request tells of its begin and of its end', async () => {
      await open();
      const now = bench.clock.now();
      const alert = { labels: { alertname: 'A' }, annotations: {}, generatorUrl: '', startsAt: now };
      await bench.alerting.postAlerts([
        { ...alert, endsAt: now + 600_000 },
        { ...alert, endsAt: now },
      ]);
      await bench.kill();
      const [record, ...others] = await bench.alerting.history({ limit: 10 });
      expect(others).toEqual([]);
      expect(record!.episode).toMatchObject({ state: 'resolved', ended_at: now, resolve_reason: 'recovered' });
      expect(record!.events.map(({ kind }) => kind)).toEqual(['fired', 'resolved']);
    });

    it('ends after the resolve timeout where no end was named', async () => {
      await open();
      await bench.post([{ alertname: 'A' }]);
      await bench.pass(299, 1);
      expect(bench.alerting.dispatcher.table.external.size).toBe(1);
      await bench.pass(2);
      expect((await bench.alerting.history({ limit: 1 }))[0]!.episode.resolve_reason).toBe('timeout');
    });

    it('does not take our own silence for theirs', async () => {
      await open();
      await bench.post([{ alertname: 'A' }], 240);
      await bench.kill(3600);
      await bench.pass(200, 10);
      expect(await bench.inbox()).toEqual(['[warning] A']);
      await bench.pass(60, 10);
      expect(await bench.inbox()).toEqual(['[warning] A', '[resolved] A']);
    });

    it('keeps the earliest begin and an end that the sender gave itself', async () => {
      await open();
      const now = bench.clock.now();
      const alert = { labels: { alertname: 'A' }, annotations: {}, generatorUrl: '' };
      await bench.alerting.postAlerts([{ ...alert, startsAt: now - 60_000, endsAt: now + 3_600_000 }]);
      await bench.alerting.postAlerts([{ ...alert, startsAt: now, endsAt: null, annotations: { summary: 'new' } }]);
      const [known] = bench.alerting.dispatcher.table.external.values();
      expect(known).toMatchObject({ startsAt: now - 60_000, endsAt: now + 3_600_000, annotations: { summary: 'new' } });
    });

    it('takes the good ones of a batch and says what is wrong with the others', async () => {
      await open();
      const now = bench.clock.now();
      const errors = await bench.alerting.postAlerts([
        { labels: {}, annotations: {}, startsAt: null, endsAt: null, generatorUrl: '' },
        { labels: { alertname: 'A' }, annotations: {}, startsAt: now, endsAt: now - 1, generatorUrl: '' },
        { labels: { alertname: 'B' }, annotations: {}, startsAt: null, endsAt: null, generatorUrl: '' },
      ]);
      expect(errors).toEqual(['at least one label pair required', 'start time must be before end time']);
      expect(await bench.inbox()).toEqual(['[warning] B']);
    });

    it('closed by hand, stays closed while it is spoken of, and not longer', async () => {
      await open();
      await bench.post([{ alertname: 'A' }], 240);
      const [live] = bench.alerting.list();
      await bench.alerting.resolve(live!.rule.id, { by: 'ann', until: null });
      await fire([{ alertname: 'A' }], 600);
      await bench.kill();
      await fire([{ alertname: 'A' }], 600);
      expect(await bench.inbox()).toEqual(['[warning] A', '[resolved] A']);
      await bench.pass(600, 10);
      await bench.post([{ alertname: 'A' }], 240);
      expect(await bench.inbox()).toEqual(['[warning] A', '[resolved] A', '[warning] A']);
    });

    it('deleted, it resolves; spoken of again, it is a new one', async () => {
      await open();
      await bench.post([{ alertname: 'A' }], 240);
      const [live] = bench.alerting.list();
      await bench.alerting.remove(live!.rule.id, 'ann');
      expect(await bench.inbox()).toEqual(['[warning] A', '[resolved] A']);
      await bench.post([{ alertname: 'A' }], 240);
      expect(bench.alerting.list().map(({ rule }) => rule.id)).not.toContain(live!.rule.id);
    });

    it('is forgotten as an alert when nothing was heard of it for a day', async () => {
      await open();
      await bench.post([{ alertname: 'A' }], 240);
      await bench.pass(1.25 * DAY, 600);
      expect(bench.alerting.list()).toEqual([]);
      expect(await bench.alerting.history({ limit: 10 })).toHaveLength(1);
    });
  });
});
