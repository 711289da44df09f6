import type { NotificationRequest } from '../../model/notification-request.ts';
import type { AlertRule } from '../rules/alert-rule.ts';
import { alertFacts, type Moment } from './alert-facts.ts';
import { renderAnnotations } from './annotations.ts';

/** Why a notification goes out. */
export type NoticeReason = 'first' | 'severity_up' | 'resolved' | 'test';

const TYPES: Readonly<Record<NoticeReason, string>> = {
  first: 'alert.firing',
  severity_up: 'alert.firing',
  resolved: 'alert.resolved',
  test: 'alert.test',
};

/**
 * The notification that a moment of an episode calls for; its templates know the annotations by name, too. A resolve goes where its firing went, and nowhere else.
 */
export function notice(moment: Moment, reason: NoticeReason, publicUrl: string): NotificationRequest {
  const { rule, episode, instance } = moment;
  const facts = alertFacts(moment, publicUrl);
  const annotations = renderAnnotations(rule.annotations, facts);
  const severity = instance.state.severity;
  const isTest = reason === 'test';
  return {
    type: TYPES[reason],
    severity,
    data: { ...annotations, ...facts, ...described(annotations), annotations, reason },
    ...recipients(rule),
    critical: severity === 'critical',
    alertId: rule.id,
    ...(!isTest && { episodeId: episode.id, dedupKey: dedupKey(moment, reason) }),
    ...(reason === 'resolved' && { followsEpisode: true }),
  };
}

/** An annotation says it better than the rule's own description: it knows the values. */
function described({ description }: Readonly<Record<string, string>>): { description?: string } {
  return description ? { description } : {};
}

/** One notification for each transition, however often it is tried; a severity rises to the same once a rule's version. */
function dedupKey({ rule, episode, instance }: Moment, reason: NoticeReason): string {
  const rise = reason === 'severity_up' ? `:${instance.state.severity}:${rule.version}` : '';
  return `${episode.id}:${reason}${rise}`;
}

function recipients(
  rule: AlertRule,
): Pick<NotificationRequest, 'users' | 'addresses' | 'defaultRecipients' | 'channels'> {
  const { notify } = rule;
  return {
    users: notify?.users ?? [],
    addresses: [],
    defaultRecipients: notify === null || notify.users.length === 0,
    ...(notify?.channels && { channels: notify.channels }),
  };
}
