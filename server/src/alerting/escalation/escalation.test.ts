import { afterEach, describe, expect, it } from 'vitest';
import { AlertingBench, type BenchOptions } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';
import type { LiveRule } from '../evaluation/live-rule.ts';
import type { CrashPoint } from './escalation-sweep.ts';
import { type Move, nextMove, type Position } from './next-move.ts';
import { ALWAYS, type EscalationConditions, type EscalationPolicyForm, type EscalationStep } from './policy.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;

function step(user: string, minutes: number, changes: Partial<EscalationStep> = {}): EscalationStep {
  return { delayMs: minutes * MINUTE, targets: [{ user }], urgency: null, conditions: ALWAYS, ...changes };
}

function form(steps: EscalationStep[], changes: Partial<EscalationPolicyForm> = {}): EscalationPolicyForm {
  return { name: 'web', description: '', steps, repeat: 0, fallback: [], ackTimeoutMs: 4 * HOUR, ...changes };
}

/** First anna, five minutes later ben, ten minutes after that cem. */
const STEPS = [step('anna', 5), step('ben', 10), step('cem', 10)];

describe.each(controlBackends())('escalation on $name', (backend) => {
  let bench: AlertingBench;
  afterEach(() => bench.drop());

  /** A policy, and an alert that goes by it; gives the id of the alert. */
  async function open(policy = form(STEPS), options: BenchOptions = {}): Promise<string> {
    bench = await AlertingBench.create(backend, options);
    const { id } = await bench.alerting.escalationPolicies.create(policy, bench.clock.now());
    const thresholds = [
      { severity: 'warning', threshold: 80 },
      { severity: 'critical', threshold: 95 },
    ] as const;
    const notify = { users: [], channels: null, escalationPolicyId: id };
    return bench.create({ name: 'Slow', metric: 'load', thresholds, notify });
  }
  async function fire(value = 90): Promise<void> {
    bench.figures.set('load', value);
    await bench.pass(10);
  }
  /** How many messages each has got. */
  async function told(...users: string[]): Promise<number[]> {
    const counts: number[] = [];
    for (const user of users) counts.push((await bench.inbox(user)).length);
    return counts;
  }
  const everybody = () => told('anna', 'ben', 'cem', 'ops');
  async function kinds(): Promise<string[]> {
    const [record] = await bench.alerting.history({ limit: 1 });
    return record!.events.map(({ kind }) => kind).filter((kind) => kind !== 'fired' && kind !== 'notified');
  }
  const ack = (id: string, until: number | null = null): Promise<LiveRule> =>
    bench.alerting.acknowledge(id, { by: 'anna', until });

  it('tells one after the other until the last, and all of them of the end', async () => {
    await open();
    await fire();
    await bench.pass(2);
    expect(await everybody()).toEqual([1, 0, 0, 0]);
    await bench.pass(280, 10);
    expect(await everybody()).toEqual([1, 0, 0, 0]);
    await bench.pass(22);
    expect(await everybody()).toEqual([1, 1, 0, 0]);
    await bench.pass(602, 2);
    expect(await everybody()).toEqual([1, 1, 1, 0]);
    await bench.pass(620, 10);
    expect(await everybody()).toEqual([1, 1, 1, 0]);
    expect(await kinds()).toEqual(['escalated', 'escalated', 'escalated', 'escalation_exhausted']);
    await fire(1);
    for (const user of ['anna', 'ben', 'cem']) {
      expect(await bench.inbox(user)).toEqual(['[warning] Slow', '[resolved] Slow']);
    }
  });

  it('begins anew as often as it says', async () => {
    await open(form([step('anna', 1)], { repeat: 2 }));
    await fire();
    await bench.pass(600, 5);
    expect(await told('anna')).toEqual([3]);
  });

  it('stops where somebody acknowledges, also over a restart, and is closed with the alert', async () => {
    const id = await open();
    await fire();
    await bench.pass(2);
    await ack(id);
    await bench.kill(HOUR / 1000);
    await bench.pass(HOUR / 1000, 60);
    expect(await everybody()).toEqual([1, 0, 0, 0]);
    await fire(1);
    // The next episode inherits nothing.
    await fire(90);
    await bench.pass(2);
    expect(await told('anna')).toEqual([3]);
  });

  it('lets an acknowledgement of a critical alert end after its time, and tells the same again (goalert#3378)', async () => {
    const id = await open();
    await fire(99);
    await bench.pass(2);
    await ack(id);
    await bench.pass(13_500, 300);
    await bench.pass(840, 60);
    expect(await everybody()).toEqual([1, 0, 0, 0]);
    await bench.pass(120, 1);
    expect(await everybody()).toEqual([2, 0, 0, 0]);
    expect(await kinds()).toEqual(['escalated', 'acknowledged', 'acknowledgement_expired', 'escalated']);
    await bench.pass(300, 2);
    expect(await everybody()).toEqual([2, 1, 0, 0]);
  });

  it('begins anew when the severity rises, whoever has acknowledged', async () => {
    const id = await open();
    await fire();
    await bench.pass(400, 5);
    expect(await everybody()).toEqual([1, 1, 0, 0]);
    await ack(id);
    await fire(99);
    await bench.pass(2);
    expect(await everybody()).toEqual([2, 1, 0, 0]);
    expect((await bench.inbox('anna')).at(-1)).toBe('[critical] Slow');
  });

  it('runs the latest step that fell due while nobody was here, once, and writes down the others', async () => {
    await open();
    await fire();
    await bench.pass(2);
    await bench.kill(20 * 60);
    await bench.pass(3);
    expect(await everybody()).toEqual([1, 0, 1, 0]);
    expect(await kinds()).toEqual(['escalated', 'escalation_skipped', 'escalated']);
    await bench.pass(60, 2);
    expect(await everybody()).toEqual([1, 0, 1, 0]);
  });

  it('goes on when the hours of a step begin, although the process was killed while it waited for them (oncall#1206)', async () => {
    // It is noon.
    const hours = [{ days: [1, 2, 3, 4, 5], start: '14:00', end: '18:00' }];
    const afternoon = { ...ALWAYS, hours, timeZone: 'UTC' };
    await open(form([step('anna', 5), step('ben', 10, { conditions: afternoon }), step('cem', 10)]));
    await fire();
    await bench.pass(400, 5);
    expect(await kinds()).toEqual(['escalated', 'escalation_postponed']);
    await bench.kill(HOUR / 1000);
    await bench.pass(600, 5);
    await bench.kill(1);
    await bench.pass(40 * 60, 15);
    expect(await everybody()).toEqual([1, 0, 0, 0]);
    await bench.pass(5 * 60, 5);
    expect(await everybody()).toEqual([1, 1, 0, 0]);
    await bench.pass(11 * 60, 5);
    expect(await everybody()).toEqual([1, 1, 1, 0]);
  });

  it('asks who is on call when the step runs, and goes by the policy as it was when the alert fired', async () => {
    const id = await open(form([step('anna', 5), step('', 5, { targets: [{ schedule: 'rota' }] })]));
    const now = bench.clock.now();
    const layer = {
      name: 'one',
      rotation: 'daily',
      every: 1,
      start: '2026-01-05T00:00',
      participants: ['dora'],
    } as const;
    const rota = { name: 'rota', description: '', timeZone: 'UTC', layers: [{ ...layer, hours: [] }] };
    const schedule = await bench.alerting.onCall.create(rota, now);
    await fire();
    await bench.pass(2);
    const policies = bench.alerting.escalationPolicies;
    await policies.update(policies.list()[0]!.id, { steps: [step('nobody', 5)] }, now);
    const override = { userId: 'emil', startsAt: now, endsAt: now + HOUR, createdBy: 'x' };
    await bench.alerting.onCall.addOverride(schedule.id, override, now);
    await bench.pass(300, 2);
    expect(await told('dora', 'emil', 'nobody')).toEqual([0, 1, 0]);
    await expect(policies.remove(policies.list()[0]!.id)).rejects.toThrow('the alert Slow');
    await bench.alerting.remove(id, 'x');
  });

  it('tests the alert on the first step', async () => {
    const id = await open(form(STEPS));
    await bench.alerting.test(id);
    expect(await bench.inbox('anna')).toEqual(['[test] Slow']);
    expect(await told('ben', 'ops')).toEqual([0, 0]);
  });

  it('never ends in silence: the fallback is told, or the default recipients, and why', async () => {
    const nobody = step('', 1, { targets: [{ schedule: 'rota' }] });
    await open(form([nobody, nobody], { fallback: [{ user: 'boss' }] }));
    await fire();
    await bench.pass(2);
    expect(await told('boss', 'ops')).toEqual([1, 0]);
    expect(await kinds()).toEqual(['escalation_fallback']);
    await bench.drop();
    await open(form([nobody], { fallback: [{ schedule: 'rota' }] }));
    await fire();
    await bench.pass(2);
    expect(await told('boss', 'ops')).toEqual([0, 1]);
  });

  it('waits while the alert is silenced, and then begins where it stood', async () => {
    await open();
    await fire();
    await bench.pass(60, 5);
    const now = bench.clock.now();
    const matchers = [{ name: 'alertname', operator: '=' as const, value: 'Slow' }];
    const times = { startsAt: now, endsAt: now + HOUR };
    await bench.alerting.silences.create({ matchers, createdBy: 'ann', comment: 'known', ...times }, now);
    await bench.pass(3590, 10);
    expect(await told('anna', 'ben', 'cem')).toEqual([1, 0, 0]);
    await bench.pass(60, 2);
    expect(await told('ben', 'cem')).toEqual([1, 0]);
  });

  it.each(['step_chosen', 'step_enqueued', 'position_saved', 'committed'] satisfies CrashPoint[])(
    'tells once although the process dies at %s',
    async (label) => {
      let isArmed = false;
      let crashes = 0;
      const crashPoint = (at: string) => {
        if (!isArmed || at !== label) return;
        crashes++;
        throw new Error(`crash at ${label}`);
      };
      await open(form(STEPS), { crashPoint });
      isArmed = true;
      await fire();
      await bench.pass(1);
      expect(crashes).toBeGreaterThan(0);
      isArmed = false;
      await bench.kill(1);
      await bench.pass(3);
      expect(await everybody()).toEqual([1, 0, 0, 0]);
      await bench.pass(300, 2);
      expect(await everybody()).toEqual([1, 1, 0, 0]);
    },
  );

  it('pages once for alerts that are told of together, and again for one that nobody has in hand', async () => {
    bench = await AlertingBench.create(backend, {
      routing:
        'route: {receiver: pager, group_wait: 5s, group_interval: 1m}\nreceivers: [{name: pager, escalation_policy: web}]',
    });
    await bench.alerting.escalationPolicies.create(form(STEPS), bench.clock.now());
    await bench.post(
      ['1', '2', '3'].map((host) => ({ alertname: 'A', host })),
      7200,
    );
    await bench.pass(8);
    expect(await bench.inbox('anna')).toEqual(['[warning] A (3 firing)']);
    const [live] = bench.alerting.list();
    await bench.alerting.acknowledge(live!.rule.id, { by: 'anna', until: null });
    await bench.pass(900, 20);
    expect(await everybody()).toEqual([1, 0, 0, 0]);
    await bench.post([{ alertname: 'A', host: '4' }], 7200);
    await bench.pass(70);
    expect((await bench.inbox('anna')).slice(1)).toEqual(['[warning] A']);
  });

  describe('about one incident', () => {
    const ROUTING = `
route: {receiver: pager, group_by: [alertname], group_wait: 0s, group_interval: 1m, routes: [
  {receiver: other, matchers: ['team="other"']}, {receiver: both, matchers: ['team="both"']}]}
receivers:
  - {name: pager, escalation_policy: web}
  - {name: other, escalation_policy: other}
  - {name: both, escalation_policy: web, in_app_configs: [{user: anna}]}`;
    const A = { alertname: 'A', service: 'shop' };
    const B = { alertname: 'B', service: 'shop' };
    const C = { alertname: 'C', service: 'cart' };
    const start = async (options: BenchOptions = {}) => {
      bench = await AlertingBench.create(backend, { routing: ROUTING, ...options });
      const now = bench.clock.now();
      await bench.alerting.escalationPolicies.create(form(STEPS), now);
      await bench.alerting.escalationPolicies.create(form([step('dora', 5)], { name: 'other' }), now);
    };
    const begin = (...alerts: Record<string, string>[]) => bench.post(alerts, 7200);
    const end = (...alerts: Record<string, string>[]) => bench.post(alerts, 0);
    const incident = async (index = 0) => (await bench.alerting.incidents.list({ limit: 10 })).reverse()[index]!.id;
    const lines = async () =>
      (await bench.alerting.incidents.timeline(await incident(), { limit: 100 }, bench.clock.now()))
        .map(({ text }) => text)
        .filter((text) => text.startsWith('Escalation'))
        .reverse();

    it('pages once, whatever joins, and tells of the end with the last alert', async () => {
      await start();
      await begin(A);
      await bench.pass(60, 2);
      await begin(B);
      await bench.pass(60, 2);
      expect(await everybody()).toEqual([1, 0, 0, 0]);
      await bench.pass(190, 2);
      expect(await bench.inbox('ben')).toEqual(['[warning] 2 alerts on shop (2 firing)']);
      const pages = await bench.store.db.selectFrom('notifications').select('content').execute();
      for (const { content } of pages) expect(content).toContain(`/incidents/${await incident()}`);
      await end(A);
      await bench.pass(120, 4);
      expect(await told('anna', 'ben')).toEqual([1, 1]);
      await end(B);
      await bench.pass(2);
      expect((await bench.inbox('anna')).slice(1)).toEqual(['[resolved] 2 alerts on shop (2)']);
      expect(await told('anna', 'ben', 'cem')).toEqual([2, 2, 0]);
      expect(await lines()).toEqual(['Escalation web, step 1: told anna', 'Escalation web, step 2: told ben']);
      expect(await bench.alerting.escalations(10)).toEqual([]);
    });

    it('halts with an acknowledgement of the incident, also over a restart', async () => {
      await start();
      await begin(A);
      await bench.pass(310, 2);
      await bench.alerting.byHand.acknowledge(await incident(), { by: 'anna', until: null });
      await bench.pass(900, 30);
      expect(await everybody()).toEqual([1, 1, 0, 0]);
      await bench.kill(5);
      await bench.pass(900, 30);
      expect(await everybody()).toEqual([1, 1, 0, 0]);
    });

    it('goes on for what joins an acknowledged incident, and begins anew for what is worse', async () => {
      await start();
      await begin(A);
      await bench.pass(250, 5);
      await bench.alerting.byHand.acknowledge(await incident(), { by: 'anna', until: null });
      await begin(B);
      await bench.pass(4, 2);
      expect(await everybody()).toEqual([2, 0, 0, 0]);
      await bench.pass(202, 2);
      await begin({ ...B, host: '1' });
      await bench.pass(100, 2);
      expect(await everybody()).toEqual([2, 1, 0, 0]);
      await begin({ ...B, host: '2', severity: 'critical' });
      await bench.pass(62, 2);
      expect(await everybody()).toEqual([3, 1, 0, 0]);
      expect(await lines()).toEqual([
        'Escalation web, step 1: told anna',
        'Escalation web goes on: a new alert joined',
        'Escalation web, step 1: told anna',
        'Escalation web, step 2: told ben',
        'Escalation web begins anew: severity critical',
        'Escalation web, step 1: told anna',
      ]);
    });

    it('begins anew for what is worse again after it was milder, where it stands still', async () => {
      await start();
      const worse = { ...B, severity: 'critical' };
      await begin(A, worse);
      await bench.pass(4, 2);
      await bench.alerting.byHand.acknowledge(await incident(), { by: 'anna', until: null });
      await end(worse);
      await bench.pass(62, 2);
      await begin({ ...worse, host: '2' });
      await bench.pass(62, 2);
      expect(await everybody()).toEqual([2, 0, 0, 0]);
      // All steps have run.
      await bench.pass(1600, 10);
      expect(await everybody()).toEqual([2, 1, 1, 0]);
      await end({ ...worse, host: '2' });
      await bench.pass(62, 2);
      await begin({ ...worse, host: '3' });
      await bench.pass(62, 2);
      expect(await everybody()).toEqual([3, 1, 1, 0]);
      expect((await lines()).filter((text) => text.includes('anew'))).toEqual(
        Array(2).fill('Escalation web begins anew: severity critical'),
      );
    });

    it('is not held at its first step by what is worse, and comes and goes', async () => {
      await start();
      await begin(A);
      for (let round = 0; round < 4; round++) {
        await begin({ ...B, severity: 'critical', host: `${round}` });
        await bench.pass(90, 5);
        await end({ ...B, severity: 'critical', host: `${round}` });
        await bench.pass(30, 5);
      }
      expect((await told('ben'))[0]).toBe(1);
    });

    it('goes on for one incident where that for another cannot (oncall#724)', async () => {
      await start();
      await begin(A, { ...B, service: 'other', team: 'other' });
      await bench.pass(4, 2);
      expect(await told('anna', 'dora')).toEqual([1, 1]);
      const { db } = bench.store;
      await db.updateTable('escalations').set({ policy: 'not to be read' }).where('policy', 'like', '%dora%').execute();
      await bench.pass(310, 2);
      expect(await told('anna', 'ben', 'dora')).toEqual([1, 1, 1]);
    });

    it('keeps policies apart: who has the alerts of one in hand halts that one', async () => {
      await start();
      await begin(A, { ...B, team: 'other' });
      await bench.pass(3);
      expect(await told('anna', 'dora')).toEqual([1, 1]);
      const [first] = bench.alerting.incidents.table.incidents.values();
      const a = [...first!.members.values()].find(({ alertName }) => alertName === 'A')!;
      await bench.alerting.byHand.acknowledgeAlerts({ episodeId: a.episodeId }, { by: 'anna', until: null });
      const states = (await bench.alerting.escalations(10)).map(({ policy, state }) => `${policy.name} ${state}`);
      expect(states.sort()).toEqual(['other waiting', 'web acknowledged']);
      // Of the alerts that go by the other policy nothing fires any more, of the incident something does.
      await end({ ...B, team: 'other' });
      await bench.pass(2);
      expect(await told('anna', 'dora')).toEqual([1, 2]);
    });

    it('says the end once to whom the receiver tells it, too', async () => {
      await start();
      await begin({ ...A, team: 'both' });
      await bench.pass(3);
      await end({ ...A, team: 'both' });
      await bench.pass(3);
      expect((await bench.inbox('anna')).filter((subject) => subject.startsWith('[resolved]'))).toHaveLength(1);
    });

    it('goes on as one where incidents are merged, and apart where they are split', async () => {
      await start();
      await begin(A);
      await bench.pass(310, 2);
      await begin(C);
      await bench.pass(4, 2);
      expect(await everybody()).toEqual([2, 1, 0, 0]);
      const [one, two] = [await incident(0), await incident(1)];
      await bench.alerting.byHand.merge(two, one, { by: 'anna' });
      await bench.pass(310, 2);
      // C would have been at its second step by now.
      expect(await everybody()).toEqual([2, 1, 0, 0]);
      await bench.pass(300, 2);
      expect(await everybody()).toEqual([2, 1, 1, 0]);
      const c = [...(await bench.alerting.incidents.get(one)).members.values()].find(
        ({ alertName }) => alertName === 'C',
      )!;
      const three = await bench.alerting.byHand.split(one, [c.episodeId], { by: 'anna' });
      await bench.alerting.byHand.acknowledge(one, { by: 'anna', until: null });
      const open = await bench.alerting.escalations(10);
      expect(open.map(({ incidentId, state }) => [incidentId === three, state]).sort()).toEqual([
        [false, 'acknowledged'],
        [true, 'waiting'],
      ]);
      await end(A, C);
      await bench.pass(3);
      expect((await bench.inbox('cem')).slice(1)).toEqual(['[resolved] A on shop']);
    });
  });
});

