import type { Labels } from '../../model/labels.ts';
import { environmentOf, serviceOfLabels } from '../../model/service.ts';
import type { Severity } from '../../model/severity.ts';
import type { MemberEpisode, StoredIncident, StoredMembership } from '../../stores/control/index.ts';
import { type Acknowledgement, acknowledgementOf } from '../evaluation/live-rule.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';

/** Why an episode is in its incident. */
export interface JoinReason {
  readonly kind: 'opened' | 'rule' | 'service' | 'alert' | 'topology' | 'merged' | 'split';
  /** For people. */
  readonly text: string;
  /** Name of the correlation rule. */
  readonly rule?: string;
  /** Labels that are equal. */
  readonly keys?: Labels;
  /** From the caller to what it depends on, both included. */
  readonly path?: readonly string[];
  /** The episode that it was found by. */
  readonly episodeId?: string;
  /** The incident that it came from, and why it was there. */
  readonly from?: string;
  readonly before?: string;
}

/** An episode within an incident. Times are Unix milliseconds. */
export interface IncidentMember {
  readonly episodeId: string;
  readonly ruleId: string;
  readonly alertName: string;
  severity: Severity;
  /** Empty where none is known. */
  readonly service: string;
  readonly environment: string;
  /** As routes match them: `alertname`, `severity` and `service` included. */
  readonly labels: Labels;
  readonly firedAt: number;
  endedAt: number | null;
  acknowledgement: Acknowledgement | null;
  joinedAt: number;
  reason: JoinReason;
}

export interface Incident {
  readonly id: string;
  readonly title: string;
  /** The worst of its episodes so far. */
  severity: Severity;
  readonly openedAt: number;
  updatedAt: number;
  /** Set while every open episode of it is acknowledged. */
  acknowledgement: Acknowledgement | null;
  snooze: { readonly by: string; readonly until: number } | null;
  assignee: string | null;
  resolvedAt: number | null;
  /** Null: its episodes ended by themselves. */
  resolvedBy: string | null;
  mergedInto: string | null;
  readonly members: Map<string, IncidentMember>;
  /** Members that have not ended. */
  firing: number;
}

export type IncidentStatus = 'open' | 'acknowledged' | 'resolved';

export function incidentStatus({ resolvedAt, acknowledgement }: Incident): IncidentStatus {
  if (resolvedAt !== null) return 'resolved';
  return acknowledgement === null ? 'open' : 'acknowledged';
}

const OPENED: JoinReason = { kind: 'opened', text: 'opened the incident' };

/** As one that opens an incident. */
export function memberOf(alert: RoutedAlert, at: number): IncidentMember {
  return {
    episodeId: alert.id,
    ruleId: alert.ruleId,
    alertName: alert.labels.alertname ?? 'Alert',
    severity: alert.severity,
    service: alert.details?.service ?? serviceOfLabels(alert.labels),
    environment: environmentOf(alert.labels),
    labels: alert.labels,
    firedAt: at,
    endedAt: alert.resolvedAt,
    acknowledgement: alert.acknowledgement,
    joinedAt: at,
    reason: OPENED,
  };
}

function fromStoredMember(row: MemberEpisode): IncidentMember {
  const { rule_name: alertname, severity, service } = row;
  return {
    episodeId: row.id,
    ruleId: row.rule_id,
    alertName: alertname,
    severity: severity as Severity,
    service,
    environment: row.environment,
    labels: { alertname, severity, ...(service !== '' && { service }), ...(JSON.parse(row.labels) as Labels) },
    firedAt: row.fired_at,
    endedAt: row.ended_at,
    acknowledgement: acknowledgementOf(row),
    joinedAt: row.joined_at,
    reason: JSON.parse(row.join_reason) as JoinReason,
  };
}

export function toStoredMembership(incidentId: string, member: IncidentMember): StoredMembership {
  return {
    id: member.episodeId,
    incident_id: incidentId,
    joined_at: member.joinedAt,
    join_reason: JSON.stringify(member.reason),
  };
}

export function toStoredIncident(incident: Incident): StoredIncident {
  const { acknowledgement, snooze } = incident;
  return {
    id: incident.id,
    title: incident.title,
    status: incidentStatus(incident),
    severity: incident.severity,
    opened_at: incident.openedAt,
    updated_at: incident.updatedAt,
    acknowledged_by: acknowledgement?.by ?? null,
    acknowledged_at: acknowledgement?.at ?? null,
    acknowledged_until: acknowledgement?.until ?? null,
    snoozed_by: snooze?.by ?? null,
    snoozed_until: snooze?.until ?? null,
    assignee: incident.assignee,
    resolved_at: incident.resolvedAt,
    resolved_by: incident.resolvedBy,
    merged_into: incident.mergedInto,
  };
}

export function fromStoredIncident(row: StoredIncident, members: readonly MemberEpisode[]): Incident {
  const own = members.map(fromStoredMember);
  const { acknowledged_by: by, acknowledged_at: at, acknowledged_until: until } = row;
  return {
    id: row.id,
    title: row.title,
    severity: row.severity as Severity,
    openedAt: row.opened_at,
    updatedAt: row.updated_at,
    acknowledgement: by === null ? null : { by, at: at ?? row.updated_at, until },
    snooze: row.snoozed_until === null ? null : { by: row.snoozed_by ?? '', until: row.snoozed_until },
    assignee: row.assignee,
    resolvedAt: row.resolved_at,
    resolvedBy: row.resolved_by,
    mergedInto: row.merged_into,
    members: new Map(own.map((member) => [member.episodeId, member])),
    firing: own.filter(({ endedAt }) => endedAt === null).length,
  };
}
