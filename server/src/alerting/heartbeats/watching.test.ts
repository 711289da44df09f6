import { afterEach, describe, expect, it } from 'vitest';
import { AlertingBench, type BenchOptions } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { ALWAYS } from '../escalation/policy.ts';
import { deliveryFindings } from '../self-monitor/self-checks.ts';
import { type SelfFinding, SelfMonitor } from '../self-monitor/self-monitor.ts';
import type { HeartbeatForm } from './heartbeat.ts';

const MINUTE = 60_000;

describe.each(controlBackends())('what is not heard of, on $name', (backend) => {
  let bench: AlertingBench;
  afterEach(() => bench.drop());
  const open = async (options: BenchOptions = {}) => {
    bench = await AlertingBench.create(backend, options);
  };
  /** Every ten minutes, with five minutes of grace. */
  const form = (changes: Partial<HeartbeatForm> = {}): HeartbeatForm => ({
    name: 'backup',
    description: '',
    intervalMs: 10 * MINUTE,
    graceMs: 5 * MINUTE,
    severity: 'error',
    labels: {},
    escalationPolicyId: null,
    matchers: [],
    enabled: true,
    ...changes,
  });
  const stateOf = (id: string) => {
    const { heartbeats } = bench.alerting;
    return heartbeats.stateOf(heartbeats.get(id)).state;
  };

  it('fires after interval and grace, and ends with the next ping', async () => {
    await open();
    const { heartbeats } = bench.alerting;
    const { id } = await heartbeats.create(form());
    expect(stateOf(id)).toBe('waiting');
    await bench.pass(60, 30);
    await heartbeats.ping(id, 'start');
    await bench.pass(30, 30);
    await heartbeats.ping(id, 'success');
    expect(heartbeats.get(id).lastDurationMs).toBe(30_000);
    await bench.pass(700, 50);
    expect(stateOf(id)).toBe('late');
    await bench.pass(190, 10);
    expect(await bench.inbox()).toEqual([]);
    await bench.pass(12);
    expect([stateOf(id), await bench.inbox()]).toEqual(['down', ['[error] Heartbeat of backup is missing']]);
    await heartbeats.ping(id, 'success');
    expect([stateOf(id), (await bench.inbox()).slice(1)]).toEqual([
      'up',
      ['[resolved] Heartbeat of backup is missing'],
    ]);
    await heartbeats.ping(id, 'fail');
    expect((await bench.inbox()).slice(2)).toEqual(['[error] Heartbeat of backup is missing']);
    await heartbeats.update(id, { enabled: false });
    expect((await bench.inbox()).slice(3)).toEqual(['[resolved] Heartbeat of backup is missing']);
  });

  it('does not take our own downtime for theirs, and keeps firing over a restart', async () => {
    await open();
    const { id } = await bench.alerting.heartbeats.create(form());
    await bench.alerting.heartbeats.ping(id, 'success');
    await bench.kill(3600);
    await bench.pass(890, 10);
    expect([stateOf(id), await bench.inbox()]).toEqual(['late', []]);
    await bench.pass(20, 2);
    expect(stateOf(id)).toBe('down');
    await bench.kill(60);
    await bench.pass(60, 10);
    expect([stateOf(id), await bench.inbox()]).toEqual(['down', ['[error] Heartbeat of backup is missing']]);
    await bench.alerting.heartbeats.ping(id, 'success');
    expect(await bench.inbox()).toHaveLength(2);
  });

  it('fires when the watchdog of a Prometheus stops, which is no alert itself', async () => {
    await open();
    const matchers = [{ name: 'alertname', operator: '=' as const, value: 'Watchdog' }];
    const { id } = await bench.alerting.heartbeats.create(form({ name: 'prometheus', matchers }));
    for (let minute = 0; minute < 20; minute++) {
      await bench.post([{ alertname: 'Watchdog', severity: 'none' }], 300);
      await bench.pass(60, 30);
    }
    expect([stateOf(id), await bench.inbox(), bench.alerting.list()]).toEqual(['up', [], []]);
    await bench.pass(900, 20);
    expect(await bench.inbox()).toEqual(['[error] Heartbeat of prometheus is missing']);
    await bench.post([{ alertname: 'Watchdog' }], 300);
    expect((await bench.inbox()).slice(1)).toEqual(['[resolved] Heartbeat of prometheus is missing']);
  });

  it('says once that an alert flaps, holds it, also over a restart, and lets go of it when it is calm (alertmanager#204)', async () => {
    await open({ detectFlapping: true });
    const labels = [{ alertname: 'A', host: '1' }];
    for (let round = 0; round < 6; round++) {
      await bench.post(labels, 3600);
      // What has fired once is no row of its own yet.
      if (round === 0) await bench.kill(1);
      await bench.pass(60, 60);
      await bench.post(labels, 0);
      await bench.pass(60, 60);
    }
    const told = ['[warning] A', '[resolved] A'];
    const first = [...told, ...told, ...told, '[flapping] A'];
    expect(await bench.inbox()).toEqual(first);
    await bench.kill(1);
    await bench.post(labels, 7200);
    await bench.pass(60, 60);
    const [firing] = bench.alerting.list()[0]!.instances.values();
    expect(bench.alerting.suppressedBy(firing!.episode!.id)).toEqual([expect.stringMatching(/^flapping:/)]);
    await bench.pass(780, 60);
    expect(await bench.inbox()).toEqual(first);
    await bench.pass(120, 30);
    expect(await bench.inbox()).toEqual([...first, '[warning] A']);
  });

  it('tells of a storm together, also of its end, and of what comes later alone', async () => {
    await open({ mostMessages: 3 });
    const labels = Array.from({ length: 8 }, (_, index) => ({ alertname: `A${index}` }));
    await bench.post(labels, 3600);
    expect(await bench.inbox()).toHaveLength(3);
    await bench.pass(11);
    expect((await bench.inbox()).slice(3)).toEqual(['[warning] 5 alerts in 5 groups']);
    expect(
      new Set((await bench.alerting.history({ limit: 10 })).map(({ notifications }) => notifications.length)),
    ).toEqual(new Set([1]));
    await bench.post(labels, 0);
    await bench.pass(11);
    const ends = (await bench.inbox()).slice(4);
    expect(ends.filter((text) => /^.resolved. A/.test(text))).toHaveLength(3);
    expect(ends.at(-1)).toBe('[resolved] 5 alerts in 5 groups');
    await bench.pass(60, 10);
    await bench.post([{ alertname: 'B' }], 3600);
    expect((await bench.inbox()).at(-1)).toBe('[warning] B');
  });

  it('watches itself: an alert that is over when what was wrong is', async () => {
    let found: SelfFinding[] = [];
    await open({ selfChecks: () => found });
    await bench.pass(60, 15);
    expect(await bench.inbox()).toEqual([]);
    found = [{ alert: 'TelemetryRefused', severity: 'critical', summary: 'the disk is full' }];
    await bench.pass(60, 15);
    const firing = '[critical] TelemetryRefused on system-service';
    expect(await bench.inbox()).toEqual([firing]);
    await bench.kill(1);
    await bench.pass(60, 15);
    found = [];
    await bench.pass(75, 15);
    expect(await bench.inbox()).toEqual([firing, '[resolved] TelemetryRefused on system-service']);
  });

  it('tells of escalations that have stopped, past a routing that knows nothing but escalations (oncall#724, #1187)', async () => {
    let isBroken = true;
    await open({
      routing: 'route: {receiver: pager}\nreceivers: [{name: pager, escalation_policy: web}]',
      selfChecks: () => [],
      crashPoint: (label) => {
        if (isBroken && label === 'step_chosen') throw new Error('a step that always fails');
      },
    });
    const step = { delayMs: MINUTE, targets: [{ user: 'anna' }], urgency: null, conditions: ALWAYS };
    const policy = { name: 'web', description: '', steps: [step], repeat: 0, fallback: [], ackTimeoutMs: null };
    await bench.alerting.escalationPolicies.create(policy, bench.clock.now());
    await bench.post([{ alertname: 'A' }], 7200);
    await bench.pass(420, 5);
    const stuck = 'EscalationsStuck on system-service';
    expect([await bench.inbox('anna'), await bench.inbox()]).toEqual([[], [`[critical] ${stuck}`]]);
    isBroken = false;
    await bench.pass(90, 5);
    expect([await bench.inbox('anna'), await bench.inbox()]).toEqual([
      ['[warning] A'],
      [`[critical] ${stuck}`, `[resolved] ${stuck}`],
    ]);
  });

  it('tells of a failing channel by the others, past a routing that may know that channel only', async () => {
    const finding = { alert: 'ChannelFailing', severity: 'error', summary: 'it rests', channel: 'slack' } as const;
    await open({
      routing: 'route: {receiver: pager}\nreceivers: [{name: pager, in_app_configs: [{user: pager}]}]',
      selfChecks: () => [finding],
    });
    await bench.pass(90, 15);
    expect(await bench.inbox()).toEqual(['[error] ChannelFailing on system-service']);
    expect(await bench.inbox('pager')).toEqual([]);
  });
});

