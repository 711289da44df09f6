import { type Issue, invalid } from '../../model/errors.ts';
import { compareSeverity } from '../../model/severity.ts';
import { type Condition, kindOfForm } from '../kinds/registry.ts';
import type { AlertDirectory, KindField, RuleKind } from '../kinds/rule-kind.ts';
import type { AlertForm, AlertRule, Comparison, SeverityThreshold } from './alert-rule.ts';

export type PreparedRule = Omit<AlertRule, 'id' | 'version' | 'createdAt' | 'updatedAt'>;

export interface PrepareContext {
  /** What an earlier version inferred; it stands where the new words say nothing. */
  readonly knownFigure?: string | null;
  readonly directory?: AlertDirectory;
}

const SHORTEST_INTERVAL_MS = 1000;
const SHORTEST_WINDOW_MS = 1000;
const LONGEST_WINDOW_MS = 7 * 86_400_000;

/** Works out what a form means: its kind, its query and its condition. Throws 422 naming every field that does not fit. */
export function prepareRule(form: AlertForm, { knownFigure = null, directory }: PrepareContext = {}): PreparedRule {
  const kind = kindOfForm(form);
  const issues = [...fieldIssues(form, kind), ...contradictions(form, kind)];
  if (issues.length > 0) throw invalid(...issues);
  const {
    condition,
    query,
    inferredFrom = null,
  } = kind.prepare(form, {
    comparison: (lowerIsWorse) => comparisonOf(form, lowerIsWorse),
    directory: directory ?? { alerts: [] },
    knownFigure,
  });
  return { ...form, query, condition, inferredFrom };
}

/** What the kind does not understand. */
function fieldIssues(form: AlertForm, { name, fields, raisedBy }: RuleKind<Condition>): Issue[] {
  if (raisedBy !== 'data') return [];
  const isGiven: Record<KindField, boolean> = {
    metric: form.metric !== null,
    query: form.query !== null,
    window: form.windowMs !== null,
    red: form.red !== null,
    absence: form.absence !== null,
    threshold: levelsOf(form).length > 0,
  };
  const unfit = Object.entries(isGiven).filter(([field, given]) => given && !fields.includes(field as KindField));
  return unfit.map(([field]) => ({
    path: field === 'threshold' && form.thresholds ? 'thresholds' : field,
    message: `has no meaning for an alert of the kind ${name}`,
  }));
}

function comparisonOf(form: AlertForm, lowerIsWorse?: (threshold: number) => boolean): Comparison | null {
  const levels = levelsOf(form);
  const [worst] = levels;
  if (!worst) return null;
  // "down below 1", "down at 0": for figures of which little is bad, the comparison goes the other way.
  const standard = lowerIsWorse?.(worst.threshold) ? (worst.threshold > 0 ? '<' : '<=') : '>';
  const { operator, recoveryThreshold } = form;
  return { operator: operator ?? standard, levels, recoveryThreshold };
}

/** Worst first. */
function levelsOf(form: AlertForm): SeverityThreshold[] {
  if (form.thresholds) return [...form.thresholds].sort((a, b) => compareSeverity(b.severity, a.severity));
  return form.threshold === null ? [] : [{ severity: form.severity, threshold: form.threshold }];
}

function contradictions(form: AlertForm, kind: RuleKind<Condition>): Issue[] {
  const issues: Issue[] = [];
  const levels = levelsOf(form);
  const complain = (path: string, message: string) => issues.push({ path, message });
  if (form.query && form.metric) complain('metric', 'give either metric or query');
  if (form.threshold !== null && form.thresholds) complain('thresholds', 'give either threshold or thresholds');
  if (form.metric && levels.length === 0 && !form.absence) complain('threshold', 'a metric needs a threshold');
  const { windowMs } = form;
  if (windowMs !== null && (windowMs < SHORTEST_WINDOW_MS || windowMs > LONGEST_WINDOW_MS)) {
    complain('window', 'must be 1s to 7d');
  }
  if (form.notify?.receiver && (form.notify.users.length > 0 || form.notify.channels)) {
    complain('notify.receiver', 'give either a receiver or users and channels');
  }
  if (form.intervalMs < SHORTEST_INTERVAL_MS) complain('interval', 'must be at least 1s');
  if (levels.length === 0) issues.push(...withoutThreshold(form, kind));
  else issues.push(...levelIssues(form, levels));
  return issues;
}

function withoutThreshold(form: AlertForm, { raisedBy }: RuleKind<Condition>): Issue[] {
  const issues: Issue[] = [];
  const needless = { operator: form.operator, recovery_threshold: form.recoveryThreshold };
  for (const [path, value] of Object.entries(needless)) {
    if (value !== null) issues.push({ path, message: 'has no meaning without a threshold' });
  }
  if (form.endsAt !== null && raisedBy === 'data') {
    issues.push({ path: 'ends_at', message: 'is for alerts without a condition' });
  }
  if (form.noData !== 'keep_last') {
    issues.push({ path: 'no_data', message: 'needs a threshold: without one, no data and no alert look the same' });
  }
  return issues;
}

function levelIssues(form: AlertForm, levels: readonly SeverityThreshold[]): Issue[] {
  const issues: Issue[] = [];
  if (form.endsAt !== null) issues.push({ path: 'ends_at', message: 'is for alerts without a condition' });
  if (new Set(levels.map((level) => level.severity)).size < levels.length) {
    issues.push({ path: 'thresholds', message: 'name each severity once' });
  }
  const operator = form.operator ?? '>';
  const isOrdered = operator !== '==' && operator !== '!=';
  const rising = operator.startsWith('>') ? 1 : -1;
  for (const [index, level] of levels.entries()) {
    const milder = levels[index + 1];
    if (milder && isOrdered && rising * (level.threshold - milder.threshold) < 0) {
      const message = `${level.severity} must be further ${rising > 0 ? 'up' : 'down'} than ${milder.severity}`;
      issues.push({ path: 'thresholds', message });
    }
  }
  if (form.recoveryThreshold === null) return issues;
  const mildest = levels.at(-1)!.threshold;
  if (!isOrdered) issues.push({ path: 'recovery_threshold', message: `does not go with the operator ${operator}` });
  else if (rising * (form.recoveryThreshold - mildest) > 0) {
    const message = `must be ${rising > 0 ? 'at most' : 'at least'} the threshold (${mildest})`;
    issues.push({ path: 'recovery_threshold', message });
  }
  return issues;
}
