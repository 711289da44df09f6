import type { Severity } from '../../model/severity.ts';
import type { AlertingRule, RuleGroup } from '../rule-files/rule-file.ts';
import { FORM_DEFAULTS } from '../rules/alert-rule.ts';
import type { PreparedRule } from '../rules/prepare-rule.ts';

/** Words that people give the label `severity`, and what they mean here. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  page: 'critical',
  emergency: 'critical',
  error: 'error',
  high: 'error',
  major: 'error',
  warning: 'warning',
  warn: 'warning',
  info: 'info',
  none: 'info',
  low: 'info',
};

/**
 * An alerting rule of a file as a rule of ours. Its labels are part of what its query finds, once their templates are
 * filled in, and so are its annotations: the rule itself has none.
 */
export function fileAlertRule(rule: AlertingRule, group: RuleGroup, intervalMs: number): PreparedRule {
  const labels = { ...group.labels, ...rule.labels };
  return {
    ...FORM_DEFAULTS,
    name: rule.name,
    description: rule.annotations.summary?.includes('{{') === false ? rule.annotations.summary : '',
    severity: SEVERITIES[(labels.severity ?? '').toLowerCase()] ?? 'warning',
    query: rule.query,
    forMs: rule.forMs,
    keepFiringForMs: rule.keepFiringForMs,
    intervalMs,
    condition: { kind: 'promql', query: rule.query, comparison: null },
    inferredFrom: null,
  };
}
