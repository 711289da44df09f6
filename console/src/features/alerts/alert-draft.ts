import type { Alert } from '../../api-client/types.ts';

export type Watch = 'words' | 'metric' | 'query' | 'logs' | 'requests' | 'silence' | 'alerts' | 'sql' | 'manual';
export type SilenceOf = 'metric' | 'logs' | 'service';
type Figure = NonNullable<Alert['red']>['figure'];
export type Operator = '>' | '>=' | '<' | '<=' | '==' | '!=';
type Severity = Alert['severity'];

export const OPERATORS: { value: Operator; label: string }[] = [
  { value: '>', label: 'is above' },
  { value: '>=', label: 'is at least' },
  { value: '<', label: 'is below' },
  { value: '<=', label: 'is at most' },
  { value: '==', label: 'equals' },
  { value: '!=', label: 'differs from' },
];

/** An alert as the form holds it: texts as they are typed. */
export interface AlertDraft {
  name: string;
  description: string;
  severity: Severity;
  service: string;
  watch: Watch;
  metric: string;
  query: string;
  window: string;
  groupBy: string[];
  operation: string;
  figure: Figure;
  minRequests: string;
  silenceOf: SilenceOf;
  silentFor: string;
  operator: Operator;
  threshold: string;
  recoveryThreshold: string;
  for: string;
  keepFiringFor: string;
  interval: string;
  noData: Alert['no_data'];
  onError: Alert['on_error'];
  summary: string;
  runbookUrl: string;
  users: string[];
  groups: string[];
  channels: string[];
  /** Id of an escalation policy; empty: none. */
  escalationPolicy: string;
}

export const NEW_DRAFT: AlertDraft = {
  name: '',
  description: '',
  severity: 'warning',
  service: '',
  watch: 'metric',
  metric: '',
  query: '',
  window: '5m',
  groupBy: [],
  operation: '',
  figure: 'error_percent',
  minRequests: '1',
  silenceOf: 'metric',
  silentFor: '5m',
  operator: '>',
  threshold: '',
  recoveryThreshold: '',
  for: '1m',
  keepFiringFor: '0s',
  interval: '15s',
  noData: 'keep_last',
  onError: 'keep_last',
  summary: '',
  runbookUrl: '',
  users: [],
  groups: [],
  channels: [],
  escalationPolicy: '',
};

export function draftOf(alert: Alert): AlertDraft {
  return {
    name: alert.name,
    description: alert.description,
    severity: alert.severity,
    service: alert.service ?? '',
    watch: watchOf(alert),
    metric: alert.metric ?? '',
    query: alert.query ?? '',
    window: alert.window ?? '5m',
    groupBy: alert.group_by ?? [],
    operation: alert.red?.operation ?? '',
    figure: alert.red?.figure ?? 'error_percent',
    minRequests: String(alert.red?.min_requests ?? 1),
    silenceOf: silenceOf(alert),
    silentFor: alert.absence?.for ?? '5m',
    operator: alert.operator ?? '>',
    threshold: numberText(alert.threshold),
    recoveryThreshold: numberText(alert.recovery_threshold),
    for: alert.for,
    keepFiringFor: alert.keep_firing_for,
    interval: alert.interval,
    noData: alert.no_data,
    onError: alert.on_error,
    summary: alert.annotations.summary ?? '',
    runbookUrl: alert.annotations.runbook_url ?? '',
    users: alert.notify?.users ?? [],
    groups: alert.notify?.groups ?? [],
    channels: alert.notify?.channels ?? [],
    escalationPolicy: alert.notify?.escalation_policy_id ?? '',
  };
}

function watchOf(alert: Alert): Watch {
  if (alert.inferred) return 'words';
  if (alert.kind === 'promql') return alert.metric === null ? 'query' : 'metric';
  return BY_KIND[alert.kind] ?? 'manual';
}

const BY_KIND: Record<string, Watch> = {
  logs: 'logs',
  red: 'requests',
  absence: 'silence',
  alerts: 'alerts',
  sql: 'sql',
};

function silenceOf({ query_language, metric }: Alert): SilenceOf {
  if (query_language === 'logs') return 'logs';
  return metric === null ? 'service' : 'metric';
}

function numberText(value: number | null): string {
  return value === null ? '' : String(value);
}

const NO_CONDITION = { threshold: null, thresholds: null, operator: null, recovery_threshold: null };

