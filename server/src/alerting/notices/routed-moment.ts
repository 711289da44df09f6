import { serviceOf, shownLabels } from '../evaluation/live-rule.ts';
import type { DirectRecipients, RoutedAlert } from '../grouping/routed-alert.ts';
import { fingerprintOfLabels } from '../routing/fingerprint.ts';
import type { AlertRule } from '../rules/alert-rule.ts';
import { alertFacts, type Moment } from './alert-facts.ts';
import { renderAnnotations } from './annotations.ts';

/** A moment of an episode of a rule, as routing sees it. */
export function routedAlert(moment: Moment, publicUrl: string): RoutedAlert {
  const { rule, instance, episode, ended, now } = moment;
  const details = alertFacts(moment, publicUrl);
  const labels = routedLabels(rule, instance.identity, instance.state.severity);
  return {
    id: episode.id,
    ruleId: rule.id,
    fingerprint: fingerprintOfLabels(labels),
    labels,
    annotations: renderAnnotations(rule.annotations, details),
    severity: instance.state.severity,
    startsAt: episode.startedAt,
    endsAt: null,
    isTimeout: false,
    resolvedAt: ended?.at ?? null,
    generatorUrl: details.alert_url,
    direct: directOf(rule),
    details,
    updatedAt: now,
    acknowledgement: episode.acknowledgement,
  };
}

/** What routes and silences match: the labels that people see, with the rule's name, severity and service. */
function routedLabels(rule: AlertRule, identity: Readonly<Record<string, string>>, severity: string) {
  const service = serviceOf(rule, identity);
  const labels = { alertname: rule.name, severity, ...(service !== '' && { service }), ...shownLabels(rule, identity) };
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

/** Null where the routing tree decides. */
export function directOf({ notify }: Pick<AlertRule, 'notify'>): DirectRecipients | null {
  if (!notify) return null;
  const { users, channels, receiver = null, escalationPolicyId = null } = notify;
  const isEmpty = users.length === 0 && channels === null && receiver === null && escalationPolicyId === null;
  return isEmpty ? null : { users, channels, receiver, ...(escalationPolicyId !== null && { escalationPolicyId }) };
}
