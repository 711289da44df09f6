import type { RuleKind } from '../rule-kind.ts';

/** Raised by somebody; no data of ours. */
export interface ManualCondition {
  readonly kind: 'manual';
  readonly comparison: null;
}

export const manual: RuleKind<ManualCondition> = {
  name: 'manual',
  raisedBy: 'person',
  fields: [],
  claims: ({ query, metric, threshold, thresholds }) => !query && !metric && threshold === null && !thresholds,
  prepare: () => ({ condition: { kind: 'manual', comparison: null }, query: null }),
  ask: async () => ({ samples: [] }),
  history: 'only a rule with a condition has a history to be tested on',
  describe: () => 'raised by hand',
};
