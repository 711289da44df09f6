import type { Labels } from '../../model/labels.ts';
import type { Severity } from '../../model/severity.ts';
import type { StoredAlertGroup, StoredGroupMember } from '../../stores/control/index.ts';

/** An alert within a group. */
export interface Member {
  readonly alertId: string;
  readonly joinedAt: number;
  /** When the receiver heard of it first; null: not yet. */
  sentAt: number | null;
  sentSeverity: Severity | null;
  /** It was silenced after it was sent: to be told of again when the silence is over. */
  hushed: boolean;
  /** What kept the last notification about it back. */
  suppressedBy: readonly string[];
}

/** Of an alert of which nothing was said yet. */
export function newMember(alertId: string, joinedAt: number): Member {
  return { alertId, joinedAt, sentAt: null, sentSeverity: null, hushed: false, suppressedBy: [] };
}

/** Alerts that one receiver hears of together. */
export interface Group {
  readonly id: string;
  readonly routeKey: string;
  readonly receiver: string;
  /** The labels that its members share by the route's `group_by`. */
  readonly labels: Labels;
  readonly createdAt: number;
  /** The episode under which its notifications run, from the first of them to the one that all is over. */
  threadId: string | null;
  sequence: number;
  lastNotifiedAt: number | null;
  /** When to look at it next; null: when something happens. */
  dueAt: number | null;
  /** Members that fire and were sent. */
  firingSent: number;
  /** True where a member was suppressed when the group was looked at last. */
  holdsBack: boolean;
  readonly members: Map<string, Member>;
}

export function toStoredGroup(group: Group): StoredAlertGroup {
  return {
    id: group.id,
    route_key: group.routeKey,
    receiver: group.receiver,
    labels: JSON.stringify(group.labels),
    created_at: group.createdAt,
    thread_id: group.threadId,
    sequence: group.sequence,
    last_notified_at: group.lastNotifiedAt,
  };
}

export function fromStoredGroup(row: StoredAlertGroup): Group {
  return {
    id: row.id,
    routeKey: row.route_key,
    receiver: row.receiver,
    labels: JSON.parse(row.labels) as Labels,
    createdAt: row.created_at,
    threadId: row.thread_id,
    sequence: row.sequence,
    lastNotifiedAt: row.last_notified_at,
    dueAt: null,
    firingSent: 0,
    holdsBack: false,
    members: new Map(),
  };
}

export function toStoredMember(groupId: string, member: Member): StoredGroupMember {
  return {
    group_id: groupId,
    episode_id: member.alertId,
    joined_at: member.joinedAt,
    sent_at: member.sentAt,
    sent_severity: member.sentSeverity,
    hushed: member.hushed ? 1 : 0,
    suppressed_by: JSON.stringify(member.suppressedBy),
  };
}

export function fromStoredMember(row: StoredGroupMember): Member {
  return {
    alertId: row.episode_id,
    joinedAt: row.joined_at,
    sentAt: row.sent_at,
    sentSeverity: row.sent_severity as Severity | null,
    hushed: row.hushed === 1,
    suppressedBy: JSON.parse(row.suppressed_by) as string[],
  };
}
