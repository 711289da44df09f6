import type { Alert } from '../../api-client/types.ts';

export type Watch = 'words' | 'metric' | 'query' | 'manual';
export type Operator = '>' | '>=' | '<' | '<=' | '==' | '!=';
type Severity = Alert['severity'];
type Channel =
  | 'email'
  | 'slack'
  | 'teams'
  | 'sms'
  | 'webhook'
  | 'in_app'
  | 'discord'
  | 'telegram'
  | 'ntfy'
  | 'pagerduty';

export const OPERATORS: { value: Operator; label: string }[] = [
  { value: '>', label: 'is above' },
  { value: '>=', label: 'is at least' },
  { value: '<', label: 'is below' },
  { value: '<=', label: 'is at most' },
  { value: '==', label: 'equals' },
  { value: '!=', label: 'differs from' },
];
export const CHANNELS: { value: Channel; label: string }[] = [
  { value: 'in_app', label: 'In-app inbox' },
  { value: 'email', label: 'Email' },
  { value: 'slack', label: 'Slack' },
  { value: 'teams', label: 'Teams' },
  { value: 'sms', label: 'SMS' },
  { value: 'webhook', label: 'Webhook' },
  { value: 'discord', label: 'Discord' },
  { value: 'telegram', label: 'Telegram' },
  { value: 'ntfy', label: 'ntfy' },
  { value: 'pagerduty', label: 'PagerDuty' },
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
  operator: Operator;
  threshold: string;
  recoveryThreshold: string;
  for: string;
  keepFiringFor: string;
  interval: string;
  noData: Alert['no_data'];
  summary: string;
  runbookUrl: string;
  users: string[];
  channels: string[];
}

export const NEW_DRAFT: AlertDraft = {
  name: '',
  description: '',
  severity: 'warning',
  service: '',
  watch: 'metric',
  metric: '',
  query: '',
  operator: '>',
  threshold: '',
  recoveryThreshold: '',
  for: '1m',
  keepFiringFor: '0s',
  interval: '15s',
  noData: 'keep_last',
  summary: '',
  runbookUrl: '',
  users: [],
  channels: [],
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
    operator: alert.operator ?? '>',
    threshold: numberText(alert.threshold),
    recoveryThreshold: numberText(alert.recovery_threshold),
    for: alert.for,
    keepFiringFor: alert.keep_firing_for,
    interval: alert.interval,
    noData: alert.no_data,
    summary: alert.annotations.summary ?? '',
    runbookUrl: alert.annotations.runbook_url ?? '',
    users: alert.notify?.users ?? [],
    channels: alert.notify?.channels ?? [],
  };
}

function watchOf(alert: Alert): Watch {
  if (alert.inferred) return 'words';
  if (alert.metric !== null) return 'metric';
  return alert.query === null ? 'manual' : 'query';
}

function numberText(value: number | null): string {
  return value === null ? '' : String(value);
}

const NO_CONDITION = { threshold: null, thresholds: null, operator: null, recovery_threshold: null };

/** What the service cannot tell: without a threshold it would take these for an alert by hand. */
export function missingThreshold({ watch, threshold }: AlertDraft): boolean {
  return (watch === 'metric' || watch === 'words') && threshold === '';
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
    notify: draft.users.length + draft.channels.length === 0 ? null : notifyOf(draft),
    ...(before ? { version: before.version } : {}),
  };
}

function watched({ watch, metric, query }: AlertDraft): Record<string, unknown> {
  if (watch === 'metric') return { metric, query: null };
  if (watch === 'query') return { query, metric: null };
  return watch === 'manual' ? { metric: null, query: null } : {};
}

function conditionOf(draft: AlertDraft, before: Alert | undefined): Record<string, unknown> {
  const kept = before?.thresholds ? {} : thresholdsOf(draft);
  return {
    ...kept,
    for: draft.for || '0s',
    keep_firing_for: draft.keepFiringFor || '0s',
    interval: draft.interval,
    no_data: draft.noData,
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

function notifyOf({ users, channels }: AlertDraft): Record<string, unknown> {
  return { users, channels: channels.length === 0 ? null : channels };
}
