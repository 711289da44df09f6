import type { ChannelMessage } from '../channel.ts';

/** What a notification about a group of alerts carries for programs. */
interface AlertGroup {
  readonly receiver: string;
  readonly status: string;
  readonly group_key: string;
  readonly notification_reason: string;
  readonly group_labels: object;
  readonly common_labels: object;
  readonly common_annotations: object;
  readonly external_url: string;
  readonly truncated_alerts: number;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: object;
    readonly annotations: object;
    readonly starts_at: string;
    readonly ends_at: string | null;
    readonly generator_url: string;
    readonly fingerprint: string;
  }[];
}

const NEVER = '0001-01-01T00:00:00Z';

/**
 * The body that webhooks of Alertmanager get, version 4; `undefined` where the message is not about a group of alerts.
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export function alertmanagerBody({ data }: ChannelMessage): string | undefined {
  const group = data.group as AlertGroup | undefined;
  if (!group?.alerts) return undefined;
  return JSON.stringify({
    version: '4',
    groupKey: group.group_key,
    truncatedAlerts: group.truncated_alerts,
    receiver: group.receiver,
    status: group.status,
    notification_reason: group.notification_reason,
    groupLabels: group.group_labels,
    commonLabels: group.common_labels,
    commonAnnotations: group.common_annotations,
    externalURL: group.external_url,
    alerts: group.alerts.map((alert) => ({
      status: alert.status,
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: alert.starts_at,
      endsAt: alert.ends_at ?? NEVER,
      generatorURL: alert.generator_url,
      fingerprint: alert.fingerprint,
    })),
  });
}
