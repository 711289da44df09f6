import type { NotificationRequest } from '../../model/notification-request.ts';
import type { Leg } from '../grouping/group-notice.ts';
import { factsOf, type RoutedAlert } from '../grouping/routed-alert.ts';
import type { Flapping } from './flap-book.ts';

/** Says once that an alert flaps; what it does then is held back. */
export function flappingNotice(
  alert: RoutedAlert,
  { since, transitions }: Flapping,
  leg: Leg,
  key: string,
  publicUrl: string,
): NotificationRequest {
  const facts = factsOf(alert, publicUrl, since);
  const where = facts.service === '' ? '' : ` on ${facts.service}`;
  return {
    ...leg.recipients,
    type: 'alert.flapping',
    severity: alert.severity,
    critical: false,
    subject: `[flapping] ${facts.alert_name}${where}`,
    message: `It has fired or ended ${transitions} times within 30 minutes. It is told of again when it was calm for 15 minutes.`,
    data: { ...alert.annotations, ...facts, reason: 'flapping' },
    alertId: alert.ruleId,
    dedupKey: `flapping:${alert.fingerprint}:${since}:${key}`,
  };
}
