import { formatDuration } from '../../lib/duration.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Labels } from '../../model/labels.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import { serviceOfLabels } from '../../model/service.ts';
import type { Severity } from '../../model/severity.ts';
import type { StoredRoutedAlert } from '../../stores/control/index.ts';
import type { Acknowledgement } from '../evaluation/live-rule.ts';
import type { AlertFacts } from '../notices/alert-facts.ts';

/** Recipients that an alert rule names itself, past the routing tree. */
export interface DirectRecipients {
  readonly users: readonly string[];
  /** Null: the recipients' preferences decide. */
  readonly channels: readonly ChannelName[] | null;
  /** Null: these users and channels. */
  readonly receiver: string | null;
  /** Id of a policy; besides those who are named, or alone where nobody is. */
  readonly escalationPolicyId?: string | null;
}

/** One episode as routing sees it, whoever raised it. Times are Unix milliseconds. */
export interface RoutedAlert {
  /** Of the episode. */
  readonly id: string;
  readonly ruleId: string;
  readonly fingerprint: string;
  /** All of them, `alertname` and `severity` included. */
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly severity: Severity;
  readonly startsAt: number;
  /** When it ends unless its sender says otherwise; null: its rule decides. */
  readonly endsAt: number | null;
  readonly isTimeout: boolean;
  readonly resolvedAt: number | null;
  readonly generatorUrl: string;
  readonly direct: DirectRecipients | null;
  /** What its rule knew at the last transition; null: somebody else raised it. */
  readonly details: AlertFacts | null;
  readonly updatedAt: number;
  /** Who takes care of it; kept with the episode. */
  readonly acknowledgement: Acknowledgement | null;
}

export function toStoredAlert(alert: RoutedAlert): StoredRoutedAlert {
  return {
    episode_id: alert.id,
    rule_id: alert.ruleId,
    fingerprint: alert.fingerprint,
    labels: JSON.stringify(alert.labels),
    annotations: JSON.stringify(alert.annotations),
    severity: alert.severity,
    starts_at: alert.startsAt,
    ends_at: alert.endsAt,
    is_timeout: alert.isTimeout ? 1 : 0,
    resolved_at: alert.resolvedAt,
    generator_url: alert.generatorUrl,
    direct: alert.direct && JSON.stringify(alert.direct),
    details: alert.details && JSON.stringify(alert.details),
    updated_at: alert.updatedAt,
  };
}

export function fromStoredAlert(row: StoredRoutedAlert, acknowledgement: Acknowledgement | null): RoutedAlert {
  return {
    id: row.episode_id,
    ruleId: row.rule_id,
    fingerprint: row.fingerprint,
    labels: JSON.parse(row.labels) as Labels,
    annotations: JSON.parse(row.annotations) as Record<string, string>,
    severity: row.severity as Severity,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    isTimeout: row.is_timeout === 1,
    resolvedAt: row.resolved_at,
    generatorUrl: row.generator_url,
    direct: row.direct === null ? null : (JSON.parse(row.direct) as DirectRecipients),
    details: row.details === null ? null : (JSON.parse(row.details) as AlertFacts),
    updatedAt: row.updated_at,
    acknowledgement,
  };
}

export function isAcknowledged({ acknowledgement }: RoutedAlert, now: number): boolean {
  return acknowledgement !== null && (acknowledgement.until === null || now < acknowledgement.until);
}

/** The variables of templates about one alert; of those that others raised, as much as their labels tell. */
export function factsOf(alert: RoutedAlert, publicUrl: string, now: number): AlertFacts {
  const lastedMs = Math.max(0, (alert.resolvedAt ?? now) - alert.startsAt);
  const duration = {
    duration_seconds: lastedMs / 1000,
    duration: formatDuration(Math.round(lastedMs / 1000) * 1000),
  };
  if (alert.details) return { ...alert.details, ...duration };
  return {
    alert_id: alert.ruleId,
    alert_name: alert.labels.alertname ?? 'Alert',
    description: alert.annotations.description ?? '',
    severity: alert.severity,
    service: serviceOfLabels(alert.labels),
    labels: alert.labels,
    value: null,
    operator: null,
    threshold: null,
    query: null,
    state: alert.resolvedAt === null ? 'firing' : 'resolved',
    started_at: formatInstant(alert.startsAt),
    fired_at: formatInstant(alert.startsAt),
    ended_at: alert.resolvedAt === null ? null : formatInstant(alert.resolvedAt),
    ...duration,
    resolve_reason: null,
    cause: 'external',
    episode_id: alert.id,
    alert_url: `${publicUrl.replace(/\/$/, '')}/alerts/${alert.ruleId}`,
  };
}
