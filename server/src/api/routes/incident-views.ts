import {
  type Alerting,
  type Incident,
  type IncidentFigures,
  type IncidentMember,
  incidentStatus,
  type SuspectedCause,
} from '../../alerting/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { IncidentSummary, IncidentView } from '../contract/incidents.ts';

/** Of an incident whose alerts have gone on in another. */
const NONE: IncidentFigures = { services: [], alerts: 0, firing: 0 };

export function showIncidentSummary(
  incident: Incident,
  { services, alerts, firing }: IncidentFigures = NONE,
  now: number,
): IncidentSummary {
  const { acknowledgement, snooze, resolvedAt, openedAt } = incident;
  const isSnoozed = snooze !== null && snooze.until > now;
  return {
    id: incident.id,
    title: incident.title,
    status: incidentStatus(incident),
    severity: incident.severity,
    services: [...services],
    opened_at: formatInstant(openedAt),
    updated_at: formatInstant(incident.updatedAt),
    resolved_at: nullableInstant(resolvedAt),
    resolved_by: incident.resolvedBy,
    duration_seconds: Math.max(0, (resolvedAt ?? now) - openedAt) / 1000,
    acknowledged_by: acknowledgement?.by ?? null,
    acknowledged_at: nullableInstant(acknowledgement?.at),
    acknowledged_until: nullableInstant(acknowledgement?.until),
    snoozed_by: isSnoozed ? snooze.by : null,
    snoozed_until: isSnoozed ? formatInstant(snooze.until) : null,
    assignee: incident.assignee,
    merged_into: incident.mergedInto,
    alert_count: alerts,
    firing_count: firing,
  };
}

/** One incident as it is now. Throws 404. */
export async function readIncident(
  { incidents }: Pick<Alerting, 'incidents'>,
  id: string,
  now: number,
): Promise<IncidentView> {
  const incident = await incidents.get(id);
  const figures = await incidents.figuresOf([id]);
  return showIncident(incident, figures.get(id), incidents.causesOf(incident), now);
}

function showIncident(
  incident: Incident,
  figures: IncidentFigures | undefined,
  causes: readonly SuspectedCause[],
  now: number,
): IncidentView {
  return {
    ...showIncidentSummary(incident, figures, now),
    suspected_causes: causes.map(({ episodeId, ruleId, alertName, service, count, score, reasons }) => ({
      episode_id: episodeId,
      alert_id: ruleId,
      alert_name: alertName,
      service,
      count,
      score,
      reasons: [...reasons],
    })),
    alerts: [...incident.members.values()].map(showMember),
  };
}

function showMember(member: IncidentMember): IncidentView['alerts'][number] {
  const { reason } = member;
  return {
    episode_id: member.episodeId,
    alert_id: member.ruleId,
    alert_name: member.alertName,
    severity: member.severity,
    service: member.service,
    labels: { ...member.labels },
    state: member.endedAt === null ? 'firing' : 'resolved',
    fired_at: formatInstant(member.firedAt),
    ended_at: nullableInstant(member.endedAt),
    acknowledged_by: member.acknowledgement?.by ?? null,
    joined_at: formatInstant(member.joinedAt),
    reason: {
      kind: reason.kind,
      text: reason.text,
      rule: reason.rule ?? null,
      keys: { ...reason.keys },
      path: [...(reason.path ?? [])],
      episode_id: reason.episodeId ?? null,
    },
  };
}

function nullableInstant(time: number | null | undefined): string | null {
  return time === null || time === undefined ? null : formatInstant(time);
}
