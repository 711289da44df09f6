import { type AlertForm, type AlertPatch, FORM_DEFAULTS, templateError } from '../../alerting/index.ts';
import { parseDuration } from '../../lib/duration.ts';
import { type Issue, invalid } from '../../model/errors.ts';
import { GROUP_PREFIX } from '../../notifications/index.ts';
import type { AlertFormBody, AlertPatchBody } from '../contract/alerts.ts';
import { instantOf } from '../window.ts';

const DAY_MS = 86_400_000;

/** The form of a new alert, what was left out filled in. Throws 422. */
export function toForm(body: AlertFormBody, now: number): AlertForm {
  const given = Object.entries(toPatch(body, now)).filter(([, value]) => value !== undefined);
  return { ...FORM_DEFAULTS, name: body.name, ...Object.fromEntries(given) };
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
    queryLanguage: body.query_language ?? (body.red ? 'trace' : undefined),
    windowMs: body.window === null ? null : milliseconds(body.window),
    red: body.red && redOf(body.red),
    absence: body.absence && { forMs: milliseconds(body.absence.for)! },
    operator: body.operator,
    threshold: body.threshold,
    recoveryThreshold: body.recovery_threshold,
    thresholds: body.thresholds,
    forMs: milliseconds(body.for),
    keepFiringForMs: milliseconds(body.keep_firing_for),
    intervalMs: milliseconds(body.interval),
    noData: body.no_data,
    onError: body.on_error,
    missingTolerance: body.missing_tolerance,
    seriesNoData: body.series_no_data,
    seriesNoDataAfterMs: milliseconds(body.series_no_data_after),
    groupBy: body.group_by,
    labels: body.labels,
    annotations: body.annotations,
    notify: body.notify && {
      users: [...body.notify.users, ...body.notify.groups.map((group) => `${GROUP_PREFIX}${group}`)],
      channels: body.notify.channels,
      receiver: body.notify.receiver,
      escalationPolicyId: body.notify.escalation_policy_id,
    },
    enabled: body.enabled,
    endsAt,
  };
}

function redOf({ min_requests: minRequests, ...red }: NonNullable<AlertPatchBody['red']>) {
  return { ...red, minRequests };
}

function milliseconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}

function durationIssues(body: AlertPatchBody): Issue[] {
  const issues: Issue[] = [];
  const check = (path: 'for' | 'keep_firing_for' | 'interval' | 'series_no_data_after', most: number, name: string) => {
    const value = milliseconds(body[path]);
    if (value !== undefined && value > most) issues.push({ path, message: `must be at most ${name}` });
  };
  check('for', 7 * DAY_MS, '7d');
  check('keep_firing_for', 7 * DAY_MS, '7d');
  check('interval', DAY_MS, '1d');
  check('series_no_data_after', 7 * DAY_MS, '7d');
  return issues;
}

function templateIssues(annotations: Readonly<Record<string, string>>): Issue[] {
  return Object.entries(annotations).flatMap(([name, template]) => {
    const message = templateError(template);
    return message === undefined ? [] : [{ path: `annotations.${name}`, message }];
  });
}
