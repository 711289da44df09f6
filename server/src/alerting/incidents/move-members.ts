import type { Incident, JoinReason } from './incident.ts';
import type { IncidentTable } from './incident-table.ts';

interface Merge {
  readonly from: Incident;
  readonly to: Incident;
  /** Null: nobody, see `why`. */
  readonly by: string | null;
  readonly why: string;
  readonly note?: string | undefined;
}

/** All alerts of an incident go on in another. What alerts are found by is worked out again. */
export function mergeIncidents(table: IncidentTable, { from, to, by, why, note }: Merge, at: number): void {
  const episodeIds = [...from.members.keys()];
  moveMembers(table, from, to, episodeIds, { kind: 'merged', text: why }, at);
  const over = { resolvedAt: at, resolvedBy: by, snooze: null, acknowledgement: null };
  Object.assign(from, { ...over, mergedInto: to.id });
  table.touch(from, at);
  const because = by === null && { because: why };
  table.note(from, 'merged', at, by, { into: to.id, title: to.title, note, ...because });
  table.note(to, 'merged', at, by, { from: from.id, title: from.title, alerts: episodeIds.length, note, ...because });
  table.moved({ kind: 'merged', from, to });
  table.recall();
}

/** Alerts go on in another incident, and keep why they were where they were. */
export function moveMembers(
  table: IncidentTable,
  from: Incident,
  to: Incident,
  episodeIds: readonly string[],
  reason: Pick<JoinReason, 'kind' | 'text'>,
  at: number,
): void {
  for (const episodeId of episodeIds) {
    const member = table.take(from, episodeId);
    const why = { ...reason, from: from.id, before: member.reason.text };
    table.add(to, { ...member, joinedAt: at, reason: why });
  }
  const isInHand = [...to.members.values()].every(
    ({ endedAt, acknowledgement }) => endedAt !== null || acknowledgement,
  );
  if (!isInHand) table.breakAcknowledgement(to, at, 'alerts of another incident');
  table.touch(from, at);
}
