import type { Severity } from '../../model/severity.ts';
import { compareSeverity } from '../../model/severity.ts';
import { countEpisodesSince, saveEscalation } from '../../stores/control/index.ts';
import { suppressionKeys } from '../grouping/decide.ts';
import type { Group } from '../grouping/group.ts';
import { isAcknowledged, type RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import { type Escalation, resumed, toStoredEscalation } from './escalation.ts';
import type { EscalationSweepOptions } from './escalation-sweep.ts';
import { escalationEvents } from './events.ts';
import { type Facts, nextMove, type Position, type SkippedStep } from './next-move.ts';
import { page } from './page.ts';

/** How often it is looked whether what suppresses the alerts is over. */
const HELD_AGAIN_MS = 15_000;

/** One escalation that is due: what it does, and where it stands then, within the turn's transaction. */
export async function goOn(escalation: Escalation, turn: Turn, options: EscalationSweepOptions): Promise<void> {
  const save = async (next: Escalation) => {
    await saveEscalation(turn.executor, toStoredEscalation({ ...next, updatedAt: turn.at }));
    options.crashPoint?.('position_saved');
  };
  const group = groupOf(escalation, options);
  const firing = group ? firingOf(group, options) : [];
  if (!group || firing.length === 0) return save({ ...escalation, state: 'closed', nextAt: null });
  const needy = firing.filter((alert) => !isAcknowledged(alert, turn.at));
  if (needy.length === 0) return save({ ...escalation, state: 'acknowledged', nextAt: firstEnd(firing) });
  const current = escalation.state === 'acknowledged' ? expired(escalation, needy, turn) : escalation;
  const heldBy = suppressorOf(needy, turn.at, options);
  if (heldBy !== '') {
    const again = turn.at + HELD_AGAIN_MS;
    if (heldBy !== current.heldBy) {
      escalationEvents(turn, needy, 'escalation_postponed', { policy: current.policy.name, suppressed_by: heldBy });
    }
    return save({ ...current, heldBy, dueAt: Math.max(current.dueAt, again), nextAt: again });
  }
  const audible = needy.filter((alert) => options.dispatcher.suppressionsOf(alert, turn.at).length === 0);
  await save(await move({ ...current, heldBy: '' }, group, audible, turn, options));
}

async function move(
  escalation: Escalation,
  group: Group,
  alerts: readonly RoutedAlert[],
  turn: Turn,
  options: EscalationSweepOptions,
): Promise<Escalation> {
  const { policy } = escalation;
  const facts = await factsOf(escalation, alerts, turn);
  const next = nextMove(policy, escalation, facts, turn.at);
  noteSkipped(next.skipped, escalation, alerts, turn);
  if (next.kind === 'end') {
    escalationEvents(turn, alerts, 'escalation_exhausted', { policy: policy.name });
    return { ...escalation, state: 'exhausted', nextAt: null };
  }
  if (next.kind === 'wait') {
    if (next.why === 'window') {
      const detail = { policy: policy.name, step: next.next.step + 1, until: new Date(next.lookAt).toISOString() };
      escalationEvents(turn, alerts, 'escalation_postponed', detail);
    }
    return moved(escalation, next.next, next.lookAt);
  }
  options.crashPoint?.('step_chosen');
  const sequence = escalation.sequence + 1;
  await page({ escalation, sequence, run: next.run, group, alerts, severity: facts.severity }, turn, options);
  options.crashPoint?.('step_enqueued');
  const last = { step: next.run.step, loop: next.run.loop };
  return { ...moved(escalation, next.next, next.next.dueAt), last, sequence };
}

function moved(escalation: Escalation, { step, loop, dueAt }: Position, lookAt: number): Escalation {
  // Hours that never come again: nothing is left but to look again when something happens.
  if (!Number.isFinite(lookAt)) return { ...escalation, state: 'waiting', step, loop, nextAt: null };
  return { ...escalation, state: 'waiting', step, loop, dueAt, nextAt: lookAt };
}

function expired(escalation: Escalation, needy: readonly RoutedAlert[], turn: Turn): Escalation {
  const over = needy.filter(({ acknowledgement }) => acknowledgement !== null);
  escalationEvents(turn, over, 'acknowledgement_expired', { policy: escalation.policy.name });
  return resumed(escalation, turn.at);
}

function groupOf({ threadId }: Escalation, { dispatcher }: EscalationSweepOptions): Group | undefined {
  for (const group of dispatcher.table.groups.values()) if (group.threadId === threadId) return group;
  return undefined;
}

function firingOf(group: Group, { dispatcher }: EscalationSweepOptions): RoutedAlert[] {
  return [...group.members.keys()].flatMap((id) => {
    const alert = dispatcher.table.alerts.get(id);
    return alert && alert.resolvedAt === null ? [alert] : [];
  });
}

/** When the first acknowledgement ends; null: none does. */
function firstEnd(alerts: readonly RoutedAlert[]): number | null {
  const ends = alerts.map(({ acknowledgement }) => acknowledgement?.until ?? null).filter((until) => until !== null);
  return ends.length === 0 ? null : Math.min(...ends);
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

function noteSkipped(
  skipped: readonly SkippedStep[],
  { policy }: Escalation,
  alerts: readonly RoutedAlert[],
  turn: Turn,
): void {
  if (skipped.length === 0) return;
  const steps = skipped.map(({ step, loop, why }) => ({ step: step + 1, round: loop + 1, why }));
  escalationEvents(turn, alerts, 'escalation_skipped', { policy: policy.name, steps });
}
