import { afterEach, describe, expect, it } from 'vitest';
import { AlertingBench, type BenchOptions } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';
import type { Labels } from '../../model/labels.ts';
import { claimServiceVersion, listServiceVersions } from '../../stores/control/index.ts';
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
  const incidents = async (): Promise<Incident[]> => {
    const listed = await bench.alerting.incidents.list({ limit: 100 });
    return Promise.all(listed.reverse().map(({ id }) => bench.alerting.incidents.get(id)));
  };
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

    it('makes one of the incidents that a common dependency explains, unless they were set apart by hand', async () => {
      const calls = ['shop', 'cart', 'pay'].map((service) => [service, 'db'] as const);
      await open({ calls });
      const alert = (service: string) => ({ alertname: `${service} fails`, service });
      for (const service of ['shop', 'cart', 'pay']) {
        await fire(alert(service));
        await bench.pass(10);
      }
      expect(await shown()).toEqual(['open shop fails', 'open cart fails', 'open pay fails']);
      await fire(alert('db'));
      expect(await shown()).toEqual(['open shop fails cart fails pay fails db fails']);
      const [incident] = await incidents();
      const why = [...incident!.members.values()].map(({ reason }) => `${reason.text} (${reason.before ?? ''})`);
      expect(why.toSorted()).toEqual([
        'joined by db fails: cart depends on db, 20s after cart fails (opened the incident)',
        'joined by db fails: pay depends on db, 10s after pay fails (opened the incident)',
        'opened the incident ()',
        'shop depends on db, 30s after shop fails ()',
      ]);
      const [cause] = bench.alerting.incidents.causesOf(incident!);
      expect(cause).toMatchObject({
        service: 'db',
        reasons: ['cart, pay and shop depend on db', 'severity warning, the worst here'],
      });
      const pay = [...incident!.members.values()].find(({ service }) => service === 'pay')!;
      await bench.alerting.byHand.split(incident!.id, [pay.episodeId], { by: 'ann' });
      await fire({ ...alert('db'), host: '2' });
      expect(await shown()).toEqual(['open shop fails cart fails db fails db fails', 'open pay fails']);
      await bench.kill();
      expect((await shown()).length).toBe(2);
    });

    it('suspects what all depend on, also where nothing watches it; those in a circle say nothing of each other', async () => {
      await open({
        calls: [
          ['web', 'shop'],
          ['web', 'cart'],
          ['shop', 'db'],
          ['cart', 'db'],
          ['a', 'b'],
          ['b', 'a'],
        ],
      });
      await fire({ alertname: 'W', service: 'web' }, { alertname: 'S', service: 'shop' });
      await bench.pass(5);
      await fire({ alertname: 'C', service: 'cart' });
      await fire({ alertname: 'B', service: 'b' }, { alertname: 'A', service: 'a' });
      expect(await shown()).toEqual(['open W S C', 'open B A']);
      const causes = (await incidents()).map((one) => bench.alerting.incidents.causesOf(one));
      const db = causes[0]!.find(({ service }) => service === 'db');
      expect(db).toMatchObject({
        episodeId: null,
        reasons: ['cart, shop and web depend on db', 'it has no alert of its own'],
      });
      expect(causes[1]!.flatMap(({ reasons }) => reasons).filter((reason) => reason.includes('depend'))).toEqual([]);
    });

    it('says what a rule would have joined', async () => {
      await open();
      const now = bench.clock.now();
      const at = (alertname: string, cluster: string) => ({ alertname, cluster, service: alertname });
      await fire(at('A', 'eu'), at('B', 'us'));
      await bench.pass(60, 60);
      await fire(at('C', 'eu'));
      await end(at('A', 'eu'), at('C', 'eu'));
      await bench.pass(400, 100);
      // The first two are over for longer than an incident is taken up again.
      await fire(at('D', 'eu'), at('E', 'eu'));
      const { rules } = bench.alerting.incidents;
      const tried = rules.tried({ matchers: [], keys: ['cluster'], windowMs: 3_600_000 });
      const preview = await bench.alerting.incidents.preview(tried, { start: now, end: bench.clock.now() + 1 });
      expect(preview).toMatchObject({ looked: 5, matched: 5, truncated: false });
      expect(
        preview.incidents.map(({ keys, episodes }) => [keys.cluster, episodes.map((one) => one.rule_name)]),
      ).toEqual([
        ['eu', ['D', 'E']],
        ['eu', ['A', 'C']],
      ]);
      expect(() => rules.tried({ matchers: [], keys: [], windowMs: 0 })).toThrow('keys');
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

  describe('by hand', () => {
    const ann = { by: 'ann', until: null };
    const first = async () => (await incidents())[0]!;
    const lines = async (id: string) =>
      (await bench.alerting.incidents.timeline(id, { limit: 100 }, bench.clock.now()))
        .reverse()
        .map(({ text }) => text);

    it('acknowledges all that fires; what joins later and what gets worse is in nobody’s hand', async () => {
      await open();
      const thresholds = [
        { severity: 'warning' as const, threshold: 5 },
        { severity: 'critical' as const, threshold: 8 },
      ];
      bench.figures.set('load', 6, { service: 'shop' });
      await bench.create({ name: 'Busy', metric: 'load', operator: '>', thresholds });
      await fire(A);
      const { id } = await first();
      await bench.alerting.byHand.acknowledge(id, ann);
      expect(await shown()).toEqual(['acknowledged Busy A']);
      await bench.kill(10);
      expect(await shown()).toEqual(['acknowledged Busy A']);
      bench.figures.set('load', 9, { service: 'shop' });
      await bench.pass(20);
      expect(await shown()).toEqual(['open Busy A']);
      await bench.alerting.byHand.acknowledge(id, { ...ann, note: 'again' });
      await fire(B);
      const { members } = await first();
      expect([...members.values()].map(({ acknowledgement }) => acknowledgement?.by)).toEqual([
        'ann',
        'ann',
        undefined,
      ]);
      await end(A, B);
      bench.figures.set('load', 1, { service: 'shop' });
      await bench.pass(20);
      await expect(bench.alerting.byHand.acknowledge(id, ann)).rejects.toThrow('is resolved');
    });

    it('is open again when an acknowledgement has reached its end', async () => {
      await open();
      await fire(A);
      const { id } = await first();
      await bench.alerting.byHand.acknowledge(id, { by: 'ann', until: bench.clock.now() + 60_000 });
      await bench.pass(59, 59);
      expect(await shown()).toEqual(['acknowledged A']);
      await bench.pass(30, 5);
      expect(await shown()).toEqual(['open A']);
    });

    it('says nothing of what is snoozed, then once, also over a restart', async () => {
      await open();
      await fire(A, OTHER);
      expect((await bench.inbox()).toSorted()).toEqual(['[warning] A on shop', '[warning] C on other']);
      const [one] = await incidents();
      await bench.alerting.byHand.snooze(one!.id, { by: 'ann', until: bench.clock.now() + 600_000 });
      await fire({ alertname: 'A', service: 'shop', host: '2' });
      await bench.pass(290, 29);
      await bench.kill(60);
      await bench.pass(200, 20);
      const before = (await bench.inbox()).length;
      await bench.pass(120, 20);
      await bench.pass(3600, 300);
      const after = (await bench.inbox()).slice(before);
      expect(after.filter((subject) => subject.includes('A'))).toHaveLength(1);
      expect((await lines(one!.id)).filter((line) => line.includes('snooze'))).toEqual([
        'ann snoozed the incident until 2026-01-05 12:10 UTC',
        'ann snoozed A on shop until 2026-01-05 12:10 UTC',
        'The snooze is over',
      ]);
    });

    it('tells of the end of what is snoozed, and snoozes a single alert', async () => {
      await open();
      bench.figures.set('load', 9);
      const id = await bench.create({ name: 'Busy', metric: 'load', threshold: 5 });
      const until = bench.clock.now() + 600_000;
      await bench.alerting.snooze(id, { by: 'ann', until });
      const [record] = await bench.alerting.history({ limit: 1 });
      expect(bench.alerting.suppressedBy(record!.episode.id)).toEqual([`snooze:${record!.episode.id}`]);
      bench.figures.set('load', 1);
      await bench.pass(20);
      expect(await bench.inbox()).toEqual(['[warning] Busy', '[resolved] Busy']);
      await expect(bench.alerting.snooze(id, { by: 'ann', until })).rejects.toThrow('nothing fires');
      expect(await bench.store.db.selectFrom('alert_snoozes').selectAll().execute()).toEqual([]);
    });

    it('merges and splits, and keeps why each alert was where it was', async () => {
      await open();
      await fire(A, OTHER);
      const [one, two] = await incidents();
      await bench.alerting.byHand.merge(two!.id, one!.id, { by: 'ann', note: 'same cause' });
      expect(await shown()).toEqual(['open A C']);
      const { members } = await first();
      const moved = [...members.values()].find(({ alertName }) => alertName === 'C')!;
      expect(moved.reason).toMatchObject({
        kind: 'merged',
        text: 'merged by ann from C on other',
        before: 'opened the incident',
      });
      expect(await bench.alerting.incidents.get(two!.id)).toMatchObject({ mergedInto: one!.id, resolvedBy: 'ann' });
      // What is of the other service now belongs to the incident that goes on.
      await fire({ alertname: 'E', service: 'other' });
      expect(await shown()).toEqual(['open A C E']);
      await bench.kill();
      const third = await bench.alerting.byHand.split(one!.id, [moved.episodeId], { by: 'bob' });
      expect(await shown()).toEqual(['open A E', 'open C']);
      await expect(bench.alerting.byHand.split(third, [moved.episodeId], { by: 'bob' })).rejects.toThrow(
        'leave at least one',
      );
      await expect(bench.alerting.byHand.merge(third, 'nothing', { by: 'bob' })).rejects.toThrow(
        'there is no incident',
      );
      await end(OTHER);
      expect(await shown()).toEqual(['open A E', 'resolved C-']);
    });

    it('resolves what fires of several rules, and does not take an incident up that was resolved by hand', async () => {
      await open();
      bench.figures.set('load', 9, { service: 'shop' });
      await bench.create({ name: 'Busy', metric: 'load', threshold: 5 });
      await fire(A, OTHER);
      const { id } = await first();
      await bench.alerting.byHand.resolve(id, { by: 'ann', note: 'rolled back', until: null });
      expect(await bench.alerting.incidents.get(id)).toMatchObject({ resolvedBy: 'ann', firing: 0 });
      await bench.pass(30);
      await fire(B);
      expect(await shown()).toEqual(['resolved Busy- A-', 'open C', 'open B']);
    });

    it('assigns to somebody, who hears of it', async () => {
      await open();
      await fire(A);
      const { id } = await first();
      await bench.alerting.byHand.assign(id, 'bob', { by: 'ann', note: 'yours' });
      expect(await bench.inbox('bob')).toEqual(['Assigned to you: A on shop']);
      expect((await first()).assignee).toBe('bob');
      expect(
        (await bench.alerting.incidents.list({ assignee: 'bob', service: 'shop', search: 'A ON', limit: 1 })).length,
      ).toBe(1);
    });

    it('has deploys on its timeline: those that spans tell of, and those that people tell of once', async () => {
      await open({ versions: { shop: '1.3', other: '7' } });
      await bench.pass(61);
      bench.versions = { shop: '1.4', other: '7' };
      await bench.pass(120, 10);
      await fire(A);
      const deploys = async () => (await lines((await first()).id)).filter((line) => line.includes('Deploy'));
      expect(await deploys()).toEqual(['Deploy of shop 1.4. Before it ran version 1.3.']);
      // Back to the old version, and both at once for a while.
      bench.versions = { shop: '1.3' };
      await bench.pass(60, 10);
      expect(await deploys()).toHaveLength(1);
      bench.versions = { shop: '1.4' };
      await bench.pass(660, 30);
      await bench.restart();
      bench.versions = { shop: '1.3' };
      await bench.pass(120, 10);
      expect((await deploys()).slice(1)).toEqual(['Deploy of shop 1.3. Before it ran version 1.4.']);
      expect(await bench.alerting.incidents.markdown((await first()).id, '', bench.clock.now())).toContain(
        'Deploy of shop 1.4',
      );
      // Somebody tells of a deploy that was found before.
      const told = { service: 'shop', version: '1.3', title: 'Deploy of shop 1.3 by ann' };
      await bench.tellEvent('/cd', 'd1', 'com.espice.deployed', told);
      expect((await deploys()).slice(1)).toEqual(['com.espice.deployed from /cd: Deploy of shop 1.3 by ann']);
    });

    it('has one deploy where two processes find it at once', async () => {
      await open({ versions: { shop: '1.3' } });
      await bench.pass(61);
      const [before] = await listServiceVersions(bench.store.db, ['shop']);
      const claims = (seenAt: number, version: string, last?: number) =>
        Promise.all(
          [0, 1].map((late) =>
            bench.store.transaction((db) =>
              claimServiceVersion(db, { ...before!, version, seen_at: seenAt + late }, last),
            ),
          ),
        );
      expect((await claims(1, '1.4')).filter(Boolean)).toHaveLength(1);
      expect((await claims(before!.seen_at + 700_000, '1.3', before!.seen_at)).filter(Boolean)).toHaveLength(1);
    });

    it('says in words what kept an alert from being told', async () => {
      await open();
      const now = bench.clock.now();
      const matcher = { name: 'service', operator: '=', value: 'shop' } as const;
      const times = { startsAt: now, endsAt: now + 3_600_000 };
      await bench.alerting.silences.create({ matchers: [matcher], ...times, createdBy: 'ann', comment: 'deploy' }, now);
      await fire(A);
      await bench.pass(60);
      expect(await lines((await first()).id)).toContain('A on shop was not told: silenced');
    });

    it('says once that an alert fired, also where that has a row of its own, as it had in older databases', async () => {
      await open();
      await fire(A);
      const [record] = await bench.alerting.history({ limit: 1 });
      const { id, fired_at, severity } = record!.episode;
      const [fired, ...others] = record!.events.filter(({ kind }) => kind === 'fired');
      expect(others).toEqual([]);
      expect(fired).toMatchObject({
        at: fired_at,
        detail: `{"value":null,"severity":"${severity}","cause":"external"}`,
      });
      const row = { id: 'row', episode_id: id, kind: 'fired', at: fired_at, actor: null, detail: '{}' };
      await bench.store.db.insertInto('episode_events').values(row).execute();
      const [again] = await bench.alerting.history({ limit: 1 });
      expect(again!.events.filter(({ kind }) => kind === 'fired')).toEqual([row]);
      expect((await lines((await first()).id)).filter((line) => line.includes('fired'))).toHaveLength(1);
    });

    it('has a timeline in pages, and a report', async () => {
      await open();
      await fire(A);
      await bench.pass(40);
      await fire(B);
      const { id } = await first();
      await bench.alerting.byHand.acknowledge(id, { ...ann, note: 'looking' });
      await bench.alerting.byHand.comment(id, { by: 'bob', note: 'a | b\n<b>bold</b>' });
      await bench.pass(60);
      await end(A, B);
      const all = await bench.alerting.incidents.timeline(id, { limit: 100 }, bench.clock.now());
      const paged: string[] = [];
      for (let after: { at: number; id: string } | undefined; ; ) {
        const page = await bench.alerting.incidents.timeline(id, { after, limit: 3 }, bench.clock.now());
        paged.push(...page.map((entry) => entry.id));
        after = page.at(-1);
        if (page.length < 3) break;
      }
      expect(paged).toEqual(all.map((entry) => entry.id));
      const report = await bench.alerting.incidents.markdown(
        id,
        'http://localhost:8013/incidents/1',
        bench.clock.now(),
      );
      await expect(report).toMatchFileSnapshot('__golden__/incident.md');
    });
  });
});
