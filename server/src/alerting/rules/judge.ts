import type { Observation } from '../machine/step.ts';
import type { Condition, Operator } from './alert-rule.ts';

type Threshold = Extract<Condition, { kind: 'threshold' }>;

/** What a value means under a threshold condition. `NaN` is no value, and never gets here. */
export function judge(value: number, condition: Threshold): Observation {
  const { operator, levels, recoveryThreshold } = condition;
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

export function isLowerWorse(condition: Condition): boolean {
  return condition.kind === 'threshold' && (condition.operator === '<' || condition.operator === '<=');
}
