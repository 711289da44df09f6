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

  it('lets an acknowledgement of a critical alert end after its time, and tells the same again', async () => {
    const id = await open();
    await fire(99);
    await bench.pass(2);
    await ack(id);
    await bench.pass(4 * 3600 - 60, 60);
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
