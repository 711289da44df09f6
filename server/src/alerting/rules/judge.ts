import type { Observation } from '../machine/step.ts';
import type { Comparison, Operator } from './alert-rule.ts';

/** What a value means under a comparison. `NaN` is no value, and never gets here. */
export function judge(value: number, comparison: Comparison): Observation {
  const { operator, levels, recoveryThreshold } = comparison;
  const level = levels.find(({ threshold }) => compare(value, operator, threshold));
  if (level) return { kind: 'breaching', value, severity: level.severity, reason: 'condition' };
  if (recoveryThreshold !== null && compare(value, operator, recoveryThreshold)) return { kind: 'between', value };
  return { kind: 'clear', value, reason: 'recovered' };
}

function compare(value: number, operator: Operator, threshold: number): boolean {
  switch (operator) {
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
    case '==':
      return value === threshold;
    case '!=':
      return value !== threshold;
  }
}

/** Null: there is nothing to compare with. */
export function isLowerWorse(comparison: Comparison | null): boolean {
  return comparison?.operator === '<' || comparison?.operator === '<=';
}
