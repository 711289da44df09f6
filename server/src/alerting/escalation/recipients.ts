import type { NotificationRequest } from '../../model/notification-request.ts';
import type { OnCallBook } from '../on-call/on-call-book.ts';
import type { OnCallSchedule } from '../on-call/schedule.ts';
import type { Routing } from '../routing/routing.ts';
import type { EscalationTarget } from './policy.ts';

type Recipients = Pick<NotificationRequest, 'users' | 'addresses' | 'defaultRecipients'>;

export interface ResolvedTargets {
  readonly recipients: Recipients;
  /** Why targets stand for nobody at the moment, for people. */
  readonly missing: readonly string[];
}

/** By id or name. */
export function findSchedule(onCall: OnCallBook, reference: string): OnCallSchedule | undefined {
  return onCall.list().find(({ id, name }) => id === reference || name === reference);
}

/** Whom the targets stand for at this moment. */
export function resolveTargets(
  targets: readonly EscalationTarget[],
  { onCall, routing }: { readonly onCall: OnCallBook; readonly routing: Routing },
  now: number,
): ResolvedTargets {
  const users = new Set<string>();
  const addresses: Recipients['addresses'][number][] = [];
  const missing: string[] = [];
  let defaultRecipients = false;
  for (const target of targets) {
    if ('user' in target) users.add(target.user);
    else if ('channel' in target) addresses.push(target);
    else if ('schedule' in target) {
      const schedule = findSchedule(onCall, target.schedule);
      const shift = schedule && onCall.at(schedule.id, now);
      if (shift) users.add(shift.userId);
      else missing.push(schedule ? `nobody is on call by ${schedule.name}` : `there is no schedule ${target.schedule}`);
    } else {
      const receiver = routing.receivers.find(({ name }) => name === target.receiver);
      if (!receiver) missing.push(`there is no receiver ${target.receiver}`);
      for (const { channel, address } of receiver?.integrations ?? []) {
        if (channel === 'in_app') users.add(address);
        else addresses.push({ channel, address });
      }
      if (receiver?.defaultRecipients) defaultRecipients = true;
    }
  }
  return { recipients: { users: [...users], addresses, defaultRecipients }, missing };
}

export function isNobody({ users, addresses, defaultRecipients }: Recipients): boolean {
  return users.length === 0 && addresses.length === 0 && !defaultRecipients;
}

/** For the timeline, without secrets. */
export function nameOf(target: EscalationTarget): string {
  if ('user' in target) return target.user;
  if ('schedule' in target) return `on call: ${target.schedule}`;
  return 'receiver' in target ? `receiver: ${target.receiver}` : target.channel;
}
