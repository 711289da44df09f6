import { type Issue, invalid } from '../../model/errors.ts';
import { compareSeverity } from '../../model/severity.ts';
import type { AlertForm, AlertRule, Condition, SeverityThreshold } from './alert-rule.ts';
import { inferFigure, queryOfFigure } from './infer-query.ts';
import { metricSeries } from './selector.ts';

export type PreparedRule = Omit<AlertRule, 'id' | 'version' | 'createdAt' | 'updatedAt'>;

const SHORTEST_INTERVAL_MS = 1000;

/**
 * Works out what a form means: the query and the condition. `knownFigure` is what an earlier version inferred; it
 * stands where the new words say nothing. Throws 422 naming every field that does not fit the others.
 */
export function prepareRule(form: AlertForm, knownFigure: string | null = null): PreparedRule {
  const issues = contradictions(form);
  if (issues.length > 0) throw invalid(...issues);
  const levels = levelsOf(form);
  if (!form.query && !form.metric && levels.length === 0) {
    return { ...form, query: null, condition: { kind: 'manual' }, inferredFrom: null };
  }
  if (form.query && levels.length === 0) {
    return { ...form, condition: { kind: 'presence', query: form.query }, inferredFrom: null };
  }
  if (form.query || form.metric) {
    const query = form.query ?? metricSeries(form.metric!, form.service);
    return { ...form, query, condition: thresholdCondition(form, query, false), inferredFrom: null };
  }
  const figure = figureOf(form, knownFigure);
  const { query, lowerIsWorse } = queryOfFigure(figure, form.service, levels[0]!.threshold);
  return { ...form, query, condition: thresholdCondition(form, query, lowerIsWorse), inferredFrom: figure };
}

function figureOf(form: AlertForm, knownFigure: string | null): string {
  if (knownFigure === null) return inferFigure(form.name, form.description);
  try {
    return inferFigure(form.name, form.description);
  } catch {
    return knownFigure;
  }
}

function thresholdCondition(form: AlertForm, query: string, lowerIsWorse: boolean): Condition {
  const levels = levelsOf(form);
  // "down below 1", "down at 0": for figures of which little is bad, the comparison goes the other way.
  const standard = lowerIsWorse ? (levels[0]!.threshold > 0 ? '<' : '<=') : '>';
  const { operator, recoveryThreshold } = form;
  return { kind: 'threshold', query, operator: operator ?? standard, levels, recoveryThreshold };
}

/** Worst first. */
function levelsOf(form: AlertForm): SeverityThreshold[] {
  if (form.thresholds) return [...form.thresholds].sort((a, b) => compareSeverity(b.severity, a.severity));
  return form.threshold === null ? [] : [{ severity: form.severity, threshold: form.threshold }];
}

function contradictions(form: AlertForm): Issue[] {
  const issues: Issue[] = [];
  const levels = levelsOf(form);
  const complain = (path: string, message: string) => issues.push({ path, message });
  if (form.query && form.metric) complain('metric', 'give either metric or query');
  if (form.threshold !== null && form.thresholds) complain('thresholds', 'give either threshold or thresholds');
  if (form.metric && levels.length === 0) complain('threshold', 'a metric needs a threshold');
  if (form.notify?.receiver && (form.notify.users.length > 0 || form.notify.channels)) {
    complain('notify.receiver', 'give either a receiver or users and channels');
  }
  if (form.intervalMs < SHORTEST_INTERVAL_MS) complain('interval', 'must be at least 1s');
  if (levels.length === 0) issues.push(...withoutThreshold(form));
  else issues.push(...levelIssues(form, levels));
  return issues;
}

function withoutThreshold(form: AlertForm): Issue[] {
  const issues: Issue[] = [];
  const needless = { operator: form.operator, recovery_threshold: form.recoveryThreshold };
  for (const [path, value] of Object.entries(needless)) {
    if (value !== null) issues.push({ path, message: 'has no meaning without a threshold' });
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
