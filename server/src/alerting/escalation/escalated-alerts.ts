import { type Executor, listEscalatedEpisodes } from '../../stores/control/index.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import type { Incident, IncidentMember } from '../incidents/incident.ts';

/** Looks an alert up that some receiver still has to hear of. */
export type FindAlert = (episodeId: string) => RoutedAlert | undefined;

/** The alerts of an incident that go by a policy and fire. */
export async function escalatedAlerts(
  db: Executor,
  incident: Incident,
  policyId: string,
  find: FindAlert,
): Promise<RoutedAlert[]> {
  const open = [...incident.members.values()].filter(({ endedAt }) => endedAt === null);
  const escalated = await listEscalatedEpisodes(
    db,
    policyId,
    open.map(({ episodeId }) => episodeId),
  );
  return open.flatMap(({ episodeId }) => {
    const alert = escalated.has(episodeId) ? find(episodeId) : undefined;
    return alert && alert.resolvedAt === null ? [alert] : [];
  });
}

/** The alerts of an incident that went by a policy and have ended since `time`. */
export async function endedAlerts(
  db: Executor,
  incident: Incident,
  policyId: string,
  time: number,
  find: FindAlert,
): Promise<RoutedAlert[]> {
  const ended = [...incident.members.values()].filter(({ endedAt }) => endedAt !== null && endedAt >= time);
  const escalated = await listEscalatedEpisodes(
    db,
    policyId,
    ended.map(({ episodeId }) => episodeId),
  );
  return ended
    .filter(({ episodeId }) => escalated.has(episodeId))
    .map((member) => find(member.episodeId) ?? ofMember(member));
}

/** As much as the incident knows of an alert of whose end every receiver has heard. */
function ofMember(member: IncidentMember): RoutedAlert {
  const { episodeId, ruleId, labels, severity, firedAt, endedAt, acknowledgement } = member;
  return {
    ...{ id: episodeId, ruleId, fingerprint: '', labels, annotations: {}, severity, acknowledgement },
    ...{ startsAt: firedAt, endsAt: null, isTimeout: false, resolvedAt: endedAt, generatorUrl: '' },
    ...{ direct: null, details: null, updatedAt: endedAt ?? firedAt },
  };
}

/** When the first acknowledgement ends; null: none does. */
export function firstEnd(alerts: readonly RoutedAlert[]): number | null {
  const ends = alerts.map(({ acknowledgement }) => acknowledgement?.until ?? null).filter((until) => until !== null);
  return ends.length === 0 ? null : Math.min(...ends);
}
