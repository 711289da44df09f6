import { type AlertForm, type AlertPatch, templateError } from '../../alerting/index.ts';
import { parseDuration } from '../../lib/duration.ts';
import { type Issue, invalid } from '../../model/errors.ts';
import type { AlertFormBody, AlertPatchBody } from '../contract/alerts.ts';
import { instantOf } from '../window.ts';

const DAY_MS = 86_400_000;

const DEFAULTS: Omit<AlertForm, 'name'> = {
  description: '',
  severity: 'warning',
  service: null,
  metric: null,
  query: null,
  operator: null,
  threshold: null,
  recoveryThreshold: null,
  thresholds: null,
  forMs: 0,
  keepFiringForMs: 0,
  intervalMs: 15_000,
  noData: 'keep_last',
  groupBy: null,
  labels: {},
  annotations: {},
  notify: null,
  enabled: true,
  endsAt: null,
};

/** The form of a new alert, what was left out filled in. Throws 422. */
export function toForm(body: AlertFormBody, now: number): AlertForm {
  const given = Object.entries(toPatch(body, now)).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, name: body.name, ...Object.fromEntries(given) };
}

/** The named fields in our own words. Throws 422 where a value is out of bounds. */
export function toPatch(body: AlertPatchBody, now: number): AlertPatch {
  const issues = [...durationIssues(body), ...templateIssues(body.annotations ?? {})];
  const endsAt = body.ends_at == null ? body.ends_at : instantOf('ends_at', body.ends_at, now);
  if (endsAt != null && endsAt <= now) issues.push({ path: 'ends_at', message: 'must be in the future' });
  if (issues.length > 0) throw invalid(...issues);
  return {
    name: body.name,
    description: body.description,
    severity: body.severity,
    service: body.service,
    metric: body.metric,
    query: body.query,
    operator: body.operator,
    threshold: body.threshold,
    recoveryThreshold: body.recovery_threshold,
    thresholds: body.thresholds,
    forMs: milliseconds(body.for),
    keepFiringForMs: milliseconds(body.keep_firing_for),
    intervalMs: milliseconds(body.interval),
    noData: body.no_data,
    groupBy: body.group_by,
    labels: body.labels,
    annotations: body.annotations,
    notify: body.notify && {
      users: body.notify.users,
      channels: body.notify.channels,
      receiver: body.notify.receiver,
      escalationPolicyId: body.notify.escalation_policy_id,
    },
    enabled: body.enabled,
    endsAt,
  };
}

function milliseconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}

function durationIssues(body: AlertPatchBody): Issue[] {
  const issues: Issue[] = [];
  const check = (path: 'for' | 'keep_firing_for' | 'interval', most: number, name: string) => {
    const value = milliseconds(body[path]);
    if (value !== undefined && value > most) issues.push({ path, message: `must be at most ${name}` });
  };
  check('for', 7 * DAY_MS, '7d');
  check('keep_firing_for', 7 * DAY_MS, '7d');
  check('interval', DAY_MS, '1d');
  return issues;
}

function templateIssues(annotations: Readonly<Record<string, string>>): Issue[] {
  return Object.entries(annotations).flatMap(([name, template]) => {
    const message = templateError(template);
    return message === undefined ? [] : [{ path: `annotations.${name}`, message }];
  });
}