it('does not send what is wrong with a channel by that channel', () => {
  const failing = [{ channel: 'slack', endpoint: 'hooks.slack.com' }] as const;
  const dead = [{ channel: 'email', count: 2 }] as const;
  expect(deliveryFindings({ waiting: 3, oldestAgeMs: 16 * MINUTE, dead, failing })).toMatchObject([
    { alert: 'NotificationsLate', channel: 'slack' },
    { alert: 'NotificationsLost', channel: 'email' },
    { alert: 'ChannelFailing', channel: 'slack', labels: { channel: 'slack', endpoint: 'hooks.slack.com' } },
  ]);
  expect(deliveryFindings({ waiting: 3, oldestAgeMs: 14 * MINUTE, dead: [], failing: [] })).toEqual([]);
});

it.each([
  ['fails', () => Promise.reject(new Error('the query is too slow'))],
  ['hangs', () => new Promise<never>(() => {})],
])('is not blind where one check %s: that is an alert, and the others go on (oncall#3898)', async (_how, look) => {
  const clock = new VirtualClock();
  const raised: string[] = [];
  const monitor = new SelfMonitor({
    clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    checks: [
      { name: 'deliveries', look },
      { name: 'telemetry', look: async () => [{ alert: 'TelemetryRefused', severity: 'critical', summary: 'full' }] },
    ],
    post: async (alerts) => {
      raised.push(...alerts.map(({ labels }) => labels.alertname!));
      return [];
    },
    firing: () => [],
    defaultChannels: () => [],
  });
  monitor.start();
  await clock.advance(80_000);
  expect(raised.sort()).toEqual(['SelfCheckFailed', 'TelemetryRefused']);
  const stopped = monitor.stop();
  await clock.advance(10_000);
  await stopped;
});
