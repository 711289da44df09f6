import { newId } from '../../lib/id.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import type { Incident } from '../incidents/incident.ts';

type EscalationEventKind =
  | 'escalated'
  | 'escalation_skipped'
  | 'escalation_postponed'
  | 'escalation_fallback'
  | 'escalation_exhausted'
  | 'escalation_restarted'
  | 'acknowledgement_expired';

/** Writes into the timeline of the incident, and into that of each alert. */
export function escalationEvents(
  turn: Turn,
  { incident, alerts }: { readonly incident: Incident; readonly alerts: readonly Pick<RoutedAlert, 'id'>[] },
  kind: EscalationEventKind,
  detail: Readonly<Record<string, unknown>>,
): void {
  turn.noteIncident(incident, kind, detail);
  for (const { id } of alerts) {
    turn.event({
      id: newId(),
      episode_id: id,
      kind,
      at: turn.at,
      actor: null,
      detail: JSON.stringify(detail),
    });
  }
}
