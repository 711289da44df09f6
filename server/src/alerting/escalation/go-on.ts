import type { Severity } from '../../model/severity.ts';
import { compareSeverity } from '../../model/severity.ts';
import { countEpisodesSince, saveEscalation } from '../../stores/control/index.ts';
import { suppressionKeys } from '../grouping/decide.ts';
import { isAcknowledged, type RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import type { Incident } from '../incidents/incident.ts';
import { tellEnd } from './end-notice.ts';
import { escalatedAlerts, firstEnd } from './escalated-alerts.ts';
import { type Escalation, resumed, toStoredEscalation } from './escalation.ts';
import type { EscalationSweepOptions } from './escalation-sweep.ts';
import { escalationEvents } from './events.ts';
import { type Facts, nextMove, type Position, type SkippedStep } from './next-move.ts';
import { page } from './page.ts';

/** How often it is looked whether what suppresses the alerts is over. */
const HELD_AGAIN_MS = 15_000;

/** What an escalation is about: alerts of an incident that go by its policy. */
interface Concerned {
  readonly incident: Incident;
  readonly alerts: readonly RoutedAlert[];
}

/** One escalation that is due: what it does, and where it stands then, within the turn's transaction. */
export async function goOn(escalation: Escalation, turn: Turn, options: EscalationSweepOptions): Promise<void> {
  const save = async (next: Escalation) => {
    await saveEscalation(turn.executor, toStoredEscalation({ ...next, updatedAt: turn.at }));
    options.crashPoint?.('position_saved');
  };
  const { dispatcher } = options;
  const incident = dispatcher.incidents.incidents.get(escalation.incidentId);
  if (!incident) return save({ ...escalation, state: 'closed', nextAt: null });
  const findAlert = (id: string) => dispatcher.table.alerts.get(id);
  const firing = await escalatedAlerts(turn.executor, incident, escalation.policy.id, findAlert);
  if (firing.length === 0) {
    await save({ ...escalation, state: 'closed', nextAt: null });
    await tellEnd(escalation, incident, turn, { ...options, findAlert, threadsOf: (id) => dispatcher.threadsOf(id) });
    return;
  }
  const needy = firing.filter((alert) => !isAcknowledged(alert, turn.at));
  if (needy.length === 0) return save({ ...escalation, state: 'acknowledged', nextAt: firstEnd(firing) });
  const current =
    escalation.state === 'acknowledged' ? expired(escalation, { incident, alerts: needy }, turn) : escalation;
  const heldBy = suppressorOf(needy, turn.at, options);
  if (heldBy !== '') {
    const again = turn.at + HELD_AGAIN_MS;
    if (heldBy !== current.heldBy) {
      const detail = { policy: current.policy.name, suppressed_by: heldBy };
      escalationEvents(turn, { incident, alerts: needy }, 'escalation_postponed', detail);
    }
    return save({ ...current, heldBy, dueAt: Math.max(current.dueAt, again), nextAt: again });
  }
  const audible = needy.filter((alert) => options.dispatcher.suppressionsOf(alert, turn.at).length === 0);
  await save(await move({ ...current, heldBy: '' }, { incident, alerts: audible }, turn, options));
}

async function move(
  escalation: Escalation,
  about: Concerned,
  turn: Turn,
  options: EscalationSweepOptions,
): Promise<Escalation> {
  const { policy } = escalation;
  const facts = await factsOf(escalation, about.alerts, turn);
  const next = nextMove(policy, escalation, facts, turn.at);
  noteSkipped(next.skipped, escalation, about, turn);
  if (next.kind === 'end') {
    escalationEvents(turn, about, 'escalation_exhausted', { policy: policy.name });
    return { ...escalation, state: 'exhausted', nextAt: null, severity: facts.severity };
  }
  if (next.kind === 'wait') {
    if (next.why === 'window') {
      const detail = { policy: policy.name, step: next.next.step + 1, until: new Date(next.lookAt).toISOString() };
      escalationEvents(turn, about, 'escalation_postponed', detail);
    }
    return moved(escalation, next.next, next.lookAt);
  }
  options.crashPoint?.('step_chosen');
  const sequence = escalation.sequence + 1;
  await page({ escalation, sequence, run: next.run, ...about, severity: facts.severity }, turn, options);
  options.crashPoint?.('step_enqueued');
  const last = { step: next.run.step, loop: next.run.loop };
  return { ...moved(escalation, next.next, next.next.dueAt), last, sequence };
}

function moved(escalation: Escalation, { step, loop, dueAt }: Position, lookAt: number): Escalation {
  // Hours that never come again: nothing is left but to look again when something happens.
  if (!Number.isFinite(lookAt)) return { ...escalation, state: 'waiting', step, loop, nextAt: null };
  return { ...escalation, state: 'waiting', step, loop, dueAt, nextAt: lookAt };
}

function expired(escalation: Escalation, { incident, alerts }: Concerned, turn: Turn): Escalation {
  const over = alerts.filter(({ acknowledgement }) => acknowledgement !== null);
  const detail = { policy: escalation.policy.name };
  escalationEvents(turn, { incident, alerts: over }, 'acknowledgement_expired', detail);
  return resumed(escalation, turn.at);
}

/** What keeps all of the alerts from being told; empty where it is not so for all. */
function suppressorOf(alerts: readonly RoutedAlert[], now: number, { dispatcher }: EscalationSweepOptions): string {
  const found = alerts.map((alert) => suppressionKeys(dispatcher.suppressionsOf(alert, now)));
  return found.every((keys) => keys.length > 0) ? found[0]!.join() : '';
}

async function factsOf({ policy }: Escalation, alerts: readonly RoutedAlert[], turn: Turn): Promise<Facts> {
  const severities = alerts.map(({ severity }) => severity);
  const severity = severities.reduce<Severity>((a, b) => (compareSeverity(a, b) >= 0 ? a : b), severities[0]!);
  const ruleIds = [...new Set(alerts.map(({ ruleId }) => ruleId))];
  const counts = new Map<number, number>();
  for (const { conditions } of policy.steps) {
    const withinMs = conditions.count?.withinMs;
    if (withinMs === undefined || counts.has(withinMs)) continue;
    counts.set(withinMs, await countEpisodesSince(turn.executor, ruleIds, turn.at - withinMs));
  }
  return { severity, count: (withinMs) => counts.get(withinMs) ?? 0 };
}

function noteSkipped(skipped: readonly SkippedStep[], { policy }: Escalation, about: Concerned, turn: Turn): void {
  if (skipped.length === 0) return;
  const steps = skipped.map(({ step, loop, why }) => ({ step: step + 1, round: loop + 1, why }));
  escalationEvents(turn, about, 'escalation_skipped', { policy: policy.name, steps });
}
