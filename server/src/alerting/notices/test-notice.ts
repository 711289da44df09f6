import type { NotificationRequest } from '../../model/notification-request.ts';
import type { LiveRule } from '../evaluation/live-rule.ts';
import { legsOf } from '../grouping/group-notice.ts';
import { factsOf } from '../grouping/routed-alert.ts';
import type { Routing } from '../routing/routing.ts';
import { routedAlert } from './routed-moment.ts';

/**
 * What the alert would say, marked as a test, to everybody who would hear of it, the first step of its escalation policy
 * among them; with the values of something that fires where anything does.
 */
export function testNotice(
  live: LiveRule,
  routing: Routing,
  publicUrl: string,
  now: number,
  firstOfPolicy?: Pick<NotificationRequest, 'users' | 'addresses' | 'defaultRecipients'>,
): NotificationRequest {
  const { rule } = live;
  const firing = [...live.instances.values()].find(({ episode }) => episode !== null);
  const state = {
    name: 'firing',
    since: now,
    startedAt: now,
    heldMs: 0,
    observedAt: now,
    missing: null,
    value: null,
    peak: null,
    severity: rule.severity,
    reason: 'condition',
    closed: null,
  } as const;
  const instance = firing ?? { identity: {}, state };
  const episode = firing?.episode ?? { id: '', startedAt: now, firedAt: now, acknowledgement: null };
  const alert = routedAlert({ rule, instance, episode, ended: null, now }, publicUrl);
  const legs = routing.destinations(alert).flatMap((destination) => {
    const route = routing.routeOf(destination, alert.direct);
    return route ? legsOf(route.target) : [];
  });
  const recipients = [...legs.map((leg) => leg.recipients), ...(firstOfPolicy ? [firstOfPolicy] : [])];
  const channels = legs.find((leg) => leg.recipients.channels)?.recipients.channels;
  const { annotations, severity } = alert;
  return {
    type: 'alert.test',
    severity,
    critical: severity === 'critical',
    data: { ...annotations, ...factsOf(alert, publicUrl, now), annotations, reason: 'test' },
    users: recipients.flatMap(({ users }) => users),
    addresses: recipients.flatMap(({ addresses }) => addresses),
    defaultRecipients: recipients.some(({ defaultRecipients }) => defaultRecipients),
    ...(channels && { channels }),
    alertId: rule.id,
  };
}