/** What the service cannot tell: without a threshold it would take these for an alert by hand. */
export function missingThreshold({ watch, threshold }: AlertDraft): boolean {
  return ['metric', 'words', 'logs', 'requests'].includes(watch) && threshold === '';
}

/** Whether values are compared with a threshold. */
export function hasThreshold(watch: Watch): boolean {
  return !['manual', 'silence', 'alerts'].includes(watch);
}

/** The body of a POST, or of a PUT to `before`: the service checks it and says what is wrong. */
export function bodyOf(draft: AlertDraft, before?: Alert): Record<string, unknown> {
  const condition = draft.watch === 'manual' ? NO_CONDITION : conditionOf(draft, before);
  return {
    name: draft.name,
    description: draft.description,
    severity: draft.severity,
    service: draft.service === '' ? null : draft.service,
    ...watched(draft),
    ...condition,
    annotations: annotationsOf(draft, before),
    notify: notifyOf(draft, before),
    ...(before ? { version: before.version } : {}),
  };
}

const NOTHING_WATCHED = { metric: null, query: null, red: null, absence: null, window: null };

function watched(draft: AlertDraft): Record<string, unknown> {
  const { watch, metric, query } = draft;
  const group_by = draft.groupBy.length === 0 ? null : draft.groupBy;
  switch (watch) {
    case 'metric':
      return { ...NOTHING_WATCHED, query_language: 'promql', metric };
    case 'query':
      return { ...NOTHING_WATCHED, query_language: 'promql', query };
    case 'sql':
      return { ...NOTHING_WATCHED, query_language: 'sql', query };
    case 'logs':
      return { ...NOTHING_WATCHED, query_language: 'logs', query, window: draft.window, group_by };
    case 'alerts':
      return { ...NOTHING_WATCHED, query_language: 'alerts', query, group_by };
    case 'requests': {
      const { figure, window } = draft;
      const operation = draft.operation === '' ? null : draft.operation;
      const red = { figure, operation, min_requests: Number(draft.minRequests || '1') };
      return { ...NOTHING_WATCHED, query_language: 'trace', red, window, group_by };
    }
    case 'silence': {
      const silence = { ...NOTHING_WATCHED, absence: { for: draft.silentFor } };
      if (draft.silenceOf === 'logs') return { ...silence, query_language: 'logs', query, group_by };
      return { ...silence, query_language: 'promql', metric: draft.silenceOf === 'metric' ? metric : null };
    }
    case 'manual':
      return { metric: null, query: null };
    case 'words':
      return {};
  }
}

function conditionOf(draft: AlertDraft, before: Alert | undefined): Record<string, unknown> {
  const compares = hasThreshold(draft.watch);
  const kept = compares && before?.thresholds ? {} : compares ? thresholdsOf(draft) : NO_CONDITION;
  return {
    ...kept,
    for: draft.for || '0s',
    keep_firing_for: draft.keepFiringFor || '0s',
    interval: draft.interval,
    no_data: compares ? draft.noData : 'keep_last',
    on_error: draft.onError,
  };
}

function thresholdsOf(draft: AlertDraft): Record<string, unknown> {
  if (draft.threshold === '') return { threshold: null, recovery_threshold: null, operator: null };
  return {
    operator: draft.operator,
    threshold: Number(draft.threshold),
    recovery_threshold: draft.recoveryThreshold === '' ? null : Number(draft.recoveryThreshold),
  };
}

function annotationsOf(draft: AlertDraft, before: Alert | undefined): Record<string, string> {
  const { summary: _summary, runbook_url: _runbook, ...others } = before?.annotations ?? {};
  return {
    ...others,
    ...(draft.summary ? { summary: draft.summary } : {}),
    ...(draft.runbookUrl ? { runbook_url: draft.runbookUrl } : {}),
  };
}

/** A receiver, which the form does not show, is kept where nobody else is named. */
function notifyOf(draft: AlertDraft, before?: Alert): Record<string, unknown> | null {
  const { users, groups, escalationPolicy } = draft;
  const channels = draft.channels.length === 0 ? null : draft.channels;
  const receiver = users.length + groups.length === 0 && channels === null ? (before?.notify?.receiver ?? null) : null;
  const names = users.length + groups.length;
  if (names === 0 && channels === null && receiver === null && escalationPolicy === '') return null;
  return {
    ...{ users, channels, receiver, escalation_policy_id: escalationPolicy === '' ? null : escalationPolicy },
    ...(groups.length > 0 && { groups }),
  };
}
