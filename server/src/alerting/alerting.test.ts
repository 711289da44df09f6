import type { KyselyPlugin } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertingBench } from '../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../tests/support/control-stores.ts';
import { ruleState } from './evaluation/live-rule.ts';

const FIRING = '[warning] High CPU usage';
const RESOLVED = '[resolved] High CPU usage';

describe.each(controlBackends())('alerting on $name', (backend) => {
  let bench: AlertingBench;
  beforeEach(async () => {
    bench = await AlertingBench.create(backend);
  });
  afterEach(() => bench.drop());

  /** `host_cpu_usage_percent` over 90. */
  const cpu = (value: number) => bench.figures.set('host_cpu_usage_percent', value);
  async function episodes() {
    const records = await bench.alerting.history({ limit: 100 });
    return records.map(({ episode }) => episode);
  }

  it('fires at once on what is there already, and resolves', async () => {
    cpu(95);
    const id = await bench.create({ threshold: 90 });
    expect(bench.states(id)).toEqual(['firing']);
    expect(await bench.inbox()).toEqual([FIRING]);
    cpu(50);
    await bench.pass(10);
    expect(bench.states(id)).toEqual([]);
    expect(await bench.inbox()).toEqual([FIRING, RESOLVED]);
  });

  it('waits for `for`, and is exact about it', async () => {
    cpu(50);
    const id = await bench.create({ threshold: 90, forMs: 30_000 });
    cpu(95);
    await bench.pass(10);
    expect(bench.states(id)).toEqual(['pending']);
    await bench.pass(15);
    expect(await bench.inbox()).toEqual([]);
    await bench.pass(15);
    expect(await bench.inbox()).toEqual([FIRING]);
    const [episode] = await episodes();
    expect(episode!.fired_at - episode!.started_at).toBe(30_000);
  });

  it('tells the whole story of an episode', async () => {
    cpu(95);
    const id = await bench.create({ threshold: 90, keepFiringForMs: 20_000, labels: { team: 'core' } });
    await bench.alerting.acknowledge(id, { by: 'anna', note: 'on it', until: null });
    cpu(99);
    await bench.pass(10);
    cpu(10);
    await bench.pass(40);
    const [record, ...others] = await bench.alerting.history({ limit: 10 });
    expect(others).toEqual([]);
    expect(record!.episode).toMatchObject({
      rule_id: id,
      rule_name: 'High CPU usage',
      state: 'resolved',
      labels: '{"team":"core"}',
      peak_value: 99,
      threshold: 90,
      acknowledged_by: 'anna',
      resolve_reason: 'recovered',
    });
    expect(record!.events.map(({ kind }) => kind)).toEqual([
      'fired',
      'notified',
      'acknowledged',
      'recovering',
      'resolved',
      'notified',
    ]);
    expect(record!.notifications.map(({ channel, recipient, status }) => `${channel} ${recipient} ${status}`)).toEqual([
      // Whoever acknowledges an alert has no need to read of it.
      'in_app ops read',
      'in_app ops delivered',
    ]);
  });

  it('has an instance for each label set', async () => {
    for (const host of ['a', 'b', 'c']) bench.figures.set('load', host === 'c' ? 1 : 9, { host });
    const id = await bench.create({ name: 'Busy', metric: 'load', threshold: 5 });
    expect(bench.states(id)).toEqual(['a firing', 'b firing']);
    bench.figures.set('load', 1, { host: 'a' });
    await bench.pass(10);
    expect(bench.states(id)).toEqual(['b firing']);
    await bench.pass(60);
    expect(await bench.inbox()).toEqual(['[warning] Busy (2 firing)', '[warning] Busy (1 firing, 1 resolved)']);
    bench.figures.set('load', 1, { host: 'b' });
    await bench.pass(10);
    expect((await bench.inbox()).slice(2)).toEqual(['[resolved] Busy']);
  });

  it('takes the worst of those that `group_by` puts together', async () => {
    for (const [core, value] of [1, 99, 2].entries()) bench.figures.set('load', value, { core: `${core}`, host: 'a' });
    const id = await bench.create({ name: 'Busy', metric: 'load', threshold: 5, groupBy: ['host'] });
    expect(bench.states(id)).toEqual(['a firing']);
    expect([...bench.alerting.get(id).instances.values()][0]!.state.value).toBe(99);
  });

  it('keeps the worst of too many, and says so', async () => {
    for (let host = 0; host < 20; host++) bench.figures.set('load', host, { host: `${host}` });
    const id = await bench.create({ name: 'Busy', metric: 'load', threshold: 5 });
    expect(bench.states(id)).toEqual(['15 firing', '16 firing', '17 firing', '18 firing', '19 firing', 'true firing']);
    expect(bench.alerting.get(id).lastError).toMatch(/^9 more label sets/);
    // A worse one takes the place of the mildest, and ends it; an equal one does not, nor one that is hardly worse.
    bench.figures.set('load', 100, { host: '3' });
    bench.figures.set('load', 16, { host: '4' });
    bench.figures.set('load', 17.5, { host: '5' });
    await bench.pass(10);
    expect(bench.states(id)).toEqual(['16 firing', '17 firing', '18 firing', '19 firing', '3 firing', 'true firing']);
    const [displaced] = (await episodes()).filter(({ ended_at }) => ended_at !== null);
    expect(displaced).toMatchObject({ labels: '{"host":"15"}', resolve_reason: 'displaced' });
    for (let host = 0; host < 20; host++) bench.figures.set('load', 0, { host: `${host}` });
    await bench.pass(10);
    expect(bench.states(id)).toEqual([]);
    // A query of its own words, taken up just now, does not hold what began meanwhile.
    const presence = await bench.create({ name: 'Present', query: 'load > 5' });
    bench.figures.set('load', 9, { host: '1' });
    await bench.pass(10);
    expect(bench.states(presence)).toEqual(['1 firing']);
    bench.figures.set('load', 0, { host: '1' });
    await bench.pass(10);
    expect(bench.states(presence)).toEqual([]);
  });

  it('knows several severities and tells of a rise only', async () => {
    cpu(85);
    const thresholds = [
      { severity: 'warning', threshold: 80 },
      { severity: 'critical', threshold: 95 },
    ] as const;
    const id = await bench.create({ thresholds });
    await bench.alerting.acknowledge(id, { by: 'anna', until: null });
    cpu(97);
    await bench.pass(10);
    expect([...bench.alerting.get(id).instances.values()][0]!.episode!.acknowledgement).toBeNull();
    cpu(85);
    await bench.pass(10);
    expect(await bench.inbox()).toEqual([FIRING, '[critical] High CPU usage']);
    expect((await episodes()).map(({ severity, state }) => `${severity} ${state}`)).toEqual(['critical firing']);
  });

  describe('without data', () => {
    it('fires on, pauses, and says that it has none', async () => {
      cpu(95);
      const id = await bench.create({ threshold: 90 });
      bench.figures.remove('host_cpu_usage_percent');
      await bench.pass(7200, 60);
      expect(bench.states(id)).toEqual(['firing']);
      expect(bench.alerting.get(id).health).toBe('no_data');
      expect(await bench.inbox()).toEqual([FIRING]);
    });

    it('fires where the rule says so, after a tolerance, and resolves when they are back', async () => {
      const id = await bench.create({ threshold: 90, noData: 'fire' });
      expect(bench.states(id)).toEqual([]);
      await bench.pass(30);
      expect(bench.states(id)).toEqual(['firing']);
      cpu(10);
      await bench.pass(10);
      expect(bench.states(id)).toEqual([]);
      expect(await bench.inbox()).toEqual([FIRING, RESOLVED]);
    });

    it('fires with the labels of the rule, after `for`, once, and not beyond the setting that made it (grafana#39711, #43511)', async () => {
      const labels = { team: 'db' };
      const id = await bench.create({ threshold: 90, noData: 'fire', forMs: 60_000, labels });
      await bench.pass(60);
      expect(bench.states(id)).toEqual(['pending']);
      await bench.pass(600, 10);
      expect(await bench.inbox()).toEqual([FIRING]);
      const [alert] = bench.alerting.dispatcher.table.alerts.values();
      expect(alert!.labels).toMatchObject({ alertname: 'High CPU usage', severity: 'warning', team: 'db' });
      await bench.alerting.update(id, { noData: 'keep_last' }, 'anna');
      await bench.pass(60);
      expect(bench.states(id)).toEqual([]);
      expect(await bench.inbox()).toEqual([FIRING, RESOLVED]);
    });

    it('resolves where the rule says so, but not right after a start', async () => {
      cpu(95);
      const id = await bench.create({ threshold: 90, noData: 'resolve' });
      bench.figures.remove('host_cpu_usage_percent');
      await bench.kill();
      await bench.pass(50);
      expect(bench.states(id)).toEqual(['firing']);
      await bench.pass(30);
      expect(bench.states(id)).toEqual([]);
      expect((await episodes())[0]).toMatchObject({ resolve_reason: 'no_data' });
    });

    it('lets go of a label set that is gone for an hour while others are there', async () => {
      for (const host of ['a', 'b']) bench.figures.set('load', 9, { host });
      const id = await bench.create({ name: 'Busy', metric: 'load', threshold: 5, intervalMs: 60_000 });
      bench.figures.remove('load', { host: 'b' });
      await bench.pass(3500, 20);
      expect(bench.states(id)).toEqual(['a firing', 'b firing']);
      await bench.pass(300, 20);
      expect(bench.states(id)).toEqual(['a firing']);
    });
  });

  it('outlives failing queries', async () => {
    cpu(95);
    const id = await bench.create({ threshold: 90 });
    bench.figures.failure = new Error('select secret from x');
    await bench.pass(60);
    // One more alert of the rule says so; what it has found fires on.
    expect(bench.states(id)).toEqual(['error firing', 'firing']);
    expect(ruleState(bench.alerting.get(id))).toBe('firing');
    expect(bench.alerting.get(id)).toMatchObject({ health: 'error', lastError: expect.not.stringContaining('secret') });
    const health = [...bench.alerting.dispatcher.table.alerts.values()].find(({ labels }) => labels.alert_health);
    expect(health).toMatchObject({
      labels: { alertname: 'High CPU usage', severity: 'warning', alert_health: 'error' },
      annotations: { summary: 'The rule cannot be evaluated: the query failed; the log of the service says more' },
    });
    bench.figures.failure = undefined;
    await bench.pass(10);
    expect(bench.alerting.get(id)).toMatchObject({ health: 'ok', lastError: null });
    expect(bench.states(id)).toEqual(['firing']);
  });

  it('takes a failing query for what the rule says, with its own labels, tolerance and `for` (grafana#16290, #8010)', async () => {
    cpu(95);
    const tolerant = { threshold: 90, missingTolerance: 3 } as const;
    const fires = await bench.create({ name: 'CPU fires', ...tolerant, onError: 'fire', forMs: 20_000 });
    const resolves = await bench.create({ name: 'CPU resolves', ...tolerant, onError: 'resolve' });
    await bench.pass(60);
    cpu(10);
    await bench.pass(10);
    expect([bench.states(fires), bench.states(resolves)]).toEqual([[], []]);
    cpu(95);
    await bench.pass(10);
    expect([bench.states(fires), bench.states(resolves)]).toEqual([['pending'], ['firing']]);
    cpu(10);
    await bench.pass(10);
    cpu(95);
    await bench.pass(10);
    bench.figures.failure = new Error('down');
    await bench.pass(30);
    expect(bench.states(resolves)).toEqual(['error firing', 'firing']);
    await bench.pass(10);
    expect([bench.states(fires), bench.states(resolves)]).toEqual([['pending'], ['error firing']]);
    await bench.pass(30);
    expect(bench.states(fires)).toEqual(['firing']);
    bench.figures.failure = undefined;
    cpu(10);
    await bench.pass(10);
    expect([bench.states(fires), bench.states(resolves)]).toEqual([[], []]);
    expect((await episodes()).map((one) => one.resolve_reason).sort()).toContain('error');
  });

  it('takes a label set that is missing for what the rule says, after its own delay', async () => {
    for (const host of ['a', 'b', 'c']) bench.figures.set('load', host === 'c' ? 1 : 9, { host });
    const silent = { metric: 'load', threshold: 5, seriesNoDataAfterMs: 120_000 } as const;
    const gone = await bench.create({ name: 'Gone', ...silent });
    const kept = await bench.create({ name: 'Kept', ...silent, seriesNoData: 'keep_last' });
    const fires = await bench.create({ name: 'Fires', ...silent, seriesNoData: 'fire' });
    bench.figures.remove('load', { host: 'a' });
    bench.figures.remove('load', { host: 'c' });
    await bench.pass(100, 10);
    expect([gone, kept, fires].map((id) => bench.states(id))).toEqual(Array(3).fill(['a firing', 'b firing']));
    await bench.pass(40, 10);
    expect(bench.states(gone)).toEqual(['b firing']);
    expect(bench.states(kept)).toEqual(['a firing', 'b firing']);
    expect(bench.states(fires)).toEqual(['a firing', 'b firing', 'c firing']);
    bench.figures.set('load', 1, { host: 'c' });
    await bench.pass(10);
    expect(bench.states(fires)).toEqual(['a firing', 'b firing']);
  });

  describe('over a restart', () => {
    it.each(['kill', 'restart'] as const)(
      'knows after a %s which label sets were well, and fires for their silence',
      async (how) => {
        for (const host of ['a', 'b', 'c']) bench.figures.set('load', 1, { host });
        const silent = { metric: 'load', threshold: 5, seriesNoDataAfterMs: 120_000, seriesNoData: 'fire' } as const;
        const id = await bench.create({ name: 'Silent', ...silent });
        bench.figures.remove('load', { host: 'a' });
        await bench.pass(100, 10);
        bench.figures.remove('load', { host: 'b' });
        // The time in which nobody looked is no silence.
        await bench[how](600);
        await bench.pass(20, 10);
        expect(bench.states(id)).toEqual([]);
        await bench.pass(60, 10);
        expect(bench.states(id)).toEqual(['a firing']);
        await bench.pass(60, 10);
        expect(bench.states(id)).toEqual(['a firing', 'b firing']);
        await bench.alerting.update(id, { query: 'load + 0', metric: null }, 'anna');
        await bench[how](1);
        await bench.pass(200, 10);
        expect(bench.states(id)).toEqual([]);
      },
    );

    it.each(['kill', 'restart'] as const)(
      'fires on in the same episode after a %s (prometheus#15175, #13957)',
      async (how) => {
        cpu(95);
        const id = await bench.create({ threshold: 90 });
        const [before] = await episodes();
        for (let round = 0; round < 5; round++) {
          await bench[how](30);
          await bench.pass(25);
        }
        expect(bench.states(id)).toEqual(['firing']);
        expect((await episodes()).map((episode) => episode.id)).toEqual([before!.id]);
        expect(await bench.inbox()).toEqual([FIRING]);
        cpu(10);
        await bench[how](30);
        await bench.pass(15);
        expect(await bench.inbox()).toEqual([FIRING, RESOLVED]);
        expect((await episodes())[0]).toMatchObject({ id: before!.id, state: 'resolved' });
      },
    );

    it('does not take the silence after the start for recovery', async () => {
      cpu(95);
      const byThreshold = await bench.create({ threshold: 90 });
      const byPresence = await bench.create({ name: 'Any', query: 'host_cpu_usage_percent > 90' });
      bench.figures.remove('host_cpu_usage_percent');
      await bench.kill(600);
      await bench.pass(45);
      expect([...bench.states(byThreshold), ...bench.states(byPresence)]).toEqual(['firing', 'firing']);
      cpu(95);
      await bench.pass(60);
      expect(await bench.inbox()).toHaveLength(2);
    });

    it('goes on waiting where it was (prometheus#422)', async () => {
      cpu(95);
      const id = await bench.create({ threshold: 90, forMs: 100_000 });
      await bench.pass(80);
      await bench.kill(10);
      await bench.pass(5);
      expect(bench.states(id)).toEqual(['pending']);
      await bench.pass(55);
      expect(bench.states(id)).toEqual(['firing']);
    });

    it('remembers what was acknowledged and what was closed by hand', async () => {
      cpu(95);
      const first = await bench.create({ threshold: 90 });
      const second = await bench.create({ threshold: 91 });
      await bench.alerting.acknowledge(first, { by: 'anna', until: null });
      await bench.alerting.resolve(second, { by: 'anna', until: null });
      await bench.kill();
      await bench.pass(20);
      const instance = [...bench.alerting.get(first).instances.values()][0];
      expect(instance!.episode!.acknowledgement).toMatchObject({ by: 'anna' });
      expect(bench.states(second)).toEqual(['inactive']);
    });
  });

  describe('manual', () => {
    it('fires at once until it is resolved', async () => {
      const id = await bench.create({ name: 'Fire in the server room', severity: 'critical' });
      await bench.pass(60);
      expect(bench.states(id)).toEqual(['firing']);
      await bench.alerting.resolve(id, { by: 'anna', note: 'extinguished', until: null });
      await bench.pass(60);
      await bench.kill();
      await bench.pass(60);
      expect(bench.states(id)).toEqual(['inactive']);
      expect(await bench.inbox()).toEqual(['[critical] Fire in the server room', '[resolved] Fire in the server room']);
      expect((await episodes())[0]).toMatchObject({ resolved_by: 'anna', resolve_reason: 'resolved_by_hand' });
    });

    it('ends at its time', async () => {
      const endsAt = bench.clock.now() + 95_500;
      const id = await bench.create({ name: 'Power test', endsAt, intervalMs: 60_000 });
      await bench.pass(95);
      expect(bench.states(id)).toEqual(['firing']);
      await bench.pass(1);
      expect(bench.states(id)).toEqual([]);
      expect((await episodes())[0]).toMatchObject({ ended_at: endsAt, resolve_reason: 'ended' });
    });
  });

  describe('changed', () => {
    it('goes by the new threshold at once, in the same episode', async () => {
      cpu(95);
      const id = await bench.create({ threshold: 90 });
      await bench.alerting.update(id, { threshold: 80, name: 'Very high CPU usage' }, 'anna', 1);
      expect(bench.states(id)).toEqual(['firing']);
      await bench.alerting.update(id, { threshold: 99 }, 'anna');
      expect(bench.states(id)).toEqual([]);
      expect(await bench.inbox()).toEqual([FIRING, '[resolved] Very high CPU usage']);
    });

    describe('in its severity', () => {
      const story = async () => {
        const [record] = await bench.alerting.history({ limit: 1 });
        const kinds = record!.events.filter(({ kind }) => kind !== 'notified').map(({ kind, actor }) => [kind, actor]);
        return { severity: record!.episode.severity, acknowledged_by: record!.episode.acknowledged_by, kinds };
      };
      const severities = (id: string) =>
        [...bench.alerting.get(id).instances.values()].map(({ state }) => state.severity);

      it.each([
        ['of a threshold', { threshold: 90 }],
        ['of a query', { query: 'host_cpu_usage_percent > 90' }],
        ['raised by hand', {}],
      ])('takes what fires along, and tells of a rise only: an alert %s', async (_what, fields) => {
        cpu(95);
        const id = await bench.create({ ...fields, severity: 'critical' });
        await bench.pass(1);
        await bench.alerting.acknowledge(id, { by: 'anna', until: null });
        await bench.pass(1);
        await bench.alerting.update(id, { severity: 'info' }, 'bob');
        expect(severities(id)).toEqual(['info']);
        const lowered = ['severity_lowered', 'bob'];
        const begin = [
          ['fired', null],
          ['acknowledged', 'anna'],
        ];
        expect(await story()).toEqual({ severity: 'info', acknowledged_by: 'anna', kinds: [...begin, lowered] });
        await bench.pass(30);
        await bench.kill();
        await bench.pass(30);
        expect(severities(id)).toEqual(['info']);
        expect(await bench.inbox()).toEqual(['[critical] High CPU usage']);
        for (const severity of ['error', 'info', 'error'] as const) {
          await bench.alerting.update(id, { severity }, 'bob');
          await bench.pass(10);
        }
        const raised = ['severity_raised', 'bob'];
        const kinds = [...begin, lowered, raised, lowered, raised];
        expect(await story()).toEqual({ severity: 'error', acknowledged_by: null, kinds });
        const again = '[error] High CPU usage';
        expect(await bench.inbox()).toEqual(['[critical] High CPU usage', again, again]);
        expect(await episodes()).toHaveLength(1);
      });

      it('goes by the worst that was seen where there are several', async () => {
        cpu(97);
        const levels = (critical: number) =>
          [
            { severity: 'warning', threshold: 80 },
            { severity: 'critical', threshold: critical },
          ] as const;
        const id = await bench.create({ thresholds: levels(95) });
        cpu(85);
        await bench.pass(10);
        await bench.alerting.update(id, { severity: 'info' }, 'bob');
        expect(severities(id)).toEqual(['critical']);
        await bench.alerting.update(id, { thresholds: levels(99) }, 'bob');
        expect(severities(id)).toEqual(['warning']);
      });

      it('fires with the new one what was waiting or is recovering, also after a kill', async () => {
        cpu(95);
        const waiting = await bench.create({ threshold: 90, severity: 'critical', forMs: 20_000 });
        const recovering = await bench.create({ threshold: 94, severity: 'critical', keepFiringForMs: 600_000 });
        cpu(93);
        await bench.pass(10);
        for (const id of [waiting, recovering]) await bench.alerting.update(id, { severity: 'info' }, 'bob');
        expect([bench.states(waiting), bench.states(recovering)]).toEqual([['pending'], ['recovering']]);
        await bench.kill();
        await bench.pass(40);
        expect([bench.states(waiting), bench.states(recovering)]).toEqual([['firing'], ['recovering']]);
        expect([severities(waiting), severities(recovering)]).toEqual([['info'], ['info']]);
        await bench.alerting.update(recovering, { severity: 'error' }, 'bob');
        expect(await episodes()).toContainEqual(
          expect.objectContaining({ rule_id: recovering, severity: 'error', state: 'recovering' }),
        );
      });
    });

    it('ends what fires when it watches something else', async () => {
      cpu(95);
      bench.figures.set('load', 9, { host: 'a' });
      const id = await bench.create({ threshold: 5 });
      await bench.alerting.update(id, { metric: 'load' }, 'anna');
      expect(bench.states(id)).toEqual(['a firing']);
      expect((await episodes()).map(({ state, resolve_reason }) => [state, resolve_reason])).toEqual([
        ['firing', null],
        ['resolved', 'rule_changed'],
      ]);
    });

    it('ends what fires when it is paused, and looks again when it is not', async () => {
      cpu(95);
      const id = await bench.create({ threshold: 90 });
      await bench.alerting.update(id, { enabled: false }, 'anna');
      await bench.pass(30);
      expect(bench.states(id)).toEqual([]);
      await bench.alerting.update(id, { enabled: true }, 'anna');
      expect(bench.states(id)).toEqual(['firing']);
      expect(await bench.inbox()).toEqual([FIRING, RESOLVED, FIRING]);
    });

    it('refuses an old version, also where two come at once', async () => {
      const id = await bench.create({ threshold: 90 });
      const results = await Promise.allSettled(
        [1, 1].map((v) => bench.alerting.update(id, { threshold: 5 }, 'anna', v)),
      );
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      await expect(bench.alerting.update(id, { threshold: 5 }, 'anna', 7)).rejects.toMatchObject({ code: 'conflict' });
    });

    it('keeps its changes over a kill', async () => {
      const id = await bench.create({ threshold: 90 });
      await bench.alerting.update(id, { threshold: 5 }, 'anna');
      await bench.kill();
      expect(bench.alerting.get(id).rule).toMatchObject({ threshold: 5, version: 2 });
    });
  });

  it('deleted, it resolves what fires and keeps the history', async () => {
    cpu(95);
    const id = await bench.create({ threshold: 90 });
    await bench.alerting.remove(id, 'anna');
    await bench.pass(30);
    expect(() => bench.alerting.get(id)).toThrow(/no alert/);
    await bench.kill();
    expect(bench.alerting.list()).toEqual([]);
    expect(await bench.inbox()).toEqual([FIRING, RESOLVED]);
    expect(await episodes()).toMatchObject([{ state: 'resolved', resolve_reason: 'rule_deleted' }]);
  });

  it('closed by hand, it stays closed until the condition was clear', async () => {
    cpu(95);
    const id = await bench.create({ threshold: 90 });
    await bench.alerting.resolve(id, { by: 'anna', until: null });
    await bench.pass(60);
    expect(await episodes()).toHaveLength(1);
    cpu(10);
    await bench.pass(10);
    cpu(95);
    await bench.pass(10);
    expect(await episodes()).toHaveLength(2);
    await expect(
      bench.alerting.resolve(await bench.create({ threshold: 99 }), { by: 'x', until: null }),
    ).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('takes the same idempotency key once', async () => {
    const form = bench.form({ threshold: 90 });
    const request = { by: 'x', idempotency: { key: 'x:1', requestHash: 'a' } };
    const all = await Promise.all([1, 2, 3].map(() => bench.alerting.create(form, request)));
    expect(new Set(all.map(({ live }) => live.rule.id)).size).toBe(1);
    expect(all.filter(({ created }) => created)).toHaveLength(1);
    const other = { by: 'x', idempotency: { key: 'x:1', requestHash: 'b' } };
    await expect(bench.alerting.create(form, other)).rejects.toMatchObject({ code: 'conflict' });
    await bench.kill(25 * 3600);
    expect((await bench.alerting.create(form, other)).created).toBe(true);
  });

  it('forgets old episodes', async () => {
    cpu(95);
    const id = await bench.create({ threshold: 90, intervalMs: 86_400_000 });
    await bench.alerting.remove(id, 'anna');
    await bench.kill(366 * 86_400);
    await bench.pass(20);
    expect(await episodes()).toEqual([]);
    expect(await bench.store.db.selectFrom('alert_rules').select('id').execute()).toEqual([]);
  });

  it('asks the store nearly nothing while nothing happens', async () => {
    let statements = 0;
    const count: KyselyPlugin = {
      transformQuery: ({ node }) => {
        statements++;
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const { db } = bench.store;
    Object.assign(bench.store, { db: db.withPlugin(count) });
    bench.store.transaction = (work) => bench.store.db.transaction().execute(work);
    await bench.pass(3600, 60);
    const idle = statements;
    // Each of the five parts that wait for times reads them again now and then.
    expect(idle).toBeGreaterThan(0);
    expect(idle).toBeLessThan((3_600_000 / bench.store.rereadMs) * 15);
    cpu(95);
    await bench.create({ threshold: 90 });
    await bench.pass(2);
    expect(statements).toBeGreaterThan(idle + 10);
  });

  it('writes a template that fails into the message instead of keeping silent', async () => {
    cpu(95);
    await bench.create({
      threshold: 90,
      annotations: { summary: 'at {{ value }} of {{ threshold }}', odd: '{% if %}' },
    });
    const [record] = await bench.alerting.history({ limit: 1 });
    const row = await bench.store.db.selectFrom('notifications').select(['data', 'message']).executeTakeFirstOrThrow();
    expect(record!.episode.state).toBe('firing');
    expect(row.message).toContain('at 95 of 90');
    expect(JSON.parse(row.data).annotations.odd).toMatch(/^\{% if %\} \(the template failed/);
  });
});
