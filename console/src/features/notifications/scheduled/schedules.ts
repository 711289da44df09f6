import type { NotificationSchedule } from '../../../api-client/types.ts';

/** Begins the query keys of everything about schedules. */
export const SCHEDULES = 'api/notifications/schedules';

export const RECIPIENT_KINDS = [
  { value: 'user_id', label: 'A user' },
  { value: 'group', label: 'A group' },
  { value: 'topic', label: 'A topic' },
];
export type RecipientKind = 'user_id' | 'group' | 'topic';

/** To whom a schedule speaks: `ann`, `group ops`, `topic deployments`, `ann@example.org`. */
export function describeRecipients({ notification }: Pick<NotificationSchedule, 'notification'>): string {
  const { user_id: user, group, topic, to } = notification;
  const named = [
    ...texts(user),
    ...texts(group).map((name) => `group ${name}`),
    ...texts(topic).map((name) => `topic ${name}`),
    ...texts(to),
  ];
  return named.length === 0 ? 'the default recipients' : named.join(', ');
}

function texts(value: unknown): string[] {
  return [value ?? []].flat().map(String);
}
