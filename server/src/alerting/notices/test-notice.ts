import type { NotificationRequest } from '../../model/notification-request.ts';
import type { LiveRule } from '../evaluation/live-rule.ts';
import { notice } from './notice.ts';

/** What the alert would say, marked as a test; with the values of something that fires where anything does. */
export function testNotice(live: LiveRule, publicUrl: string, now: number): NotificationRequest {
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
  const episode = firing?.episode ?? { id: '', startedAt: now, firedAt: now };
  return notice({ rule, instance, episode, ended: null, now }, 'test', publicUrl);
}
