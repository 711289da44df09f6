import { afterEach, describe, expect, it } from 'vitest';
import { AlertingBench, type BenchOptions } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';
import type { Labels } from '../../model/labels.ts';
import { type Incident, incidentStatus } from './incident.ts';

const DAY = 86_400;

describe.each(controlBackends())('incidents on $name', (backend) => {
  let bench: AlertingBench;
  afterEach(() => bench.drop());
  const open = async (options: BenchOptions = {}) => {
    bench = await AlertingBench.create(backend, options);
    // The dependencies are read within the first seconds.
    if (options.calls) await bench.pass(15);
  };
  const fire = (...alerts: Labels[]) => bench.post(alerts, 10 * DAY);
  const end = (...alerts: Labels[]) => bench.post(alerts, 0);
  const incidents = async (): Promise<Incident[]> => (await bench.alerting.incidents.list({ limit: 100 })).reverse();
  /** Each incident in one line: how it is, and its alerts. */
  const shown = async () =>
    (await incidents()).map((one) => {
      const names = [...one.members.values()].map(({ alertName, endedAt }) => `${alertName}${endedAt ? '-' : ''}`);
      return `${incidentStatus(one)} ${names.join(' ')}`;
    });
  const reasons = async () =>
    (await incidents()).flatMap((one) => [...one.members.values()].map(({ reason }) => reason.text));

  const A = { alertname: 'A', service: 'shop' };
  const B = { alertname: 'B', service: 'shop' };
  const OTHER = { alertname: 'C', service: 'other' };

  describe('which alerts are one', () => {
    it('takes alerts of one service within the window together, and says why', async () => {
      await open();
      await fire(A);
      await bench.pass(40);
      await fire(B, OTHER);
      await bench.pass(301, 43);
      await fire({ alertname: 'D', service: 'shop' });
      expect(await shown()).toEqual(['open A B', 'open C', 'open D']);
      expect(await reasons()).toEqual([
        'opened the incident',
        'same service shop, 40s after A',
        'opened the incident',
        'opened the incident',
      ]);
      const records = await bench.alerting.history({ limit: 10 });
      const [first] = await incidents();
      expect(records.filter(({ episode }) => episode.incident_id === first!.id)).toHaveLength(2);
    });

    it('keeps environments apart, and without a service takes only the same alert together', async () => {
      await open();
      await fire({ ...A, environment: 'staging' }, { ...B, environment: 'production' });
      await fire({ alertname: 'Disk', host: 'a' }, { alertname: 'Disk', host: 'b' }, { alertname: 'Net', host: 'a' });
      expect(await shown()).toEqual(['open A', 'open B', 'open Disk Disk', 'open Net']);
    });

    it('goes by rules in their order, and not by service where one matches', async () => {
      await open({
        correlation: `
correlation:
  rules:
    - {name: by cluster, matchers: ['team="web"'], keys: [cluster], window: 10m}`,
      });
      const web = (alertname: string, cluster: string) => ({ alertname, cluster, team: 'web', service: 'shop' });
      await fire(web('A', 'eu'));
      await bench.pass(500, 50);
      await fire(web('B', 'eu'), web('C', 'us'), { alertname: 'D', team: 'web', service: 'shop' });
      expect(await shown()).toEqual(['open A B', 'open C D']);
      expect((await reasons())[1]).toBe('rule by cluster: same cluster=eu, 8m20s after A');
      const [rule] = bench.alerting.incidents.rules.list();
      await expect(bench.alerting.incidents.rules.remove(rule!.id)).rejects.toThrow('configuration file');
    });

    it('takes up rules made while it runs, and keeps them', async () => {
      await open();
      const form = { name: 'all', matchers: [], keys: ['region'], windowMs: 60_000, enabled: true };
      const rule = await bench.alerting.incidents.rules.create(form, 'ann', bench.clock.now());
      await expect(bench.alerting.incidents.rules.create(form, 'ann', 0)).rejects.toThrow('already');
      await bench.restart();
      await fire({ ...A, region: '1' });
      await fire({ ...OTHER, region: '1' });
      await bench.alerting.incidents.rules.update(rule.id, { enabled: false }, bench.clock.now());
      await fire({ alertname: 'E', service: 'third', region: '1' });
      expect(await shown()).toEqual(['open A C', 'open E']);
    });

    it('follows dependencies in both directions, through services that are silent', async () => {
      await open({
        calls: [
          ['web', 'api'],
          ['api', 'db'],
          ['jobs', 'db'],
        ],
      });
      const alert = (service: string) => ({ alertname: `${service} is slow`, service });
      await fire(alert('db'));
      await bench.pass(30);
      await fire(alert('web'), alert('nobody'));
      await fire(alert('jobs'));
      expect(await shown()).toEqual(['open db is slow web is slow jobs is slow', 'open nobody is slow']);
      expect((await reasons()).slice(0, 3)).toEqual([
        'opened the incident',
        'web depends on db (web → api → db), 30s after db is slow',
        'jobs depends on db, 30s after db is slow',
      ]);
      const [incident] = await incidents();
      const causes = bench.alerting.incidents.causesOf(incident!);
      expect(causes[0]).toMatchObject({
        service: 'db',
        reasons: ['jobs and web depend on db', 'fired first', 'severity warning, the worst here'],
      });
    });

    it('finds the cause that fires last', async () => {
      await open({ calls: [['web', 'db']] });
      await fire({ alertname: 'W', service: 'web' });
      await bench.pass(20);
      await fire({ alertname: 'D', service: 'db' });
      expect(await shown()).toEqual(['open W D']);
      const [incident] = await incidents();
      expect(bench.alerting.incidents.causesOf(incident!).map(({ service }) => service)).toEqual(['db', 'web']);
    });

    it('knows dependencies after a restart before any span was read', async () => {
      await open({ calls: [['web', 'db']] });
      await fire({ alertname: 'D', service: 'db' });
      bench.calls = [];
      await bench.kill();
      await fire({ alertname: 'W', service: 'web' });
      expect(await shown()).toEqual(['open D W']);
    });
  });

  describe('their life', () => {
    it('end with the last of their alerts, and are taken up again within the window', async () => {
      await open();
      await fire(A, B);
      await end(A);
      expect(await shown()).toEqual(['open A- B']);
      await end(B);
      expect(await shown()).toEqual(['resolved A- B-']);
      await bench.pass(290, 29);
      await fire(A);
      expect(await shown()).toEqual(['open A- B- A']);
      await end(A);
      await bench.pass(320, 32);
      await fire(A);
      expect(await shown()).toEqual(['resolved A- B- A-', 'open A']);
      expect(bench.alerting.incidents.table.incidents.size).toBe(1);
    });

    it('go on after a kill as if nothing had happened', async () => {
      await open();
      bench.figures.set('load', 9, { service: 'shop' });
      await bench.create({ name: 'Busy', metric: 'load', threshold: 5 });
      await fire(A);
      await bench.kill(60);
      await fire(B);
      expect(await shown()).toEqual(['open Busy A B']);
      bench.figures.set('load', 1, { service: 'shop' });
      await bench.pass(20);
      await end(A, B);
      expect(await shown()).toEqual(['resolved Busy- A- B-']);
      await bench.kill(60);
      await fire(A);
      expect(await shown()).toEqual(['open Busy- A- B- A']);
    });

    it('take the worst severity', async () => {
      await open();
      const thresholds = [
        { severity: 'warning' as const, threshold: 5 },
        { severity: 'critical' as const, threshold: 8 },
      ];
      bench.figures.set('load', 6, { service: 'shop' });
      await bench.create({ name: 'Busy', metric: 'load', operator: '>', thresholds });
      expect((await incidents())[0]).toMatchObject({ severity: 'warning', title: 'Busy on shop' });
      bench.figures.set('load', 9, { service: 'shop' });
      await bench.pass(10);
      expect((await incidents())[0]!.severity).toBe('critical');
    });
  });
});
