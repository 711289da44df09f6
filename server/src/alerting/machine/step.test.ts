import { describe, expect, it } from 'vitest';
import type { InstanceState } from './instance-state.ts';
import { type MachineRule, type Observation, step } from './step.ts';

const RULE: MachineRule = {
  forMs: 0,
  keepFiringForMs: 0,
  intervalMs: 10_000,
  missingTolerance: 2,
  lowerIsWorse: false,
};

const breach = (value: number | null = 95): Observation => ({
  kind: 'breaching',
  value,
  severity: 'warning',
  reason: 'condition',
});
const critical: Observation = { kind: 'breaching', value: 99, severity: 'critical', reason: 'condition' };
const clear: Observation = { kind: 'clear', value: 10, reason: 'recovered' };
const between: Observation = { kind: 'between', value: 85 };
const missing: Observation = { kind: 'missing' };
const error: Observation = { kind: 'error' };
const closed: Observation = { kind: 'end', reason: 'resolved_by_hand', close: { until: null } };

/** Runs observations at the given seconds and lists what happened: `10 fired`. */
function play(rule: Partial<MachineRule>, ...script: readonly (readonly [second: number, Observation])[]): string[] {
  let state: InstanceState | undefined;
  const log: string[] = [];
  for (const [second, observation] of script) {
    const result = step(state, observation, { ...RULE, ...rule }, second * 1000);
    state = result.state;
    if (result.transition) log.push(`${second} ${result.transition.kind}`);
  }
  return [...log, state?.name ?? 'inactive'];
}

/** The same observation every ten seconds. */
function every(from: number, to: number, observation: Observation): [number, Observation][] {
  const script: [number, Observation][] = [];
  for (let second = from; second <= to; second += 10) script.push([second, observation]);
  return script;
}

describe('without for', () => {
  it('fires at the first breach', () => expect(play({}, [0, clear], [10, breach()])).toEqual(['10 fired', 'firing']));
  it('resolves at the first clear value', () =>
    expect(play({}, [0, breach()], [10, clear])).toEqual(['0 fired', '10 resolved', 'inactive']));
  it('stays between threshold and recovery threshold (prometheus#10536)', () =>
    expect(play({}, [0, breach()], [10, between], [20, between])).toEqual(['0 fired', 'firing']));
  it('does not begin between them', () => expect(play({}, [0, between])).toEqual(['inactive']));
  it('begins a new episode after a resolve', () =>
    expect(play({}, [0, breach()], [10, clear], [20, breach()])).toEqual([
      '0 fired',
      '10 resolved',
      '20 fired',
      'firing',
    ]));
});

describe('for', () => {
  const rule = { forMs: 30_000 };
  it('fires when the breach has lasted', () =>
    expect(play(rule, ...every(0, 30, breach()))).toEqual(['0 pending', '30 fired', 'firing']));
  it('is not met a moment earlier', () =>
    expect(play(rule, [0, breach()], [10, breach()], [20, breach()], [29.999, breach()])).toEqual([
      '0 pending',
      'pending',
    ]));
  it('begins anew after a clear value', () =>
    expect(play(rule, [0, breach()], [10, clear], ...every(20, 40, breach()))).toEqual([
      '0 pending',
      '10 dropped',
      '20 pending',
      'pending',
    ]));
  it('begins anew below the threshold', () =>
    expect(play(rule, [0, breach()], [10, between])).toEqual(['0 pending', '10 dropped', 'inactive']));
  it('pauses while data are missing', () =>
    expect(
      play(rule, [0, breach()], [10, breach()], [20, missing], [30, breach()], [40, breach()], [50, breach()]),
    ).toEqual(['0 pending', '50 fired', 'firing']));
  it('outlives two evaluations without data, not three', () => {
    expect(play(rule, [0, breach()], ...every(10, 20, missing))).toEqual(['0 pending', 'pending']);
    expect(play(rule, [0, breach()], ...every(10, 30, missing))).toEqual(['0 pending', '30 dropped', 'inactive']);
  });
  it('outlives any number of failing queries', () =>
    expect(play(rule, [0, breach()], ...every(10, 200, error), ...every(210, 240, breach()))).toEqual([
      '0 pending',
      '240 fired',
      'firing',
    ]));
  it('does not count time that nobody watched', () =>
    expect(play(rule, [0, breach()], [600, breach()], [610, breach()])).toEqual(['0 pending', 'pending']));
  it('does not count time that runs backwards', () =>
    expect(play(rule, [100, breach()], [10, breach()], [20, breach()], [30, breach()])).toEqual([
      '100 pending',
      'pending',
    ]));
});

describe('keep_firing_for', () => {
  const rule = { keepFiringForMs: 20_000 };
  it('resolves when recovery has lasted (prometheus#6816)', () =>
    expect(play(rule, [0, breach()], ...every(10, 30, clear))).toEqual([
      '0 fired',
      '10 recovering',
      '30 resolved',
      'inactive',
    ]));
  it('goes back to firing in the same episode', () =>
    expect(play(rule, [0, breach()], [10, clear], [20, breach()], [30, clear])).toEqual([
      '0 fired',
      '10 recovering',
      '20 refired',
      '30 recovering',
      'recovering',
    ]));
  it('does not take missing data for recovery (prometheus#14085)', () =>
    expect(
      play(rule, [0, breach()], [10, clear], ...every(20, 100, missing), [110, clear], [120, clear], [130, clear]),
    ).toEqual(['0 fired', '10 recovering', '130 resolved', 'inactive']));
});

describe('a firing instance', () => {
  it('outlives missing data and failing queries', () =>
    expect(play({}, [0, breach()], ...every(10, 500, missing), ...every(510, 600, error))).toEqual([
      '0 fired',
      'firing',
    ]));
  it('tells of a rise of severity once, and not of a fall', () =>
    expect(play({}, [0, breach()], [10, critical], [20, breach()], [30, critical])).toEqual([
      '0 fired',
      '10 severity_raised',
      'firing',
    ]));
  it('remembers its worst value', () => {
    const worst = (lowerIsWorse: boolean) => {
      let state: InstanceState | undefined;
      for (const value of [95, 99, 91]) state = step(state, breach(value), { ...RULE, lowerIsWorse }, 0).state;
      return [state?.peak, state?.value];
    };
    expect(worst(false)).toEqual([99, 91]);
    expect(worst(true)).toEqual([91, 91]);
  });
});

describe('closed by hand', () => {
  it('stays closed until the condition was clear once', () =>
    expect(
      play({}, [0, breach()], [5, closed], [10, breach()], [20, between], [30, missing], [40, clear], [50, breach()]),
    ).toEqual(['0 fired', '5 resolved', '50 fired', 'firing']));
  it('opens again when its time is up', () => {
    const untilHalfAMinute: Observation = { kind: 'end', reason: 'resolved_by_hand', close: { until: 30_000 } };
    expect(play({}, [0, breach()], [5, untilHalfAMinute], [29, breach()], [30, breach()])).toEqual([
      '0 fired',
      '5 resolved',
      '30 fired',
      'firing',
    ]);
  });
  it('drops what was only pending', () =>
    expect(play({ forMs: 1000 }, [0, breach()], [1, closed])).toEqual(['0 pending', '1 dropped', 'inactive']));
});
