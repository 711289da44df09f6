import fc from 'fast-check';
import { expect, it } from 'vitest';
import { propertyRuns } from '../../../../tests/support/property-runs.ts';
import { labelsKey } from '../../model/labels.ts';
import { step } from '../machine/step.ts';
import { type AlertRule, FORM_DEFAULTS } from '../rules/alert-rule.ts';
import { prepareRule } from '../rules/prepare-rule.ts';
import { liveRule, machineRule } from './live-rule.ts';
import { observe } from './observe.ts';

const THRESHOLD = 500;
const SECOND = 1000;

/** Values of a moment by the number of the series; a series that is not named has none. */
type Moment = ReadonlyMap<number, number>;

/** What is tested: the label sets that fire after each moment, and how many have no place. */
function real(moments: readonly Moment[], most: number): string[] {
  const form = { ...FORM_DEFAULTS, name: 'Busy', metric: 'load', threshold: THRESHOLD, intervalMs: SECOND };
  const rule: AlertRule = {
    ...prepareRule({ ...form, seriesNoData: 'keep_last' }),
    ...{ id: 'rule', version: 1, createdAt: 0, updatedAt: 0 },
  };
  const live = liveRule(rule, 0);
  return moments.map((moment, index) => {
    const now = index * SECOND;
    const samples = [...moment].map(([id, value]) => ({ labels: { id: String(id) }, value }));
    const evaluation = observe(live, { kind: 'data', samples }, now, { maxInstances: most });
    for (const [key, { identity, observation }] of evaluation.observations) {
      const { state } = step(live.instances.get(key)?.state, observation, machineRule(rule), now);
      if (state) live.instances.set(key, { fingerprint: key, identity, state, episode: null });
      else live.instances.delete(key);
    }
    Object.assign(live, { emptyEvaluations: evaluation.emptyEvaluations });
    const ids = [...live.instances.values()].flatMap(({ identity }) => (identity.id ? [Number(identity.id)] : []));
    const overflow = live.instances.get(labelsKey({ alert_overflow: 'true' }));
    return show(ids, overflow ? (overflow.state.value ?? 0) : 0, moment);
  });
}

const show = (ids: readonly number[], omitted: number, moment: Moment) =>
  `${[...ids].sort((a, b) => a - b).join(',')} +${moment.size === 0 ? '?' : omitted}`;

/** The same as a person would say it. */
function model(moments: readonly Moment[], most: number): string[] {
  let firing = new Set<number>();
  return moments.map((moment) => {
    const silent = [...firing].filter((id) => !moment.has(id));
    // Who has a place keeps it beside others that are up to a tenth worse.
    const weight = ([id, value]: readonly [number, number]) => (firing.has(id) ? value + 0.1 * value : value);
    const rank = (one: readonly [number, number]) => [weight(one), firing.has(one[0]) ? 1 : 0] as const;
    const loud = [...moment]
      .filter(([, value]) => value > THRESHOLD)
      .sort((a, b) => rank(b)[0] - rank(a)[0] || rank(b)[1] - rank(a)[1]);
    const places = Math.max(0, most - silent.length);
    firing = new Set([...silent, ...loud.slice(0, places).map(([id]) => id)]);
    return show([...firing], Math.max(0, loud.length - places), moment);
  });
}

// No two series have the same value: which of two equals stays is told elsewhere.
const moment = fc
  .dictionary(fc.integer({ min: 0, max: 11 }).map(String), fc.integer({ min: 0, max: 1000 }), { maxKeys: 12 })
  .map((values) => new Map(Object.entries(values).map(([id, value]) => [Number(id), value + Number(id) / 100])));

it('keeps the worst label sets, and what is missing, as the plain model does', () => {
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 25 }), fc.integer({ min: 1, max: 8 }), (moments, most) => {
      expect(real(moments, most)).toEqual(model(moments, most));
    }),
    { numRuns: propertyRuns(1500) },
  );
});
