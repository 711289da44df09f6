import type { RuleKind } from '../rule-kind.ts';

/** Raised by another program, which says when it is over; all its alerts of one name. */
export interface ExternalCondition {
  readonly kind: 'external';
  readonly comparison: null;
}

export const external: RuleKind<ExternalCondition> = {
  name: 'external',
  raisedBy: 'sender',
  fields: [],
  claims: () => false,
  prepare: () => ({ condition: { kind: 'external', comparison: null }, query: null }),
  ask: async () => ({ samples: [] }),
  history: 'another program raises this alert: it has no condition to be tested',
  describe: () => 'raised by another program',
};
