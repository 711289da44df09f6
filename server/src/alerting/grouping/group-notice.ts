import { formatInstant } from '../../lib/instant.ts';
import type { Labels } from '../../model/labels.ts';
import type { NotificationRequest } from '../../model/notification-request.ts';
import { compareSeverity, type Severity } from '../../model/severity.ts';
import { formatLabels } from '../routing/label-matchers.ts';
import type { Target } from '../routing/routing.ts';
import type { Judged, NoticeReason, Suppression } from './decide.ts';
import type { Group } from './group.ts';
import { factsOf, type RoutedAlert } from './routed-alert.ts';
import { wasInDigest } from './storm-guard.ts';

type Recipients = Pick<NotificationRequest, 'users' | 'addresses' | 'defaultRecipients' | 'channels'>;

/** Recipients of one kind: all of them hear of the end, or none of them. */
export interface Leg {
  readonly recipients: Recipients;
  readonly sendResolved: boolean;
}

const NOBODY: Recipients = { users: [], addresses: [], defaultRecipients: false };
/** Alerts that a notification lists one by one. */
const MOST_LISTED = 500;

/** To whom a target sends; none where it sends to nobody. */
export function legsOf(target: Target): Leg[] {
  if (target.kind === 'direct') {
    const { users, channels, escalationPolicyId } = target.direct;
    // The policy alone tells.
    if (escalationPolicyId && users.length === 0 && channels === null) return [];
    const recipients = { users, addresses: [], defaultRecipients: users.length === 0, ...(channels && { channels }) };
    return [{ recipients, sendResolved: true }];
  }
  const { integrations, defaultRecipients } = target.receiver;
  const legs = [true, false].map((sendResolved) => {
    const own = integrations.filter((integration) => integration.sendResolved === sendResolved);
    const users = own.filter(({ channel }) => channel === 'in_app').map(({ address }) => address);
    const addresses = own.filter(({ channel }) => channel !== 'in_app');
    const recipients: Recipients = {
      users,
      addresses: addresses.map(({ channel, address }) => ({ channel, address })),
      defaultRecipients: sendResolved && defaultRecipients,
    };
    return { recipients, sendResolved };
  });
  return legs.filter(
    ({ recipients }) => recipients.users.length > 0 || recipients.addresses.length > 0 || recipients.defaultRecipients,
  );
}

/** What is said of alerts, to whomever. */
export interface AlertsNotice {
  readonly group: Pick<Group, 'receiver' | 'routeKey' | 'labels'>;
  readonly reason: NoticeReason;
  readonly firing: readonly Pick<Judged, 'alert'>[];
  readonly resolved: readonly Pick<Judged, 'alert'>[];
  readonly now: number;
  readonly publicUrl: string;
  /** True: each alert goes along whole, for programs behind webhooks. */
  readonly forPrograms: boolean;
  /** Where all of it is one incident. */
  readonly incidentId: string | undefined;
}

export interface GroupNotice extends AlertsNotice {
  readonly group: Group;
  /** When is said again what fires, if nothing else happens and nobody takes it in hand; null: never. */
  readonly remindsAt: number | null;
}

/** True where the target has webhooks of its own, which get what Alertmanager's get. */
export function hasWebhooks(target: Target): boolean {
  return target.kind === 'receiver' && target.receiver.integrations.some(({ channel }) => channel === 'webhook');
}

/** What is said to one leg of a group's receiver. */
export function groupNotice(notice: GroupNotice, leg: Leg | undefined): NotificationRequest {
  const { group, reason, remindsAt } = notice;
  const content = contentOf(notice);
  const follows = reason === 'all_resolved' && !wasInDigest(group);
  const isThread = leg?.sendResolved !== false;
  return {
    ...content,
    data: { ...content.data, next_reminder_at: remindsAt === null ? null : formatInstant(remindsAt) },
    ...(follows ? NOBODY : (leg?.recipients ?? NOBODY)),
    ...(isThread && { episodeId: group.threadId! }),
    ...(follows && { followsEpisode: true }),
    dedupKey: `${group.threadId}:${group.id}:${group.sequence}${isThread ? '' : ':q'}`,
  };
}

/** What is said of many groups at once, in a storm; `key` tells it apart from others. */
export function digestNotice(notice: GroupNotice, groups: number, leg: Leg, key: string): NotificationRequest {
  const { firing, resolved } = notice;
  const content = contentOf(notice);
  const what = `${firing.length + resolved.length} alerts in ${groups} ${groups === 1 ? 'group' : 'groups'}`;
  const subject = `[${firing.length > 0 ? content.severity : 'resolved'}] ${what}`;
  return { ...content, ...leg.recipients, subject, dedupKey: `digest:${key}` };
}

/** A record of what was not said, and why. */
export function suppressedNotice(
  notice: GroupNotice,
  legs: readonly Leg[],
  suppressions: readonly Suppression[],
): NotificationRequest {
  const [first] = suppressions;
  const reasons = {
    silence: 'silenced',
    maintenance: 'maintenance',
    inhibition: 'inhibited',
    time_interval: 'muted',
    flapping: 'flapping',
    snooze: 'snoozed',
  } as const;
  const recipients = legs.map((leg) => leg.recipients);
  return {
    ...contentOf(notice),
    users: recipients.flatMap(({ users }) => users),
    addresses: recipients.flatMap(({ addresses }) => addresses),
    defaultRecipients: recipients.some(({ defaultRecipients }) => defaultRecipients),
    ...(recipients[0]?.channels && { channels: recipients[0].channels }),
    suppressed: { reason: reasons[first!.kind], detail: suppressions.map(({ detail }) => detail).join('; ') },
  };
}

