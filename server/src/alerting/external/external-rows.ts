import { newId } from '../../lib/id.ts';
import type { Labels } from '../../model/labels.ts';
import { environmentOf, serviceOfLabels } from '../../model/service.ts';
import type { StoredEpisode } from '../../stores/control/index.ts';
import type { Instance, OpenEpisode } from '../evaluation/live-rule.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import type { InstanceState } from '../machine/instance-state.ts';
import type { ResolveReason } from '../machine/step.ts';
import { type AlertRule, FORM_DEFAULTS } from '../rules/alert-rule.ts';

/** Ends an alert: its episode, and what is told of it. */
export function resolveExternal(alert: RoutedAlert, reason: ResolveReason, turn: Turn): void {
  turn.endEpisode(alert.id, reason);
  turn.event({
    id: newId(),
    episode_id: alert.id,
    kind: 'resolved',
    at: turn.at,
    actor: null,
    detail: JSON.stringify({ value: null, severity: alert.severity, reason }),
  });
  turn.resolve({ ...alert, resolvedAt: turn.at });
}

/** An alert as an instance of its rule, worked out when it is asked for: of most alerts nobody ever does. */
export class ExternalInstance implements Instance {
  readonly #alert: RoutedAlert;

  constructor(alert: RoutedAlert) {
    this.#alert = alert;
  }

  get fingerprint(): string {
    return this.#alert.fingerprint;
  }

  get identity(): Labels {
    return this.#alert.labels;
  }

  get state(): InstanceState {
    const { startsAt, updatedAt, severity } = this.#alert;
    return {
      name: 'firing',
      since: startsAt,
      startedAt: startsAt,
      heldMs: 0,
      observedAt: updatedAt,
      missing: null,
      value: null,
      peak: null,
      severity,
      reason: 'condition',
      closed: null,
    };
  }

  get episode(): OpenEpisode {
    const { id, startsAt, acknowledgement } = this.#alert;
    return { id, startedAt: startsAt, firedAt: startsAt, acknowledgement };
  }
}

export function episodeRow(alert: RoutedAlert, rule: AlertRule, now: number): StoredEpisode {
  return {
    id: alert.id,
    rule_id: rule.id,
    rule_name: rule.name,
    severity: alert.severity,
    service: serviceOfLabels(alert.labels),
    environment: environmentOf(alert.labels),
    fingerprint: alert.fingerprint,
    labels: JSON.stringify(alert.labels),
    state: 'firing',
    started_at: alert.startsAt,
    fired_at: now,
    ended_at: null,
    peak_value: null,
    last_value: null,
    threshold: null,
    acknowledged_by: null,
    acknowledged_at: null,
    acknowledged_until: null,
    resolved_by: null,
    resolve_reason: null,
    incident_id: null,
    joined_at: null,
    join_reason: null,
  };
}

/** The rule under which all alerts of a name run. */
export function externalRule(name: string, severity: AlertRule['severity'], now: number): AlertRule {
  return {
    id: newId(),
    version: 1,
    createdAt: now,
    updatedAt: now,
    ...FORM_DEFAULTS,
    name,
    description: 'Raised by another program',
    severity,
    intervalMs: 60_000,
    condition: { kind: 'external', comparison: null },
    inferredFrom: null,
  };
}
