import { newId } from '../../lib/id.ts';
import { compareSeverity } from '../../model/severity.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import type { Incident } from '../incidents/incident.ts';
import type { Escalation } from './escalation.ts';

/** Which of two goes on where two incidents become one: the one that somebody still has to answer, then the further one. */
const ORDER: readonly Escalation['state'][] = ['waiting', 'acknowledged', 'exhausted', 'followed', 'closed'];

/**
 * The escalations of an incident whose alerts go on in another. Of two under one policy one goes on, and those who were
 * told by the other hear of the end still.
 */
export function mergeEscalations(
  moved: readonly Escalation[],
  present: readonly Escalation[],
  into: string,
  now: number,
): Escalation[] {
  const changed: Escalation[] = [];
  for (const escalation of moved) {
    const mine = { ...escalation, incidentId: into };
    const rival = present.find(
      ({ policy, state }) => policy.id === mine.policy.id && state !== 'followed' && mine.state !== 'followed',
    );
    if (!rival) changed.push(mine);
    else if (goesBefore(mine, rival)) changed.push(goesOn(mine, rival, now), followed(rival));
    else changed.push(goesOn(rival, mine, now), followed(mine));
  }
  return changed;
}

/** Alerts go on as an incident of their own: what escalates of them goes on there, where it stood. */
export async function splitEscalations(
  open: readonly Escalation[],
  { from, to }: { readonly from: Incident; readonly to: Incident },
  alertsOf: (policyId: string, incident: Incident) => Promise<readonly RoutedAlert[]>,
  now: number,
): Promise<Escalation[]> {
  const changed: Escalation[] = [];
  for (const escalation of open) {
    if ((await alertsOf(escalation.policy.id, to)).length === 0) continue;
    const moved = { ...escalation, incidentId: to.id };
    const stays = (await alertsOf(escalation.policy.id, from)).length > 0;
    if (!stays) changed.push(moved);
    else if (escalation.state !== 'followed') changed.push({ ...moved, threadId: newId(), startedAt: now });
  }
  return changed;
}

function goesBefore(a: Escalation, b: Escalation): boolean {
  if (a.state !== b.state) return ORDER.indexOf(a.state) < ORDER.indexOf(b.state);
  return a.loop !== b.loop ? a.loop > b.loop : a.step > b.step;
}

/** An acknowledgement of one says nothing of the other's alerts: that is looked at at once. */
function goesOn(one: Escalation, other: Escalation, now: number): Escalation {
  const severity = compareSeverity(one.severity, other.severity) >= 0 ? one.severity : other.severity;
  return { ...one, severity, nextAt: one.state === 'acknowledged' ? now : one.nextAt };
}

function followed(escalation: Escalation): Escalation {
  return { ...escalation, state: 'followed', nextAt: null };
}