type Content = Pick<
  NotificationRequest,
  'type' | 'severity' | 'data' | 'critical' | 'alertId' | 'incidentId' | 'template'
>;

export function contentOf(notice: AlertsNotice): Content {
  const { firing, resolved, incidentId } = notice;
  const alerts = [...firing, ...resolved].map(({ alert }) => alert);
  const severity = worst(firing.length > 0 ? firing.map(({ alert }) => alert) : alerts);
  const [only] = alerts;
  const ruleId = alerts.every((alert) => alert.ruleId === only!.ruleId) ? only!.ruleId : undefined;
  const type = firing.length > 0 ? 'alert.firing' : 'alert.resolved';
  return {
    type,
    severity,
    critical: severity === 'critical',
    ...(ruleId !== undefined && { alertId: ruleId }),
    ...(incidentId !== undefined && { incidentId }),
    ...(alerts.length > 1 && { template: `${type}.group` }),
    data: {
      ...(alerts.length === 1 ? aboutOne(only!, notice) : aboutMany(alerts, notice)),
      group: aboutGroup(alerts, notice),
    },
  };
}

function aboutOne(alert: RoutedAlert, { reason, publicUrl, now }: AlertsNotice) {
  const facts = factsOf(alert, publicUrl, now);
  const { annotations } = alert;
  // An annotation says it better than the rule's own description: it knows the values.
  const described = annotations.description ? { description: annotations.description } : {};
  const why = reason === 'all_resolved' || reason === 'resolved_some' ? 'resolved' : reason;
  return { ...annotations, ...facts, ...described, annotations, reason: why };
}

function aboutMany(alerts: readonly RoutedAlert[], { firing, resolved, reason, publicUrl, now }: AlertsNotice) {
  const all = alerts.slice(0, MOST_LISTED).map((alert) => factsOf(alert, publicUrl, now));
  const names = new Set(alerts.map((alert) => alert.labels.alertname ?? ''));
  const services = new Set(all.map(({ service }) => service));
  const isOneRule = new Set(alerts.map(({ ruleId }) => ruleId)).size === 1;
  return {
    reason,
    alert_name: names.size === 1 ? [...names][0] : `${alerts.length} alerts`,
    service: services.size === 1 ? [...services][0] : '',
    summary: common(alerts.map(({ annotations }) => annotations)).summary ?? '',
    firing_count: firing.length,
    resolved_count: resolved.length,
    labels: common(alerts.map(({ labels }) => labels)),
    lines: alerts.slice(0, MOST_LISTED).map((alert, index) => lineOf(alert, all[index]!, alerts)),
    more_count: Math.max(0, alerts.length - MOST_LISTED),
    alert_url: isOneRule ? all[0]!.alert_url : `${publicUrl.replace(/\/$/, '')}/alerts`,
  };
}

/** What tells the alert apart from the others of its group, and how it is. */
function lineOf(alert: RoutedAlert, facts: ReturnType<typeof factsOf>, alerts: readonly RoutedAlert[]) {
  const shared = common(alerts.map(({ labels }) => labels));
  const own = Object.entries(alert.labels).filter(([name]) => shared[name] === undefined && name !== 'severity');
  const name = own.map(([label, value]) => (label === 'alertname' ? value : `${label}=${value}`)).join(', ');
  return {
    name: name || (alert.labels.alertname ?? ''),
    state: facts.state,
    severity: facts.severity,
    value: facts.value,
    summary: alert.annotations.summary ?? '',
    started_at: facts.started_at,
    duration: facts.duration,
  };
}

/** What programs behind webhooks need, as Alertmanager's notifications have it. */
function aboutGroup(alerts: readonly RoutedAlert[], { group, firing, reason, publicUrl, forPrograms }: AlertsNotice) {
  const base = publicUrl.replace(/\/$/, '');
  return {
    receiver: group.receiver,
    status: firing.length > 0 ? 'firing' : 'resolved',
    group_key: `${group.routeKey}:${formatLabels(group.labels)}`,
    notification_reason: reason,
    group_labels: group.labels,
    common_labels: common(alerts.map(({ labels }) => labels)),
    common_annotations: common(alerts.map(({ annotations }) => annotations)),
    external_url: base,
    ...(forPrograms && programFacts(alerts, base)),
  };
}

function programFacts(alerts: readonly RoutedAlert[], base: string) {
  return {
    truncated_alerts: Math.max(0, alerts.length - MOST_LISTED),
    alerts: alerts.slice(0, MOST_LISTED).map((alert) => ({
      status: alert.resolvedAt === null ? 'firing' : 'resolved',
      labels: alert.labels,
      annotations: alert.annotations,
      starts_at: formatInstant(alert.startsAt),
      ends_at: alert.resolvedAt === null ? null : formatInstant(endOf(alert, alert.resolvedAt)),
      generator_url: alert.generatorUrl || `${base}/alerts/${alert.ruleId}`,
      fingerprint: alert.fingerprint,
    })),
  };
}

/** When it was over: by its sender, where that was before we heard of it. */
function endOf({ endsAt }: RoutedAlert, resolvedAt: number): number {
  return endsAt === null ? resolvedAt : Math.min(endsAt, resolvedAt);
}

function worst(alerts: readonly RoutedAlert[]): Severity {
  return alerts.map(({ severity }) => severity).reduce((a, b) => (compareSeverity(a, b) >= 0 ? a : b));
}

/** What is the same for all. */
function common(sets: readonly Labels[]): Record<string, string> {
  const [first = {}, ...others] = sets;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  );
}