describe('what an escalation does next', () => {
  const at = (time: string) => Date.parse(time);
  function move(conditions: Partial<EscalationConditions>, position: Partial<Position>, now: string, count = 1): Move {
    const policy = { ...form([step('anna', 5, { conditions: { ...ALWAYS, ...conditions } }), step('ben', 5)]) };
    const from = { step: 0, loop: 0, dueAt: at(now), ...position };
    const whole = { ...policy, id: '1', origin: 'api', createdAt: 0, updatedAt: 0 } as const;
    return nextMove(whole, from, { severity: 'error', count: () => count }, at(now));
  }
  const office = [{ days: [1, 2, 3, 4, 5, 6, 7], start: '02:30', end: '10:00' }];

  it.each([
    // Before and after the clocks go forward: 02:30 does not exist on that day.
    ['Europe/Paris', '2026-03-28T00:00Z', '2026-03-28T01:30Z'],
    ['Europe/Paris', '2026-03-29T00:00Z', '2026-03-29T01:00Z'],
    ['Europe/Paris', '2026-03-30T00:00Z', '2026-03-30T00:30Z'],
    // Back: 02:30 comes twice, the first counts.
    ['Europe/Paris', '2026-10-24T20:00Z', '2026-10-25T00:30Z'],
    ['Europe/Paris', '2026-10-25T12:00Z', '2026-10-26T01:30Z'],
    ['America/New_York', '2026-03-08T00:00Z', '2026-03-08T07:00Z'],
    ['America/New_York', '2026-03-09T00:00Z', '2026-03-09T06:30Z'],
    ['America/New_York', '2026-11-01T00:00Z', '2026-11-01T07:30Z'],
    ['America/New_York', '2026-10-31T00:00Z', '2026-10-31T06:30Z'],
    // Half an hour.
    ['Australia/Lord_Howe', '2026-10-03T12:00Z', '2026-10-03T15:30Z'],
    ['Australia/Lord_Howe', '2026-10-04T12:00Z', '2026-10-04T15:30Z'],
    ['Australia/Lord_Howe', '2026-04-04T12:00Z', '2026-04-04T16:00Z'],
    ['Australia/Lord_Howe', '2026-04-03T12:00Z', '2026-04-03T15:30Z'],
  ])('waits for the hours in %s at %s', (timeZone, now, opening) => {
    expect(move({ hours: office, timeZone }, {}, now)).toMatchObject({
      kind: 'wait',
      why: 'window',
      lookAt: at(opening),
      next: { step: 0, dueAt: at(opening) },
    });
    expect(move({ hours: office, timeZone }, {}, opening)).toMatchObject({ kind: 'run' });
  });

  it('passes over a step that is for what is worse', () => {
    const found = move({ minSeverity: 'critical' }, {}, '2026-01-05T12:00Z');
    expect(found).toMatchObject({ kind: 'run', run: { step: 1 }, skipped: [{ step: 0, why: 'severity' }] });
  });

  it('waits for the count, then passes the step over', () => {
    const count = { atLeast: 3, withinMs: HOUR };
    const dueAt = at('2026-01-05T12:00Z');
    expect(move({ count }, { dueAt }, '2026-01-05T12:00Z')).toMatchObject({ kind: 'wait', lookAt: dueAt + 15_000 });
    expect(move({ count }, { dueAt }, '2026-01-05T12:04:55Z')).toMatchObject({ lookAt: dueAt + 5 * MINUTE });
    expect(move({ count }, { dueAt }, '2026-01-05T12:04:00Z', 3)).toMatchObject({ kind: 'run', run: { step: 0 } });
    expect(move({ count }, { dueAt }, '2026-01-05T12:05Z')).toMatchObject({ kind: 'run', run: { step: 1 } });
  });

  it('gives those who are told late the whole delay', () => {
    const dueAt = at('2026-01-05T12:00Z');
    const late = move({}, { dueAt }, '2026-01-05T12:04:59Z');
    expect(late).toMatchObject({ kind: 'run', next: { step: 1, dueAt: at('2026-01-05T12:09:59Z') } });
  });
});
