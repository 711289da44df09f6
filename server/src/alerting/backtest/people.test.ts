import { afterEach, expect, it } from 'vitest';
import { AlertingBench } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';
import { MemorySeriesSource } from '../../../../tests/support/memory-series-source.ts';
import { ALWAYS, type EscalationTarget } from '../escalation/policy.ts';
import { type AlertForm, FORM_DEFAULTS } from '../rules/alert-rule.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-20T00:00:00Z');
const END = START + 2 * 86_400_000;
/** From 02:00 to 02:20; on the next day from 02:00 to 02:05 and from 14:00 to 14:20. */
const LOAD = 'load 0x119 90x19 0x1419 90x4 0x714 90x19 0x500';

let bench: AlertingBench;
afterEach(() => bench.drop());

async function preview(routing?: string) {
  const source = new MemorySeriesSource().load([LOAD], MINUTE, START);
  const backend = controlBackends().find(({ name }) => name === 'sqlite')!;
  bench = await AlertingBench.create(backend, { time: END, source, ...(routing && { routing }) });
  const now = bench.clock.now();
  const layer = { name: 'l', rotation: 'daily', every: 1, start: '2026-11-20T00:00', hours: [] } as const;
  const layers = [{ ...layer, participants: ['anna', 'ben'] }];
  await bench.alerting.onCall.create({ name: 'rota', description: '', timeZone: 'UTC', layers }, now);
  const step = (target: EscalationTarget) => ({
    ...{ delayMs: 10 * MINUTE, targets: [target], urgency: null, conditions: ALWAYS },
  });
  const steps = [step({ schedule: 'rota' }), step({ user: 'cem' })];
  const policy = { name: 'web', description: '', steps, repeat: 0, fallback: [], ackTimeoutMs: null };
  const { id } = await bench.alerting.escalationPolicies.create(policy, now);
  const notify = routing ? null : { users: [], channels: null, escalationPolicyId: id };
  const form: AlertForm = { ...FORM_DEFAULTS, name: 'Slow', metric: 'load', threshold: 80, intervalMs: MINUTE, notify };
  const range = { start: START, end: END };
  const { told, people } = await bench.alerting.preview(form, range, 'UTC', new AbortController().signal);
  return { told, people };
}

it('knows who was on call, and which steps would have run while the alert fired', async () => {
  expect(await preview()).toEqual({
    told: [{ receiver: 'direct', times: 3, atNight: 2, muted: 0 }],
    people: [
      { user: 'ben', times: 2, atNight: 1 },
      { user: 'cem', times: 2, atNight: 1 },
      { user: 'anna', times: 1, atNight: 1 },
    ],
  });
});

it('counts users of a receiver, those of its policy, and the default recipients', async () => {
  const routing = `
route: {receiver: ops}
receivers:
  - {name: ops, in_app_configs: [{user: dora}], default_recipients: true, escalation_policy: web}
`;
  expect((await preview(routing)).people).toEqual([
    { user: 'dora', times: 3, atNight: 2 },
    { user: 'ops', times: 3, atNight: 2 },
    { user: 'ben', times: 2, atNight: 1 },
    { user: 'cem', times: 2, atNight: 1 },
    { user: 'anna', times: 1, atNight: 1 },
  ]);
});
