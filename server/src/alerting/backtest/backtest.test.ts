import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { MemorySeriesSource } from '../../../../tests/support/memory-series-source.ts';
import { ConfigMap } from '../../lib/config-map.ts';
import { systemClock } from '../../model/clock.ts';
import { createPromqlEngine } from '../../query/promql/index.ts';
import { readConfiguredRouting } from '../alertmanager-config/config.ts';
import { Routing } from '../routing/routing.ts';
import { type AlertForm, FORM_DEFAULTS } from '../rules/alert-rule.ts';
import { prepareRule } from '../rules/prepare-rule.ts';
import { backtest } from './backtest.ts';
import { routeFirings, toldBy } from './told.ts';

const MINUTE = 60_000;
/** 21:00 in Paris. */
const START = Date.parse('2026-11-20T20:00:00Z');

function form(part: Partial<AlertForm>): AlertForm {
  return { ...FORM_DEFAULTS, name: 'Jobs wait', intervalMs: MINUTE, ...part };
}

async function test(part: Partial<AlertForm>, lines: readonly string[], minutes: number) {
  const source = new MemorySeriesSource().load(lines, MINUTE, START);
  const engine = createPromqlEngine({ source, clock: systemClock });
  const rule = prepareRule(form(part));
  const range = { start: START, end: START + minutes * MINUTE };
  return { rule, result: await backtest(rule, range, { sources: { promql: engine }, maxInstances: 100 }) };
}

const times = (at: number | null) => (at === null ? null : (at - START) / MINUTE);

describe('backtest', () => {
  it('fires when the live rule would have, with for, recovery threshold and several severities', async () => {
    const { result } = await test(
      {
        query: 'waiting',
        thresholds: [
          { severity: 'warning', threshold: 10 },
          { severity: 'critical', threshold: 50 },
        ],
        recoveryThreshold: 5,
        forMs: 2 * MINUTE,
      },
      ['waiting{queue="a"} 0 0 20 20 20 60 8 8 3 0 0 20 20 0 0', 'waiting{queue="b"} 0x14'],
      14,
    );
    expect(result.series).toBe(2);
    expect(
      result.episodes.map((one) => ({
        ...one,
        startedAt: times(one.startedAt),
        firedAt: times(one.firedAt),
        endedAt: times(one.endedAt),
      })),
    ).toEqual([{ labels: { queue: 'a' }, severity: 'critical', startedAt: 2, firedAt: 4, endedAt: 8, peak: 60 }]);
  });

  it('tells of what fires still, by label set', async () => {
    const { result } = await test(
      { query: 'waiting > 1' },
      ['waiting{queue="a"} 0 2 0 2', 'waiting{queue="b"} 2 2 2 0'],
      3,
    );
    const found = result.episodes.map(({ labels, firedAt, endedAt }) => [labels.queue, times(firedAt), times(endedAt)]);
    expect(found).toEqual([
      ['b', 0, 3],
      ['a', 1, 2],
      ['a', 3, null],
    ]);
  });

  it('looks less often over a long time', async () => {
    const { result } = await test({ query: 'waiting', threshold: 1, intervalMs: 1000 }, ['waiting 0x10'], 60 * 24);
    expect(result.stepMs).toBeGreaterThan(1000);
    expect(result.episodes).toEqual([]);
  });

  it('has nothing to test in what has no query', async () => {
    await expect(test({}, [], 1)).rejects.toThrow('only a rule with a condition');
  });
});

describe('toldBy', () => {
  it('counts who would have heard, by the nights of a time zone and the intervals of the routes', async () => {
    const config = readConfiguredRouting(
      new ConfigMap(
        parse(`
route:
  receiver: ann
  group_by: [alertname]
  group_interval: 30m
  routes:
    - {matchers: [queue="b"], receiver: bob, mute_time_intervals: [always]}
receivers: [{name: ann}, {name: bob}]
time_intervals: [{name: always, time_intervals: [{months: ['1:12']}]}]
`),
        '',
        [],
      ),
    );
    const { rule, result } = await test(
      { query: 'waiting > 1' },
      ['waiting{queue="a"} 2 0 2 0x87 2 0', 'waiting{queue="b"} 0 2 0x90'],
      92,
    );
    expect(result.episodes).toHaveLength(4);
    const routing = new Routing(config?.config);
    const firings = routeFirings(rule, result.episodes, routing);
    expect(toldBy(firings, 'Europe/Paris')).toEqual([
      { receiver: 'ann', times: 2, atNight: 1, muted: 0 },
      { receiver: 'bob', times: 0, atNight: 0, muted: 1 },
    ]);
    expect(toldBy(firings, 'America/New_York')[0]).toMatchObject({ times: 2, atNight: 0 });
  });
});
