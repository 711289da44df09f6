import { compareSeverity, type Severity } from '../../model/severity.ts';
import type { Executor } from '../../stores/control/index.ts';
import {
  insertEscalatedEpisodes,
  listEscalatedEpisodes,
  listEscalationsOf,
  saveEscalation,
} from '../../stores/control/index.ts';
import { isAcknowledged, type RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import type { Incident } from '../incidents/incident.ts';
import type { IncidentFollower, IncidentMove, IncidentTable } from '../incidents/incident-table.ts';
import type { NotificationCentre } from '../notices/notification-centre.ts';
import { tellEnd } from './end-notice.ts';
import { escalatedAlerts, type FindAlert, firstEnd } from './escalated-alerts.ts';
import {
  begunAnew,
  type Escalation,
  fromStoredEscalation,
  newEscalation,
  resumed,
  toStoredEscalation,
} from './escalation.ts';
import { escalationEvents } from './events.ts';
import { mergeEscalations, splitEscalations } from './move-escalations.ts';
import { ACK_TIMEOUT_MS, ALWAYS, type EscalationPolicy } from './policy.ts';
import type { EscalationPolicyBook } from './policy-book.ts';

export interface EscalationDeskOptions {
  readonly policies: EscalationPolicyBook;
  readonly incidents: IncidentTable;
  readonly notifications: NotificationCentre;
  readonly findAlert: FindAlert;
  /** Threads of what receivers were told of an alert. */
  readonly threadsOf: (episodeId: string) => readonly string[];
  /** Base of the links in notifications. */
  readonly publicUrl: string;
}

/** Alerts of which their receiver was just told. */
interface Told {
  /** Ids or names of the policies that the rule and the receiver have chosen. */
  readonly policies: readonly string[];
  readonly firing: readonly RoutedAlert[];
}

/**
 * Begins escalations, halts and ends them, in the transactions in which that comes about. One escalation is about one
 * incident, under each policy that its alerts go by: an alert that joins the incident does not page anew.
 */
export class EscalationDesk implements IncidentFollower {
  readonly #options: EscalationDeskOptions;

  constructor(options: EscalationDeskOptions) {
    this.#options = options;
    options.incidents.follow(this);
  }

  /** Alerts were told: the escalations of their incidents begin, or go on. */
  async told({ policies, firing }: Told, turn: Turn): Promise<void> {
    if (policies.length === 0 || firing.length === 0) return;
    const { incidents } = this.#options;
    for (const reference of new Set(policies)) {
      const policy = this.#options.policies.find(reference) ?? missingPolicy(reference);
      for (const [incident, alerts] of Map.groupBy(firing, ({ id }) => incidents.of(id))) {
        if (incident) await this.#toldOf(incident, policy, alerts, turn);
      }
    }
  }

  async #toldOf(
    incident: Incident,
    policy: EscalationPolicy,
    alerts: readonly RoutedAlert[],
    turn: Turn,
  ): Promise<void> {
    const { executor, at } = turn;
    const ids = alerts.map(({ id }) => id);
    const known = await listEscalatedEpisodes(executor, policy.id, ids);
    const joined = ids.filter((id) => !known.has(id));
    await insertEscalatedEpisodes(executor, policy.id, joined);
    const needy = alerts.filter((alert) => !isAcknowledged(alert, at));
    if (needy.length === 0) return;
    const severity = worst(needy);
    const escalation = (await this.#of([incident], executor)).find(
      (one) => one.policy.id === policy.id && one.state !== 'followed',
    );
    if (!escalation) {
      await this.#save(executor, newEscalation({ incidentId: incident.id, policy, severity }, at), at);
    } else if (compareSeverity(severity, escalation.severity) > 0) {
      await this.#save(executor, begunAnew(escalation, severity, at), at);
      const detail = { policy: policy.name, cause: 'severity_up', severity };
      escalationEvents(turn, { incident, alerts: needy }, 'escalation_restarted', detail);
    } else if (escalation.state === 'acknowledged' || (escalation.state === 'exhausted' && joined.length > 0)) {
      // Nobody has the new one in hand: those who were told last hear of it, nobody before them.
      await this.#save(executor, resumed(escalation, at), at);
      const detail = { policy: policy.name, cause: 'new_alerts' };
      escalationEvents(turn, { incident, alerts: needy }, 'escalation_restarted', detail);
    }
  }

  /** Somebody has these episodes in hand: where that is all that escalates of an incident, it halts. */
  async acknowledged(db: Executor, episodeIds: Iterable<string>, by: string, now: number): Promise<void> {
    const { findAlert, incidents } = this.#options;
    for (const escalation of await this.#of(incidentsOf(incidents, episodeIds), db)) {
      const incident = incidents.incidents.get(escalation.incidentId)!;
      const alerts = await escalatedAlerts(db, incident, escalation.policy.id, findAlert);
      if (!alerts.every((alert) => isAcknowledged(alert, now))) continue;
      await this.#cancel(db, escalation, `acknowledged by ${by}`);
      if (escalation.state === 'followed') continue;
      const halted = {
        ...escalation,
        state: 'acknowledged',
        nextAt: firstEnd(alerts),
        severity: worst(alerts),
      } as const;
      await this.#save(db, halted, now);
    }
  }

  /** Nobody wants to hear of these episodes for now: what waits of escalations about them alone is not sent. */
  async snoozed(
    db: Executor,
    episodeIds: Iterable<string>,
    isSnoozed: (episodeId: string) => boolean,
    by: string,
  ): Promise<void> {
    const { findAlert, incidents } = this.#options;
    for (const escalation of await this.#of(incidentsOf(incidents, episodeIds), db)) {
      const incident = incidents.incidents.get(escalation.incidentId)!;
      const alerts = await escalatedAlerts(db, incident, escalation.policy.id, findAlert);
      if (alerts.every(({ id }) => isSnoozed(id))) await this.#cancel(db, escalation, `snoozed by ${by}`);
    }
  }

  /** Until when an acknowledgement of the episode holds that does not say so; null: until the alert ends. */
  async ackUntil(
    db: Executor,
    { id, severity }: Pick<RoutedAlert, 'id' | 'severity'>,
    now: number,
  ): Promise<number | null> {
    if (severity !== 'critical') return null;
    let until: number | null = null;
    for (const { policy } of await this.#of(incidentsOf(this.#options.incidents, [id]), db)) {
      if (policy.ackTimeoutMs === null) continue;
      if (!(await listEscalatedEpisodes(db, policy.id, [id])).has(id)) continue;
      until = Math.min(until ?? Number.POSITIVE_INFINITY, now + policy.ackTimeoutMs);
    }
    return until;
  }

  /** What escalates goes along with its alerts. */
  async moved(turn: Turn, { kind, from, to }: IncidentMove): Promise<void> {
    const { executor, at } = turn;
    const open = await this.#of([from, to], executor);
    const [left, present] = [from, to].map(({ id }) => open.filter((one) => one.incidentId === id));
    const alertsOf = (policyId: string, incident: Incident) =>
      escalatedAlerts(executor, incident, policyId, this.#options.findAlert);
    const changed =
      kind === 'merged'
        ? mergeEscalations(left!, present!, to.id, at)
        : await splitEscalations(left!, { from, to }, alertsOf, at);
    for (const escalation of changed) await this.#save(executor, escalation, at);
  }

  /** Ends what nothing fires of any more; true where somebody is told. */
  async ended(turn: Turn, incidents: readonly Incident[]): Promise<boolean> {
    let hasTold = false;
    const byIncident = Map.groupBy(await this.#of(incidents, turn.executor), ({ incidentId }) => incidentId);
    for (const incident of incidents) {
      if (await this.#endWhatIsOver(byIncident.get(incident.id) ?? [], incident, turn)) hasTold = true;
    }
    return hasTold;
  }

  async #endWhatIsOver(open: readonly Escalation[], incident: Incident, turn: Turn): Promise<boolean> {
    const { findAlert } = this.#options;
    let hasTold = false;
    for (const escalation of open) {
      const firing = await escalatedAlerts(turn.executor, incident, escalation.policy.id, findAlert);
      if (firing.length > 0) {
        await this.#lower(escalation, firing, turn);
        continue;
      }
      await this.#save(turn.executor, { ...escalation, state: 'closed', nextAt: null }, turn.at);
      if (await tellEnd(escalation, incident, turn, this.#options)) hasTold = true;
    }
    return hasTold;
  }

  /**
   * What is left of what stands still is milder: what is worse again begins it anew. What still goes on keeps its mark,
   * so that an alert that comes and goes does not hold it at its first step.
   */
  async #lower(escalation: Escalation, firing: readonly RoutedAlert[], { executor, at }: Turn): Promise<void> {
    const severity = worst(firing);
    const standsStill = escalation.state === 'acknowledged' || escalation.state === 'exhausted';
    if (!standsStill || compareSeverity(severity, escalation.severity) >= 0) return;
    await this.#save(executor, { ...escalation, severity }, at);
  }

  async #cancel(db: Executor, { threadId }: Escalation, reason: string): Promise<void> {
    await this.#options.notifications.cancelEpisode(db, threadId, reason);
  }

  async #of(incidents: Iterable<Incident>, db: Executor): Promise<Escalation[]> {
    return (
      await listEscalationsOf(
        db,
        [...incidents].map(({ id }) => id),
      )
    ).map(fromStoredEscalation);
  }

  #save(db: Executor, escalation: Escalation, now: number): Promise<void> {
    return saveEscalation(db, toStoredEscalation({ ...escalation, updatedAt: now }));
  }
}

function incidentsOf(table: IncidentTable, episodeIds: Iterable<string>): Set<Incident> {
  return new Set([...episodeIds].map((id) => table.of(id)).filter((incident) => incident !== undefined));
}

function worst(alerts: readonly RoutedAlert[]): Severity {
  return alerts.map(({ severity }) => severity).reduce((a, b) => (compareSeverity(a, b) >= 0 ? a : b));
}

/** In the place of one that is gone: its only step reaches nobody, so that the default recipients hear of it. */
function missingPolicy(reference: string): EscalationPolicy {
  const step = { delayMs: 300_000, targets: [], urgency: null, conditions: ALWAYS };
  return {
    id: reference,
    name: `${reference} (there is no such policy)`,
    description: '',
    steps: [step],
    repeat: 0,
    fallback: [],
    ackTimeoutMs: ACK_TIMEOUT_MS,
    origin: 'api',
    createdAt: 0,
    updatedAt: 0,
  };
}
